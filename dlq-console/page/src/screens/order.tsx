/** One order: where it stands, each leg of it, and everything that happened. */
import { useQuery } from '@tanstack/react-query';
import { Descriptions, Space, Tag, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Order } from '../api.ts';
import { useRefetchInterval } from '../live.tsx';
import { Outside } from '../outside.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { LegDiagram, OrderDiagram } from '../state-diagram.tsx';
import { Timeline } from '../timeline.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Part = Order['deductions'][number];

/** No news is told of orders, for they are many; one that still moves is looked at as often as this. */
const movingLookMs = 3_000;

export function OrderScreen() {
  const { t } = useTranslation();
  const { orderRowId = '' } = useParams();
  const path = { orderRowId };
  const calm = useRefetchInterval();
  const found = useQuery({
    queryKey: ['order', orderRowId],
    queryFn: () => answered(api.GET('/ops/v1/orders/{orderRowId}', { params: { path } })),
    refetchInterval: (query) =>
      calm === false ? false : hasEnded(query.state.data) ? calm(query) : movingLookMs,
  });
  const timeline = useQuery({
    queryKey: ['order-timeline', orderRowId],
    queryFn: () => answered(api.GET('/ops/v1/orders/{orderRowId}/timeline', { params: { path } })),
    refetchInterval: calm === false || hasEnded(found.data) ? calm : movingLookMs,
  });
  return (
    <Screen title={t('order.title', { id: found.data?.orderId ?? '' })}>
      <Loaded of={found}>
        {(order) => (
          <>
            <Facts order={order} />
            <section aria-label={t('diagram.place')}>
              <Typography.Title level={2}>{t('diagram.place')}</Typography.Title>
              <OrderDiagram status={order.status} />
            </section>
            <section aria-label={t('order.deductions')}>
              <Typography.Title level={2}>{t('order.deductions')}</Typography.Title>
              <Parts parts={order.deductions} />
            </section>
            {order.refunds.length === 0 ? null : <Refunds refunds={order.refunds} />}
            <section aria-label={t('order.cases')}>
              <Typography.Title level={2}>{t('order.cases')}</Typography.Title>
              <Cases cases={order.cases} />
            </section>
          </>
        )}
      </Loaded>
      <section aria-label={t('timeline')}>
        <Typography.Title level={2}>{t('timeline')}</Typography.Title>
        <Loaded of={timeline}>{({ timeline: entries }) => <Timeline entries={entries} />}</Loaded>
      </section>
    </Screen>
  );
}

function hasEnded(order: Order | undefined): boolean {
  const isDone = ({ state }: Part): boolean => state === 'settled' || state === 'undone';
  return (
    order !== undefined && order.endedAt !== null && order.refunds.every(({ lines }) => lines.every(isDone))
  );
}

function Facts({ order }: { readonly order: Order }) {
  const { t } = useTranslation();
  const { orderId, mallId, status, user, reason, placedAt, deadlineAt, endedAt } = order;
  const facts = [
    [t('column.orderId'), <Outside key="order" text={orderId} />],
    [t('column.mallId'), mallId],
    [t('column.state'), <Tag key="status">{t(`orderStatus.${status}`)}</Tag>],
    [t('order.user'), user ?? '–'],
    [t('order.placed'), timeInWords(placedAt)],
    [t('order.deadline'), timeInWords(deadlineAt)],
    [t('order.ended'), timeInWords(endedAt)],
    [t('order.why'), reason === null ? '–' : <Outside key="why" text={reasonInWords(reason)} />],
  ] as const;
  return (
    <Descriptions
      bordered
      size="small"
      column={{ xs: 1, sm: 1, md: 1, lg: 2 }}
      items={facts.map(([label, children]) => ({ key: label, label, children }))}
    />
  );
}

function reasonInWords({ code, channel, leg }: NonNullable<Order['reason']>): string {
  return [code, channel, leg].filter((part) => part !== undefined).join(' · ');
}

function Parts({ parts }: { readonly parts: readonly Part[] }) {
  const { t } = useTranslation();
  return (
    <WideTable<Part>
      rowKey="channel"
      dataSource={[...parts]}
      pagination={false}
      locale={{ emptyText: <Nothing /> }}
      expandable={{
        // One deduction is what most orders have; its picture is seen without asking.
        defaultExpandedRowKeys: parts.length === 1 ? parts.map(({ channel }) => channel) : [],
        expandedRowRender: ({ legs }) => (
          <>
            <LegDiagram state={legs.points.state} leg={t('order.pointsLeg')} />
            <LegDiagram state={legs.quota.state} leg={t('order.quotaLeg')} />
          </>
        ),
      }}
      columns={[
        { title: t('column.channel'), dataIndex: 'channel' },
        { title: t('column.points'), align: 'right', render: (_, { points }) => pointsInWords(points) },
        { title: t('column.state'), render: (_, { state }) => <Tag>{t(`deductionState.${state}`)}</Tag> },
        { title: t('order.pointsLeg'), render: (_, { legs }) => <Leg leg={legs.points} /> },
        { title: t('order.quotaLeg'), render: (_, { legs }) => <Leg leg={legs.quota} /> },
        { title: t('order.attempts'), dataIndex: 'attempts', align: 'right' },
      ]}
    />
  );
}

function Leg({ leg: { state, moved, refusal } }: { readonly leg: Part['legs']['points'] }) {
  const { t } = useTranslation();
  const word = t(`legState.${state}`);
  if (refusal !== null) return <Outside text={t('order.refusedFor', { state: word, why: refusal })} />;
  return (
    <span>{moved === null ? word : t('order.moved', { state: word, points: pointsInWords(moved) })}</span>
  );
}

function Refunds({ refunds }: { readonly refunds: Order['refunds'] }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('order.refunds')}>
      <Typography.Title level={2}>{t('order.refunds')}</Typography.Title>
      {refunds.map(({ refundId, requestedAt, lines }) => (
        <section
          key={refundId}
          aria-label={t('order.refund', { id: refundId, at: timeInWords(requestedAt) })}
        >
          <Typography.Title level={3} className="part">
            <Outside text={t('order.refund', { id: refundId, at: timeInWords(requestedAt) })} />
          </Typography.Title>
          <Parts parts={lines} />
        </section>
      ))}
    </section>
  );
}

function Cases({ cases }: { readonly cases: Order['cases'] }) {
  const { t } = useTranslation();
  if (cases.length === 0) return <Typography.Text>{t('order.noCases')}</Typography.Text>;
  return (
    <ul className="plain">
      {cases.map(({ id, cause, state, channel, leg }) => (
        <li key={id}>
          <Space wrap>
            <Link to={`/cases/${id}`}>{t('caseTitle', { id })}</Link>
            <Tag>{t(`state.${state}`)}</Tag>
            <span>{[t(`cause.${cause}`), channel, leg].filter((part) => part !== null).join(' · ')}</span>
          </Space>
        </li>
      ))}
    </ul>
  );
}
