/** What remotes and shoppers wrote: text and nothing else, however it looks. */
import { Button, Space, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { partsOf } from './unseen.ts';

const shownAtFirst = 20_000;
/** More in one go would hold up the page. */
const shownMore = 200_000;

/** A word or a line from outside: marks that turn the direction of writing end where it ends. */
export function Outside({ text }: { readonly text: string | null }) {
  return (
    <bdi className="outside">
      <Seen text={text ?? '–'} />
    </bdi>
  );
}

/** A document from outside. Of a long one the beginning; more of it, or all of it as a file, when asked for. */
export function Raw({ value, label }: { readonly value: unknown; readonly label: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(shownAtFirst);
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '–');
  return (
    <Space orientation="vertical" className="wide">
      <pre className="raw" tabIndex={0} role="region" aria-label={label}>
        <Seen text={text.slice(0, shown)} />
      </pre>
      {text.length > shown ? (
        <Space wrap>
          <Typography.Text>{t('raw.cut', { shown, all: text.length })}</Typography.Text>
          <Button onClick={() => setShown(shown + shownMore)}>{t('raw.more')}</Button>
          <Button onClick={() => saveAsFile(text)}>{t('raw.save')}</Button>
        </Space>
      ) : null}
    </Space>
  );
}

function Seen({ text }: { readonly text: string }) {
  return partsOf(text).map((part, index) =>
    part.isUnseen ? (
      <span key={index} className="unseen">
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}

/** As plain text, whatever it looks like: nothing opens it as anything else. */
function saveAsFile(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'points-hub.txt';
  link.click();
  URL.revokeObjectURL(url);
}
