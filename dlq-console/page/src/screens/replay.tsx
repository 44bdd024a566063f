/** One bulk replay: what it froze, how far it is, what became of each item. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Popconfirm, Progress, Select, Space, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Replay, type Schemas } from '../api.ts';
import { useRefetchInterval } from '../live.tsx';
import { StateMark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { percentDone } from '../progress.ts';
import { StartForm, type StartWish } from '../replay-start-form.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Act = 'pause' | 'resume' | 'cancel';
type Item = Schemas['ReplayItems']['items'][number];
const itemStates = [
  'ineligible',
  'waiting',
  'under_way',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
] as const;

export function ReplayScreen() {
  const { t } = useTranslation();
  const { replayId = '' } = useParams();
  const refetchInterval = useRefetchInterval();
  const replay = useQuery({
    queryKey: ['replay', replayId],
    queryFn: () => answered(api.GET('/ops/v1/replays/{replayId}', { params: { path: { replayId } } })),
    refetchInterval,
  });
  return (
    <Screen title={t('replay.title', { id: replayId })}>
      <Loaded of={replay}>
        {(one) => (
          <>
            <Standing replay={one} />
            <Acts replay={one} />
            <Items replayId={replayId} />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

function Standing({ replay }: { readonly replay: Replay }) {
  const { t } = useTranslation();
  const { state, pauseCause, ineligible } = replay;
  const facts = [
    ['state', <StateMark key="state" of="replayState" state={state} />],
    ['eligible', replay.eligible],
    ['users', replay.users],
    ['points', pointsInWords(replay.points)],
    ['channel', replay.channels.join(', ')],
    ['rate', replay.ratePerSecond],
    ['canary', replay.canary],
    ['estimate', t('seconds', { count: replay.estimatedSeconds })],
    ['waiting', replay.waiting],
    ['underWay', replay.underWay],
    ['succeeded', replay.succeeded],
    ['failed', replay.failed],
    ['skipped', replay.skipped],
    ['cancelled', replay.cancelled],
    ['by', replay.previewedBy],
    ['at', timeInWords(replay.previewedAt)],
  ] as const;
  const refused = Object.entries(ineligible);
  return (
    <>
      <div aria-live="polite">
        <Progress
          percent={percentDone(replay)}
          status={replay.failed > 0 ? 'exception' : 'normal'}
          aria-label={t('column.progress')}
        />
      </div>
      {pauseCause === null || state !== 'paused' ? null : (
        <Alert type="warning" showIcon title={t('replay.pausedBecause')} description={pauseCause} />
      )}
      <Descriptions
        bordered
        size="small"
        column={{ xs: 1, sm: 2, md: 2, lg: 4 }}
        items={facts.map(([name, children]) => ({ key: name, label: t(`column.${name}`), children }))}
      />
      {refused.length === 0 ? null : (
        <Typography.Paragraph>
          {t('replay.notEligible')}{' '}
          {refused.map(([reason, count]) => `${t(`ineligible.${reason}`)}: ${count}`).join(' · ')}
        </Typography.Paragraph>
      )}
    </>
  );
}

function Acts({ replay }: { readonly replay: Replay }) {
  const { t } = useTranslation();
  const { permissions, name } = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isStarting, setStarting] = useState(false);
  const params = { path: { replayId: replay.id } };
  const lookAgain = () => queries.invalidateQueries({ queryKey: ['replay', replay.id] });
  const start = useMutation({
    mutationFn: (body: StartWish) => answered(api.POST('/ops/v1/replays/{replayId}/start', { params, body })),
    onSuccess: () => setStarting(false),
    onSettled: lookAgain,
  });
  const act = useMutation({
    mutationFn: (what: Act) => answered(api.POST(`/ops/v1/replays/{replayId}/${what}`, { params, body: {} })),
    onSettled: lookAgain,
  });
  const retryFailed = useMutation({
    mutationFn: async () => {
      const { id } = await answered(
        api.POST('/ops/v1/replays/{replayId}/retry-failed', { params, body: {} }),
      );
      await navigate(`/replays/${id}`);
    },
  });
  if (!permissions.includes('replay.run')) return null;
  const isOwn = replay.previewedBy === name;
  const { state } = replay;
  return (
    <>
      <Space wrap className="pages">
        {state === 'previewed' ? (
          <Button
            type="primary"
            disabled={!isOwn || replay.eligible === 0}
            title={isOwn ? undefined : t('replay.notYours')}
            onClick={() => setStarting(true)}
          >
            {t('replay.start')}
          </Button>
        ) : null}
        {state === 'running' ? (
          <Button disabled={act.isPending} onClick={() => act.mutate('pause')}>
            {t('replay.pause')}
          </Button>
        ) : null}
        {state === 'paused' ? (
          <Button type="primary" disabled={act.isPending} onClick={() => act.mutate('resume')}>
            {t('replay.resume')}
          </Button>
        ) : null}
        {state === 'running' || state === 'paused' || state === 'previewed' ? (
          <Popconfirm
            title={t('replay.cancelMeans', { begun: replay.begun })}
            okText={t('replay.cancel')}
            cancelText={t('cancel')}
            onConfirm={() => act.mutate('cancel')}
          >
            <Button danger disabled={act.isPending}>
              {t('replay.cancel')}
            </Button>
          </Popconfirm>
        ) : null}
        {(state === 'done' || state === 'cancelled') && replay.failed > 0 ? (
          <Button disabled={retryFailed.isPending} onClick={() => retryFailed.mutate()}>
            {t('replay.retryFailed')}
          </Button>
        ) : null}
      </Space>
      <TroubleNote
        trouble={act.error ?? retryFailed.error}
        onClose={() => {
          act.reset();
          retryFailed.reset();
        }}
      />
      {isStarting ? (
        <StartForm
          replay={replay}
          isPending={start.isPending}
          trouble={start.error}
          start={(wish) => start.mutate(wish)}
          close={() => setStarting(false)}
        />
      ) : null}
    </>
  );
}

const itemsPerPage = 50;

function Items({ replayId }: { readonly replayId: string }) {
  const { t } = useTranslation();
  const refetchInterval = useRefetchInterval();
  const [state, setState] = useState<(typeof itemStates)[number] | undefined>(undefined);
  const [cursor, setCursor] = useState(0);
  const query = { limit: itemsPerPage, cursor, ...(state === undefined ? {} : { state }) };
  const items = useQuery({
    queryKey: ['replay-items', replayId, query],
    queryFn: () =>
      answered(api.GET('/ops/v1/replays/{replayId}/items', { params: { path: { replayId }, query } })),
    placeholderData: (before) => before,
    refetchInterval,
  });
  return (
    <section aria-label={t('replay.items')}>
      <Typography.Title level={2}>{t('replay.items')}</Typography.Title>
      <Select
        aria-label={t('column.state')}
        allowClear
        placeholder={t('all')}
        className="narrow"
        value={state ?? null}
        onChange={(chosen) => {
          setCursor(0);
          setState(chosen ?? undefined);
        }}
        options={itemStates.map((one) => ({ value: one, label: t(`itemState.${one}`) }))}
      />
      <Loaded of={items}>
        {({ items: found, next }) => (
          <>
            <WideTable<Item>
              rowKey="number"
              dataSource={found}
              pagination={false}
              locale={{ emptyText: <Nothing /> }}
              columns={[
                { title: '#', dataIndex: 'number' },
                {
                  title: t('column.case'),
                  render: (_, { caseId }) => <Link to={`/cases/${caseId}`}>{caseId}</Link>,
                },
                { title: t('column.channel'), render: (_, { channel }) => channel ?? '–' },
                { title: t('column.orderId'), render: (_, { orderId }) => <Outside text={orderId} /> },
                {
                  title: t('column.points'),
                  align: 'right',
                  render: (_, { points }) => (points === null ? '–' : pointsInWords(points)),
                },
                {
                  title: t('column.state'),
                  render: (_, item) => <StateMark of="itemState" state={item.state} />,
                },
                { title: t('column.outcome'), render: (_, { outcome }) => <Outside text={outcome} /> },
                { title: t('column.at'), render: (_, { endedAt }) => timeInWords(endedAt) },
              ]}
            />
            <Space className="pages">
              <Button disabled={cursor === 0} onClick={() => setCursor(0)}>
                {t('firstPage')}
              </Button>
              <Button disabled={next === undefined} onClick={() => setCursor(next ?? 0)}>
                {t('nextPage')}
              </Button>
            </Space>
          </>
        )}
      </Loaded>
    </section>
  );
}
