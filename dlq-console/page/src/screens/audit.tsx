/** Who did what, and what was refused. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Input, Space, Table, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { Outside, Raw } from '../outside.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { timeInWords } from '../words/index.ts';

type Row = Schemas['Audit']['rows'][number];
const filters = ['action', 'subject'] as const;

export function Audit() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const given = Object.fromEntries(
    [...filters, 'before' as const].flatMap((name) => {
      const value = search.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
  const rows = useQuery({
    queryKey: ['audit', given],
    queryFn: () => answered(api.GET('/ops/v1/audit', { params: { query: { ...given, limit: 50 } } })),
  });
  const verify = useMutation({ mutationFn: () => answered(api.GET('/ops/v1/audit/verification')) });
  const narrow = (name: string, value: string): void => {
    const changed = new URLSearchParams(search);
    changed.delete('before');
    if (value.trim() === '') changed.delete(name);
    else changed.set(name, value.trim());
    setSearch(changed);
  };
  return (
    <Screen title={t('place.audit')}>
      <Space wrap>
        {filters.map((name) => (
          <Input
            key={`${name} ${search.get(name) ?? ''}`}
            aria-label={t(`column.${name}`)}
            placeholder={t(`column.${name}`)}
            defaultValue={search.get(name) ?? ''}
            allowClear
            onPressEnter={({ currentTarget }) => narrow(name, currentTarget.value)}
          />
        ))}
        <Button loading={verify.isPending} onClick={() => verify.mutate()}>
          {t('audit.verify')}
        </Button>
        <Button href="/ops/v1/audit/export?format=csv">{t('audit.export')}</Button>
      </Space>
      <TroubleNote trouble={verify.error} />
      {verify.data === undefined ? null : verify.data.type === 'whole' ? (
        <Alert type="success" title={t('audit.whole', { count: verify.data.rows })} />
      ) : (
        <Alert type="error" title={t('audit.broken', { id: verify.data.firstBadId })} />
      )}
      <Loaded of={rows}>
        {({ rows: found, next }) => (
          <>
            <Table<Row>
              rowKey="id"
              dataSource={found}
              pagination={false}
              scroll={{ x: 'max-content' }}
              locale={{ emptyText: <Nothing /> }}
              expandable={{
                expandedRowRender: ({ details }) => <Raw value={details} label={t('entryDetails')} />,
              }}
              columns={[
                { title: t('column.at'), render: (_, { at }) => timeInWords(at) },
                { title: t('column.by'), render: (_, { actor }) => <Outside text={actor} /> },
                { title: t('column.action'), dataIndex: 'action' },
                { title: t('column.subject'), render: (_, { subject }) => <Outside text={subject} /> },
                {
                  title: t('column.outcome'),
                  render: (_, { outcome, code }) => (
                    <Tag color={outcome === 'refused' ? 'error' : 'default'}>
                      {t(`auditOutcome.${outcome}`)} {code}
                    </Tag>
                  ),
                },
                { title: t('reason'), render: (_, { reason }) => <Outside text={reason} /> },
                { title: t('column.via'), dataIndex: 'via' },
              ]}
            />
            <Space className="pages">
              <Button disabled={!search.has('before')} onClick={() => narrow('before', '')}>
                {t('firstPage')}
              </Button>
              <Button
                disabled={next === undefined}
                onClick={() => {
                  const changed = new URLSearchParams(search);
                  changed.set('before', next ?? '');
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
