/** What was asked to be given back or marked by hand, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Schemas } from '../api.ts';
import { useRefetchInterval } from '../live.tsx';
import { StateMark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Row = Schemas['Compensations']['compensations'][number];
const states = ['requested', 'approved', 'rejected', 'withdrawn', 'expired'] as const;

export function Compensations() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const refetchInterval = useRefetchInterval();
  const state = states.find((one) => one === search.get('state'));
  const found = useQuery({
    queryKey: ['compensations', state],
    queryFn: () =>
      answered(
        api.GET('/ops/v1/compensations', {
          params: { query: { limit: 50, ...(state === undefined ? {} : { state }) } },
        }),
      ),
    refetchInterval,
  });
  return (
    <Screen title={t('place.compensations')}>
      <Select
        aria-label={t('column.state')}
        allowClear
        placeholder={t('all')}
        className="narrow"
        value={state ?? null}
        onChange={(chosen) => setSearch(chosen ? { state: chosen } : {})}
        options={states.map((one) => ({ value: one, label: t(`compensationState.${one}`) }))}
      />
      <Loaded of={found}>
        {({ compensations }) => (
          <WideTable<Row>
            rowKey="id"
            dataSource={compensations}
            pagination={false}
            size="middle"
            locale={{ emptyText: <Nothing hint={t('view.noCompensations')} /> }}
            columns={[
              {
                title: t('column.compensation'),
                render: (_, { id, kind }) => (
                  <Link to={`/compensations/${id}`} data-row="">
                    {id} · {t(`kind.${kind}`)}
                  </Link>
                ),
              },
              {
                title: t('column.state'),
                render: (_, row) => <StateMark of="compensationState" state={row.state} />,
              },
              { title: t('column.channel'), dataIndex: 'channel' },
              { title: t('column.orderId'), render: (_, { orderId }) => <Outside text={orderId} /> },
              {
                title: t('column.points'),
                align: 'right',
                render: (_, { points }) => (points === null ? '–' : pointsInWords(points)),
              },
              { title: t('column.by'), dataIndex: 'requestedBy' },
              { title: t('column.at'), render: (_, { requestedAt }) => timeInWords(requestedAt) },
              { title: t('column.expiresAt'), render: (_, { expiresAt }) => timeInWords(expiresAt) },
            ]}
          />
        )}
      </Loaded>
    </Screen>
  );
}
