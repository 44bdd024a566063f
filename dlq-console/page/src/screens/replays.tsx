/** Bulk replays, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Replay } from '../api.ts';
import { useRefetchInterval } from '../live.tsx';
import { StateMark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { percentDone } from '../progress.ts';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

export function Replays() {
  const { t } = useTranslation();
  const refetchInterval = useRefetchInterval();
  const replays = useQuery({
    queryKey: ['replays'],
    queryFn: () => answered(api.GET('/ops/v1/replays', { params: { query: { limit: 50 } } })),
    refetchInterval,
  });
  return (
    <Screen title={t('place.replays')}>
      <Loaded of={replays}>
        {({ replays: found }) => (
          <WideTable<Replay>
            rowKey="id"
            dataSource={found}
            pagination={false}
            size="middle"
            locale={{ emptyText: <Nothing hint={t('desk.nothingRuns')} /> }}
            columns={[
              {
                title: t('column.replay'),
                render: (_, { id }) => (
                  <Link to={`/replays/${id}`} data-row="">
                    {t('replay.title', { id })}
                  </Link>
                ),
              },
              {
                title: t('column.state'),
                render: (_, { state }) => <StateMark of="replayState" state={state} />,
              },
              {
                title: t('column.progress'),
                render: (_, replay) => (
                  <Progress
                    percent={percentDone(replay)}
                    size="small"
                    status="normal"
                    aria-label={t('column.progress')}
                  />
                ),
              },
              { title: t('column.items'), dataIndex: 'eligible', align: 'right' },
              { title: t('column.succeeded'), dataIndex: 'succeeded', align: 'right' },
              { title: t('column.failed'), dataIndex: 'failed', align: 'right' },
              {
                title: t('column.points'),
                align: 'right',
                render: (_, { points }) => pointsInWords(points),
              },
              { title: t('column.by'), dataIndex: 'previewedBy' },
              { title: t('reason'), render: (_, { reason }) => <Outside text={reason} /> },
              { title: t('column.at'), render: (_, { previewedAt }) => timeInWords(previewedAt) },
            ]}
          />
        )}
      </Loaded>
    </Screen>
  );
}
