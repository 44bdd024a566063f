/** What every screen has: a heading, its trouble, and a sign of what is still loading. */
import { Empty, Spin, Typography } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly title: string;
  readonly extra?: ReactNode;
  readonly children: ReactNode;
}

export function Screen({ title, extra, children }: Properties) {
  return (
    <>
      <title>{title}</title>
      <Typography.Title level={1} className="title">
        {title}
      </Typography.Title>
      {extra}
      {children}
    </>
  );
}

interface Asked<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** What was asked for. What was seen stays, beside why it could not be looked at again. */
export function Loaded<Data>({
  of: { data, error, refetch },
  children,
}: {
  readonly of: Asked<Data>;
  readonly children: (data: Data) => ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <>
      <TroubleNote trouble={error} onRetry={() => void refetch()} />
      {data === undefined ? error === null ? <Spin description={t('loading')} /> : null : children(data)}
    </>
  );
}

export function Nothing() {
  const { t } = useTranslation();
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('nothing')} />;
}
