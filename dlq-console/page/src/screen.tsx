/** What every screen has: a heading, its trouble, and a sign of what is still loading. */
import { Empty, Skeleton, Typography } from 'antd';
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

/** What a query knows by now. */
export interface Asked<Data> {
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
  return (
    <>
      <TroubleNote trouble={error} onRetry={() => void refetch()} />
      {data === undefined ? error === null ? <Loading /> : null : children(data)}
    </>
  );
}

/** Takes about the room of what will stand here. */
function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy="true" aria-label={t('loading')}>
      <Skeleton active={false} title={false} paragraph={{ rows: 6 }} />
    </div>
  );
}

/** @param hint what to do, or what it means that there is nothing */
export function Nothing({ hint }: { readonly hint?: string }) {
  const { t } = useTranslation();
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={hint ?? t('nothing')} />;
}
