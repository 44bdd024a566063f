/** Cases, the newest first, by filters that the URL keeps. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Dropdown, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type CaseSummary } from '../api.ts';
import { CaseFilters } from '../case-filters.tsx';
import { readCaseQuery, withFilter } from '../case-query.ts';
import { useRefetchInterval } from '../live.tsx';
import { Mark, StateMark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { SavedViews } from '../saved-views.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { errorInWords, termOf } from '../terms.ts';
import { TroubleNote } from '../trouble-note.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

const columnsAtFirst = ['channel', 'orderId', 'points', 'claimedBy', 'lastSeen'];
const columnsKey = 'points-hub-case-columns';

function keptColumns(): string[] {
  const kept = localStorage.getItem(columnsKey);
  return kept === null ? columnsAtFirst : kept.split(',').filter((name) => columnNames.includes(name));
}

export function Cases() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const refetchInterval = useRefetchInterval();
  const query = readCaseQuery(search);
  const cursor = search.get('cursor') ?? undefined;
  // Chosen on the page that is shown, and on no other.
  const [choice, setChoice] = useState<{ of: string; ids: readonly string[] }>({ of: '', ids: [] });
  const address = search.toString();
  const chosen = choice.of === address ? choice.ids : [];
  const setChosen = (ids: readonly string[]): void => setChoice({ of: address, ids });
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
      <CaseFilters search={search} setSearch={setSearch} />
      <div className="acts">
        <SavedViews
          search={search}
          columns={columns}
          show={(chosenSearch, chosenColumns) => {
            setSearch(chosenSearch);
            show([...chosenColumns]);
          }}
        />
        <Dropdown
          trigger={['click']}
          popupRender={() => (
            <Checkbox.Group
              className="ant-dropdown-menu columns-choice"
              value={columns}
              onChange={show}
              options={columnNames.map((name) => ({ value: name, label: t(`column.${name}`) }))}
            />
          )}
        >
          <Button>{t('columns')}</Button>
        </Dropdown>
        <Button href={`/ops/v1/cases/export?${new URLSearchParams({ ...query, format: 'csv' })}`}>
          {t('view.export')}
        </Button>
      </div>
      <Previews query={query} chosen={chosen}>
        <Button onClick={() => setChosen(cases.data?.cases.map(({ id }) => id) ?? [])}>
          {t('choosePage')}
        </Button>
      </Previews>
      <Loaded of={cases}>
        {({ cases: found, next }) => (
          <>
            <WideTable<CaseSummary>
              rowKey="id"
              dataSource={found}
              pagination={false}
              size="middle"
              locale={{
                emptyText: <Nothing hint={t(search.size === 0 ? 'view.noneOpen' : 'view.noneFit')} />,
              }}
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
                    <Link to={`/cases/${id}`} data-row="">
                      {id} · {t(`cause.${cause}`)}
                    </Link>
                  ),
                },
                {
                  title: t('column.error'),
                  render: (_, { error, cause, isBusy }) => (
                    <Space wrap>
                      <Outside text={errorInWords(error, cause, t)} />
                      {isBusy ? <Mark tone="busy">{t('busy')}</Mark> : null}
                    </Space>
                  ),
                },
                ...cells
                  .filter(({ name }) => columns.includes(name))
                  .map(({ name, render, align }) => ({
                    title: t(`column.${name}`),
                    ...(align === undefined ? {} : { align }),
                    render: (_: unknown, one: CaseSummary) => render(one, t),
                  })),
              ]}
            />
            <Space>
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

interface Cell {
  readonly name: string;
  readonly align?: 'right';
  readonly render: (one: CaseSummary, t: ReturnType<typeof useTranslation>['t']) => React.ReactNode;
}

const cells: readonly Cell[] = [
  { name: 'state', render: ({ state }) => <StateMark of="state" state={state} /> },
  { name: 'channel', render: ({ channel }) => <Outside text={channel} /> },
  { name: 'leg', render: ({ leg }, t) => (leg === null ? '–' : termOf(leg, t)) },
  { name: 'operation', render: ({ operation }, t) => (operation === null ? '–' : termOf(operation, t)) },
  { name: 'orderId', render: ({ orderId }) => <Outside text={orderId} /> },
  { name: 'mallId', render: ({ mallId }) => <Outside text={mallId} /> },
  {
    name: 'points',
    align: 'right',
    render: ({ points }) => (points === null ? '–' : pointsInWords(points)),
  },
  { name: 'count', align: 'right', render: ({ count }) => count },
  { name: 'suggestion', render: ({ suggestion }, t) => t(`suggestion.${suggestion}`) },
  { name: 'claimedBy', render: ({ claimedBy }) => <Outside text={claimedBy} /> },
  { name: 'fingerprint', render: ({ fingerprint }) => <Outside text={fingerprint} /> },
  { name: 'firstSeen', render: ({ firstSeenAt }) => timeInWords(firstSeenAt) },
  { name: 'lastSeen', render: ({ lastSeenAt }) => timeInWords(lastSeenAt) },
  { name: 'closedAt', render: ({ closedAt }) => timeInWords(closedAt) },
];
const columnNames = cells.map(({ name }) => name);

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
      <Space wrap>
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
