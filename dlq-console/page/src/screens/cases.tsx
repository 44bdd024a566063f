/** Cases, the newest first, by filters that the URL keeps. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Dropdown, Input, Select, Space, Table, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type CaseSummary } from '../api.ts';
import { readCaseQuery, states, textFilters, withFilter } from '../case-query.ts';
import { useRefetchInterval } from '../live.tsx';
import { Outside } from '../outside.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { timeInWords } from '../words/index.ts';

const columnNames = ['channel', 'leg', 'orderId', 'points', 'count', 'claimedBy', 'firstSeen', 'lastSeen'];
const columnsKey = 'points-hub-case-columns';

function keptColumns(): string[] {
  const kept = localStorage.getItem(columnsKey);
  return kept === null ? columnNames : kept.split(',');
}

export function Cases() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const refetchInterval = useRefetchInterval();
  const query = readCaseQuery(search);
  const cursor = search.get('cursor') ?? undefined;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [columns, setColumns] = useState(keptColumns);
  const cases = useQuery({
    queryKey: ['cases', query, cursor],
    queryFn: () =>
      answered(
        api.GET('/ops/v1/cases', {
          params: { query: { ...query, ...(cursor === undefined ? {} : { cursor }), limit: 50 } },
        }),
      ),
    placeholderData: (before) => before,
    refetchInterval,
  });
  const show = (names: string[]): void => {
    localStorage.setItem(columnsKey, names.join(','));
    setColumns(names);
  };
  return (
    <Screen title={t('place.cases')}>
      <search aria-label={t('filters')}>
        <Space wrap>
          <Select
            aria-label={t('column.state')}
            value={query.state}
            onChange={(state) => setSearch(withFilter(search, 'state', state))}
            options={states.map((state) => ({ value: state, label: t(`state.${state}`) }))}
          />
          {textFilters.map((name) => (
            <Input
              // Filled anew when a link brought other filters.
              key={`${name} ${search.get(name) ?? ''}`}
              aria-label={t(`column.${name}`)}
              placeholder={t(`column.${name}`)}
              defaultValue={search.get(name) ?? ''}
              allowClear
              onPressEnter={({ currentTarget }) => setSearch(withFilter(search, name, currentTarget.value))}
              onBlur={({ currentTarget }) => {
                if (currentTarget.value.trim() !== (search.get(name) ?? '')) {
                  setSearch(withFilter(search, name, currentTarget.value));
                }
              }}
            />
          ))}
          <Dropdown
            trigger={['click']}
            popupRender={() => (
              <Checkbox.Group
                className="ant-dropdown-menu"
                value={columns}
                onChange={show}
                options={columnNames.map((name) => ({ value: name, label: t(`column.${name}`) }))}
              />
            )}
          >
            <Button>{t('columns')}</Button>
          </Dropdown>
        </Space>
      </search>
      <Previews query={query} chosen={chosen}>
        <Button onClick={() => setChosen(cases.data?.cases.map(({ id }) => id) ?? [])}>
          {t('choosePage')}
        </Button>
      </Previews>
      <Loaded of={cases}>
        {({ cases: found, next }) => (
          <>
            <Table<CaseSummary>
              rowKey="id"
              dataSource={found}
              pagination={false}
              scroll={{ x: 'max-content' }}
              locale={{ emptyText: <Nothing /> }}
              rowSelection={{
                selectedRowKeys: [...chosen],
                onChange: (keys) => setChosen(keys.map(String)),
                getCheckboxProps: ({ id }) => ({ 'aria-label': t('chooseCase', { id }) }),
                // The kit draws its box for the whole page a second time, where nobody sees it.
                hideSelectAll: true,
              }}
              columns={[
                {
                  title: t('column.case'),
                  render: (_, { id, cause }) => (
                    <Link to={`/cases/${id}`}>
                      {id} · {t(`cause.${cause}`)}
                    </Link>
                  ),
                },
                {
                  title: t('column.error'),
                  render: (_, { error, isBusy }) => (
                    <Space>
                      <Outside text={error} />
                      {isBusy ? <Tag color="processing">{t('busy')}</Tag> : null}
                    </Space>
                  ),
                },
                ...cells
                  .filter(({ name }) => columns.includes(name))
                  .map(({ name, render }) => ({
                    title: t(`column.${name}`),
                    render: (_: unknown, one: CaseSummary) => render(one),
                  })),
              ]}
            />
            <Space className="pages">
              <Button
                disabled={cursor === undefined}
                onClick={() => setSearch(withFilter(search, 'cursor', ''))}
              >
                {t('firstPage')}
              </Button>
              <Button
                disabled={next === undefined}
                onClick={() => {
                  const changed = new URLSearchParams(search);
                  changed.set('cursor', next ?? '');
                  setSearch(changed);
                }}
              >
                {t('nextPage')}
              </Button>
            </Space>
          </>
        )}
      </Loaded>
    </Screen>
  );
}

const cells: readonly { readonly name: string; readonly render: (one: CaseSummary) => React.ReactNode }[] = [
  { name: 'channel', render: ({ channel }) => channel ?? '–' },
  { name: 'leg', render: ({ leg }) => leg ?? '–' },
  { name: 'orderId', render: ({ orderId }) => <Outside text={orderId} /> },
  { name: 'points', render: ({ points }) => (points === null ? '–' : pointsInWords(points)) },
  { name: 'count', render: ({ count }) => count },
  { name: 'claimedBy', render: ({ claimedBy }) => claimedBy ?? '–' },
  { name: 'firstSeen', render: ({ firstSeenAt }) => timeInWords(firstSeenAt) },
  { name: 'lastSeen', render: ({ lastSeenAt }) => timeInWords(lastSeenAt) },
];

/** Two scopes, each said in full: those chosen on this page, or all that the filters match. */
function Previews({
  query,
  chosen,
  children,
}: {
  readonly query: ReturnType<typeof readCaseQuery>;
  readonly chosen: readonly string[];
  readonly children: React.ReactNode;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { permissions } = useMe();
  const preview = useMutation({
    mutationFn: async (scope: 'chosen' | 'matching') => {
      const body = scope === 'chosen' ? { caseIds: [...chosen] } : { filter: query };
      const { id } = await answered(api.POST('/ops/v1/replays', { body }));
      await navigate(`/replays/${id}`);
    },
  });
  if (!permissions.includes('replay.run')) return null;
  return (
    <>
      <Space wrap className="pages">
        {children}
        <Button disabled={chosen.length === 0} onClick={() => preview.mutate('chosen')}>
          {t('replay.previewChosen', { count: chosen.length })}
        </Button>
        <Button disabled={query.state !== 'open'} onClick={() => preview.mutate('matching')}>
          {t('replay.previewMatching')}
        </Button>
      </Space>
      <TroubleNote trouble={preview.error} />
    </>
  );
}
