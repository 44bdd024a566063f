/** Who did what, and what was refused. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Input, Select, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { auditFilterOf, textFilters } from '../audit-query.ts';
import { timeInField, timeOfField, withFilter } from '../case-query.ts';
import { StateMark } from '../marks.tsx';
import { Outside, Raw } from '../outside.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { SubjectLink } from '../subject-link.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Row = Schemas['Audit']['rows'][number];
const outcomes = ['done', 'begun', 'refused'] as const;

export function Audit() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const filter = auditFilterOf(search);
  const before = search.get('before') ?? '';
  const rows = useQuery({
    queryKey: ['audit', filter, before],
    queryFn: () =>
      answered(
        api.GET('/ops/v1/audit', {
          params: { query: { ...filter, ...(before === '' ? {} : { before }), limit: 50 } },
        }),
      ),
    placeholderData: (shown) => shown,
  });
  const verify = useMutation({ mutationFn: () => answered(api.GET('/ops/v1/audit/verification')) });
  const place = (id: string): void => {
    const changed = new URLSearchParams(search);
    if (id === '') changed.delete('before');
    else changed.set('before', id);
    setSearch(changed);
  };
  return (
    <Screen title={t('place.audit')}>
      <Filters
        search={search}
        narrow={(name, value) => {
          const changed = withFilter(search, name, value);
          changed.delete('before');
          setSearch(changed);
        }}
      />
      <div className="acts">
        <Button loading={verify.isPending} onClick={() => verify.mutate()}>
          {t('audit.verify')}
        </Button>
        {(['csv', 'jsonl'] as const).map((format) => (
          <Button key={format} href={`/ops/v1/audit/export?${new URLSearchParams({ ...filter, format })}`}>
            {t(format === 'csv' ? 'audit.export' : 'audit.exportLines')}
          </Button>
        ))}
      </div>
      <TroubleNote trouble={verify.error} />
      <div aria-live="polite">
        {verify.data === undefined ? null : verify.data.type === 'whole' ? (
          <Alert
            type="success"
            showIcon
            title={t('audit.whole', { count: verify.data.rows })}
            description={t('audit.end', verify.data.end)}
          />
        ) : (
          <Alert
            type="error"
            showIcon
            title={t('audit.broken', { id: verify.data.firstBadId })}
            description={<Outside text={verify.data.reason} />}
          />
        )}
      </div>
      <Loaded of={rows}>
        {({ rows: found, next }) => (
          <>
            <Rows rows={found} />
            <Space>
              <Button disabled={before === ''} onClick={() => place('')}>
                {t('firstPage')}
              </Button>
              <Button disabled={next === undefined} onClick={() => place(next ?? '')}>
                {t('nextPage')}
              </Button>
            </Space>
          </>
        )}
      </Loaded>
    </Screen>
  );
}

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  const { t } = useTranslation();
  return (
    <WideTable<Row>
      rowKey="id"
      size="middle"
      dataSource={rows}
      pagination={false}
      locale={{ emptyText: <Nothing hint={t('audit.none')} /> }}
      expandable={{
        expandedRowRender: ({ details, address, userAgent, requestId, hash }) => (
          <Raw value={{ details, address, userAgent, requestId, hash }} label={t('entryDetails')} />
        ),
      }}
      columns={[
        { title: t('column.at'), render: (_, { at }) => timeInWords(at) },
        { title: t('column.by'), render: (_, { actor }) => <Outside text={actor} /> },
        { title: t('column.action'), render: (_, { action }) => <Outside text={action} /> },
        { title: t('column.subject'), render: (_, { subject }) => <SubjectLink subject={subject} /> },
        {
          title: t('column.outcome'),
          render: (_, { outcome, code }) => (
            <Space>
              <StateMark of="auditOutcome" state={outcome} />
              {code}
            </Space>
          ),
        },
        { title: t('reason'), render: (_, { reason }) => <Outside text={reason} /> },
        { title: t('column.via'), render: (_, { via }) => t(`via.${via}`) },
      ]}
    />
  );
}

interface FilterProperties {
  readonly search: URLSearchParams;
  readonly narrow: (name: string, value: string) => void;
}

function Filters({ search, narrow }: FilterProperties) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const mayList = permissions.includes('people.manage');
  const people = useQuery({
    queryKey: ['people'],
    queryFn: () => answered(api.GET('/ops/v1/operators')),
    enabled: mayList,
  });
  const operators = (people.data?.operators ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <search aria-label={t('filters')} className="filters">
      {textFilters.map((name) => (
        <Input
          key={`${name} ${search.get(name) ?? ''}`}
          {...(name === 'action' ? { 'data-search': '' } : {})}
          aria-label={t(`column.${name}`)}
          placeholder={t(`audit.example.${name}`)}
          defaultValue={search.get(name) ?? ''}
          allowClear
          onClear={() => narrow(name, '')}
          onPressEnter={({ currentTarget, nativeEvent }) => {
            if (!nativeEvent.isComposing) narrow(name, currentTarget.value);
          }}
          onBlur={({ currentTarget }) => {
            if (currentTarget.value.trim() !== (search.get(name) ?? '')) narrow(name, currentTarget.value);
          }}
        />
      ))}
      {mayList ? (
        <Select
          aria-label={t('column.by')}
          placeholder={t('column.by')}
          allowClear
          value={search.get('operator')}
          onChange={(id: string | undefined) => narrow('operator', id ?? '')}
          options={operators}
        />
      ) : null}
      <Select
        aria-label={t('column.outcome')}
        placeholder={t('column.outcome')}
        allowClear
        value={search.get('outcome')}
        onChange={(outcome: string | undefined) => narrow('outcome', outcome ?? '')}
        options={outcomes.map((one) => ({ value: one, label: t(`auditOutcome.${one}`) }))}
      />
      {(['since', 'until'] as const).map((name) => (
        <Input
          key={`${name} ${search.get(name) ?? ''}`}
          type="datetime-local"
          aria-label={t(`column.${name}`)}
          defaultValue={timeInField(search.get(name))}
          onBlur={({ currentTarget }) => {
            if (currentTarget.value !== timeInField(search.get(name))) {
              narrow(name, timeOfField(currentTarget.value));
            }
          }}
        />
      ))}
    </search>
  );
}
