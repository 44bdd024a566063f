/** How the page looks and listens, and everything that is one's own: sessions, password, access tokens. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Popconfirm, Space, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from '../api.ts';
import { KeySwitch } from '../key-help.tsx';
import { areKeysOn } from '../keys.ts';
import { LanguageSwitch } from '../language-switch.tsx';
import { Mark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { OwnPassword } from '../own-password.tsx';
import { OwnTokens } from '../own-tokens.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';
import { NotificationSettings } from '../notification-settings.tsx';

type Session = Schemas['Sessions']['sessions'][number];

interface Properties {
  readonly isDark: boolean;
  readonly darken: (chosen: boolean) => void;
}

export function Settings({ isDark, darken }: Properties) {
  const { t } = useTranslation();
  const me = useMe();
  const [areOn, setOn] = useState(areKeysOn);
  const roles = me.roles.map((role) => t(`role.${role}`)).join(', ');
  return (
    <Screen title={t('place.settings')}>
      <section className="panel" aria-label={t('own.looks')}>
        <h2>{t('own.looks')}</h2>
        <Space orientation="vertical">
          <span>{t('youAre', { name: me.name, roles })}</span>
          <LanguageSwitch />
          <Space>
            <Switch checked={isDark} onChange={darken} aria-label={t('dark')} />
            {t('dark')}
          </Space>
          <KeySwitch areOn={areOn} turn={setOn} />
        </Space>
      </section>
      <Sessions />
      <OwnTokens />
      <OwnPassword />
      {me.permissions.includes('notifications.manage') ? <NotificationSettings /> : null}
    </Screen>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const { proof } = useMe();
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
  const endAll = useMutation({
    mutationFn: () => answered(api.POST('/ops/v1/sessions/end', { body: {} })),
    // This one is over as well; nothing of what was seen stays in this tab.
    onSuccess: () => window.location.reload(),
  });
  const own = proof.type === 'session' ? proof.sessionId : undefined;
  return (
    <section aria-label={t('sessions')} className="stack">
      <h2>{t('sessions')}</h2>
      <TroubleNote trouble={end.error ?? endAll.error} />
      <Loaded of={sessions}>
        {({ sessions: found }) => (
          <WideTable<Session>
            rowKey="id"
            size="middle"
            dataSource={found}
            pagination={false}
            columns={[
              { title: t('column.begunAt'), render: (_, { begunAt }) => timeInWords(begunAt) },
              { title: t('column.lastSeen'), render: (_, { lastSeenAt }) => timeInWords(lastSeenAt) },
              { title: t('column.expiresAt'), render: (_, { expiresAt }) => timeInWords(expiresAt) },
              { title: t('column.address'), render: (_, { address }) => <Outside text={address} /> },
              {
                title: t('column.program'),
                render: (_, { userAgent }) => (
                  <div className="program">
                    <Outside text={userAgent} />
                  </div>
                ),
              },
              {
                title: t('column.acts'),
                render: (_, { id }) =>
                  id === own ? (
                    <Mark tone="calm">{t('thisSession')}</Mark>
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
      <Popconfirm
        title={t('own.endAllMeans')}
        okText={t('own.endAll')}
        cancelText={t('cancel')}
        onConfirm={() => endAll.mutate()}
      >
        <Button danger className="fitting" disabled={endAll.isPending}>
          {t('own.endAll')}
        </Button>
      </Popconfirm>
    </section>
  );
}
