/** How the page looks, and the own sessions. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Card, Space, Switch, Table, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from '../api.ts';
import { LanguageSwitch } from '../language-switch.tsx';
import { Outside } from '../outside.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { timeInWords } from '../words/index.ts';
import { NotificationSettings } from './notifications.tsx';

type Session = Schemas['Sessions']['sessions'][number];

interface Properties {
  readonly isDark: boolean;
  readonly darken: (chosen: boolean) => void;
}

export function Settings({ isDark, darken }: Properties) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => answered(api.GET('/ops/v1/sessions')),
  });
  const end = useMutation({
    mutationFn: (sessionId: string) =>
      answered(api.POST('/ops/v1/sessions/{sessionId}/end', { params: { path: { sessionId } }, body: {} })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const own = me.proof.type === 'session' ? me.proof.sessionId : undefined;
  return (
    <Screen title={t('place.settings')}>
      <Card>
        <Space orientation="vertical">
          <Typography.Text>{t('youAre', { name: me.name, roles: me.roles.join(', ') })}</Typography.Text>
          <LanguageSwitch />
          <Space>
            <Switch checked={isDark} onChange={darken} aria-label={t('dark')} />
            {t('dark')}
          </Space>
        </Space>
      </Card>
      <section aria-label={t('sessions')}>
        <Typography.Title level={2}>{t('sessions')}</Typography.Title>
        <TroubleNote trouble={end.error} />
        <Loaded of={sessions}>
          {({ sessions: found }) => (
            <Table<Session>
              rowKey="id"
              dataSource={found}
              pagination={false}
              columns={[
                { title: t('column.begunAt'), render: (_, { begunAt }) => timeInWords(begunAt) },
                { title: t('column.lastSeen'), render: (_, { lastSeenAt }) => timeInWords(lastSeenAt) },
                { title: t('column.address'), render: (_, { address }) => address ?? '–' },
                { title: t('column.program'), render: (_, { userAgent }) => <Outside text={userAgent} /> },
                {
                  title: t('column.acts'),
                  render: (_, { id }) =>
                    id === own ? (
                      t('thisSession')
                    ) : (
                      <Button disabled={end.isPending} onClick={() => end.mutate(id)}>
                        {t('endSession')}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Loaded>
      </section>
      {me.permissions.includes('notifications.manage') ? <NotificationSettings /> : null}
    </Screen>
  );
}
