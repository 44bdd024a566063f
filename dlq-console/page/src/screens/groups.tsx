/** Cases by what is wrong: where triage begins. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Schemas } from '../api.ts';
import { useRefetchInterval } from '../live.tsx';
import { Outside } from '../outside.tsx';
import { Loaded, Nothing, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { errorInWords } from '../terms.ts';
import { TroubleNote } from '../trouble-note.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Group = Schemas['CaseGroups']['groups'][number];

export function Groups() {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const navigate = useNavigate();
  const refetchInterval = useRefetchInterval();
  const groups = useQuery({
    queryKey: ['groups', 'open'],
    queryFn: () => answered(api.GET('/ops/v1/case-groups', { params: { query: { state: 'open' } } })),
    refetchInterval,
  });
  const preview = useMutation({
    mutationFn: async (fingerprint: string) => {
      const { id } = await answered(
        api.POST('/ops/v1/replays', { body: { filter: { state: 'open', fingerprint } } }),
      );
      await navigate(`/replays/${id}`);
    },
  });
  return (
    <Screen title={t('place.groups')}>
      <TroubleNote trouble={preview.error} />
      <Loaded of={groups}>
        {({ groups: found }) => (
          <WideTable<Group>
            rowKey="fingerprint"
            size="middle"
            dataSource={found}
            pagination={false}
            scroll={{ x: 1_000 }}
            locale={{ emptyText: <Nothing hint={t('view.noGroups')} /> }}
            columns={[
              {
                title: t('column.error'),
                minWidth: 200,
                render: (_, group) => (
                  <Space orientation="vertical" size={0}>
                    <Link to={`/cases?fingerprint=${encodeURIComponent(group.fingerprint)}`} data-row="">
                      {t(`cause.${group.cause}`)}
                    </Link>
                    <Outside text={errorInWords(group.error, group.cause, t)} />
                  </Space>
                ),
              },
              { title: t('column.channel'), render: (_, { channels }) => channels.join(', ') },
              { title: t('column.cases'), dataIndex: 'cases', align: 'right' },
              { title: t('column.users'), dataIndex: 'users', align: 'right' },
              {
                title: t('column.points'),
                align: 'right',
                render: (_, { points }) => pointsInWords(points),
              },
              { title: t('column.lastSeen'), render: (_, { lastSeenAt }) => timeInWords(lastSeenAt) },
              {
                title: t('column.suggestion'),
                render: (_, { suggestion }) => t(`suggestion.${suggestion}`),
              },
              { title: t('column.claimedBy'), render: (_, { claimedBy }) => claimedBy.join(', ') },
              {
                title: t('column.acts'),
                render: (_, { fingerprint }) => (
                  <Button
                    disabled={!permissions.includes('replay.run')}
                    title={permissions.includes('replay.run') ? undefined : t('whyNot.permission')}
                    loading={preview.isPending && preview.variables === fingerprint}
                    onClick={() => preview.mutate(fingerprint)}
                  >
                    {t('replay.preview')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Screen>
  );
}
