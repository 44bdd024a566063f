/** What remotes and shoppers wrote: text and nothing else, however it looks. */
import { Button, Space, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

const shownMax = 20_000;

/** A word or a line from outside: marks that turn the direction of writing end where it ends. */
export function Outside({ text }: { readonly text: string | null }) {
  return <bdi className="outside">{text ?? '–'}</bdi>;
}

/** A document from outside. Of a long one the beginning, and all of it when asked for. */
export function Raw({ value, label }: { readonly value: unknown; readonly label: string }) {
  const { t } = useTranslation();
  const [isWhole, setWhole] = useState(false);
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '–');
  const isLong = text.length > shownMax;
  return (
    <Space orientation="vertical" className="wide">
      <pre className="raw" tabIndex={0} role="region" aria-label={label}>
        {isLong && !isWhole ? text.slice(0, shownMax) : text}
      </pre>
      {isLong && !isWhole ? (
        <Space>
          <Typography.Text>{t('raw.cut', { shown: shownMax, all: text.length })}</Typography.Text>
          <Button onClick={() => setWhole(true)}>{t('raw.all')}</Button>
        </Space>
      ) : null}
    </Space>
  );
}
