/** Who is told of which groups of cases, elsewhere than here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Popconfirm, Space, Tag, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pointsInWords } from './amounts.ts';
import { answered, api } from './api.ts';
import { useRefetchInterval } from './live.tsx';
import { NotificationForm, type Notifications, type Rule, type RuleText } from './notification-form.tsx';
import { Outside } from './outside.tsx';
import { Loaded, Nothing } from './screen.tsx';
import { TroubleNote } from './trouble-note.tsx';
import { WideTable } from './wide-table.tsx';
import { language, timeInWords } from './words/index.ts';

type Target = Notifications['targets'][number];
type Message = Notifications['messages'][number];
type Wish =
  | { readonly act: 'add'; readonly rule: RuleText }
  | { readonly act: 'change'; readonly ruleId: string; readonly rule: RuleText }
  | { readonly act: 'remove'; readonly ruleId: string };

const lookMs = 5_000;

export function NotificationSettings() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  // No news is told of messages; they are few, and who looks at them waits for one.
  const refetchInterval = useRefetchInterval() === false ? false : lookMs;
  const [form, setForm] = useState<{ readonly rule: Rule | undefined } | undefined>(undefined);
  const found = useQuery({
    queryKey: ['notifications'],
    queryFn: () => answered(api.GET('/ops/v1/notifications')),
    refetchInterval,
  });
  const perform = useMutation({
    mutationFn: send,
    onSuccess: (now) => {
      queries.setQueryData(['notifications'], now);
      setForm(undefined);
    },
    onError: () => queries.invalidateQueries({ queryKey: ['notifications'] }),
  });
  const close = (): void => {
    perform.reset();
    setForm(undefined);
  };
  return (
    <section aria-label={t('notify.title')}>
      <Typography.Title level={2}>{t('notify.title')}</Typography.Title>
      {form === undefined ? <TroubleNote trouble={perform.error} /> : null}
      <Loaded of={found}>
        {({ targets, rules, messages }) => (
          <>
            <Targets targets={targets} />
            <Rules
              rules={rules}
              isPending={perform.isPending}
              canAdd={targets.length > 0}
              open={(rule) => setForm({ rule })}
              remove={(ruleId) => perform.mutate({ act: 'remove', ruleId })}
            />
            <Messages messages={messages} />
            {form === undefined ? null : (
              <NotificationForm
                rule={form.rule}
                targets={targets}
                isPending={perform.isPending}
                trouble={perform.error}
                give={(rule) =>
                  perform.mutate(
                    form.rule === undefined
                      ? { act: 'add', rule }
                      : { act: 'change', ruleId: form.rule.id, rule },
                  )
                }
                close={close}
              />
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function send(wish: Wish): Promise<Notifications> {
  switch (wish.act) {
    case 'add':
      return answered(api.POST('/ops/v1/notification-rules', { body: wish.rule }));
    case 'change': {
      const params = { path: { ruleId: wish.ruleId } };
      return answered(api.POST('/ops/v1/notification-rules/{ruleId}', { params, body: wish.rule }));
    }
    case 'remove': {
      const params = { path: { ruleId: wish.ruleId } };
      return answered(api.POST('/ops/v1/notification-rules/{ruleId}/remove', { params, body: {} }));
    }
  }
}

function Targets({ targets }: { readonly targets: readonly Target[] }) {
  const { t } = useTranslation();
  const test = useMutation({
    mutationFn: async (target: string) => {
      const params = { path: { target } };
      const body = { language: language() };
      const delivery = await answered(
        api.POST('/ops/v1/notification-targets/{target}/test', { params, body }),
      );
      return { target, delivery };
    },
  });
  if (targets.length === 0) return <Alert type="info" showIcon title={t('notify.noTargets')} />;
  return (
    <>
      <div role="status">
        <Tested outcome={test.data} />
      </div>
      <TroubleNote trouble={test.error} />
      <WideTable<Target>
        rowKey="name"
        dataSource={[...targets]}
        pagination={false}
        columns={[
          { title: t('notify.target'), dataIndex: 'name' },
          { title: t('column.kind'), render: (_, { kind }) => t(`targetKind.${kind}`) },
          { title: t('notify.host'), dataIndex: 'host' },
          {
            title: t('column.acts'),
            render: (_, { name }) => (
              <Button
                aria-label={t('notify.testOf', { name })}
                loading={test.isPending && test.variables === name}
                disabled={test.isPending}
                onClick={() => test.mutate(name)}
              >
                {t('notify.test')}
              </Button>
            ),
          },
        ]}
      />
    </>
  );
}

type Outcome = {
  readonly target: string;
  readonly delivery: { readonly type: string; readonly trouble?: string };
};

function Tested({ outcome }: { readonly outcome: Outcome | undefined }) {
  const { t } = useTranslation();
  if (outcome === undefined) return null;
  const { target, delivery } = outcome;
  if (delivery.type === 'sent')
    return <Alert type="success" showIcon title={t('notify.tested', { name: target })} />;
  return (
    <Alert
      type="error"
      showIcon
      title={t('notify.testFailed', { name: target })}
      description={<Outside text={delivery.trouble ?? null} />}
    />
  );
}

interface RulesProperties {
  readonly rules: readonly Rule[];
  readonly isPending: boolean;
  readonly canAdd: boolean;
  readonly open: (rule: Rule | undefined) => void;
  readonly remove: (ruleId: string) => void;
}

function Rules({ rules, isPending, canAdd, open, remove }: RulesProperties) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('notify.rules')} className="pages">
      <Typography.Title level={3} className="part">
        {t('notify.rules')}
      </Typography.Title>
      {canAdd ? (
        <p>
          <Button onClick={() => open(undefined)}>{t('notify.add')}</Button>
        </p>
      ) : null}
      <WideTable<Rule>
        rowKey="id"
        dataSource={[...rules]}
        pagination={false}
        locale={{ emptyText: <Nothing /> }}
        columns={[
          { title: t('notify.target'), dataIndex: 'target' },
          {
            title: t('column.cause'),
            render: (_, { causes }) =>
              listed(
                causes.map((cause) => t(`cause.${cause}`)),
                t('all'),
              ),
          },
          { title: t('column.channel'), render: (_, { channels }) => listed(channels, t('all')) },
          { title: t('notify.casesFrom'), dataIndex: 'casesMin', align: 'right' },
          {
            title: t('notify.pointsFrom'),
            align: 'right',
            render: (_, { pointsMin }) => (pointsMin === null ? '–' : pointsInWords(pointsMin)),
          },
          { title: t('notify.againIn'), dataIndex: 'againMinutes', align: 'right' },
          {
            title: t('column.state'),
            render: (_, { isEnabled }) => <Tag>{t(isEnabled ? 'notify.on' : 'notify.off')}</Tag>,
          },
          { title: t('column.by'), render: (_, { changedBy }) => <Outside text={changedBy} /> },
          {
            title: t('column.acts'),
            render: (_, rule) => (
              <Space>
                <Button disabled={isPending} onClick={() => open(rule)}>
                  {t('notify.change')}
                </Button>
                <Popconfirm
                  title={t('notify.removeMeans')}
                  okText={t('notify.remove')}
                  cancelText={t('cancel')}
                  onConfirm={() => remove(rule.id)}
                >
                  <Button danger disabled={isPending}>
                    {t('notify.remove')}
                  </Button>
                </Popconfirm>
              </Space>
            ),
          },
        ]}
      />
    </section>
  );
}

function listed(names: readonly string[], any: string): string {
  return names.length === 0 ? any : names.join(', ');
}

function Messages({ messages }: { readonly messages: readonly Message[] }) {
  const { t } = useTranslation();
  if (messages.length === 0) return null;
  return (
    <section aria-label={t('notify.messages')} className="pages">
      <Typography.Title level={3} className="part">
        {t('notify.messages')}
      </Typography.Title>
      <WideTable<Message>
        rowKey="id"
        dataSource={[...messages]}
        pagination={false}
        columns={[
          { title: t('column.at'), render: (_, { createdAt }) => timeInWords(createdAt) },
          { title: t('notify.target'), dataIndex: 'target' },
          { title: t('column.state'), render: (_, message) => <Sent message={message} /> },
          { title: t('notify.tries'), dataIndex: 'tries', align: 'right' },
          { title: t('notify.trouble'), render: (_, { trouble }) => <Outside text={trouble} /> },
        ]}
      />
    </section>
  );
}

function Sent({ message: { sentAt, dueAt } }: { readonly message: Message }) {
  const { t } = useTranslation();
  if (sentAt !== null) return <>{t('notify.sent', { at: timeInWords(sentAt) })}</>;
  return <>{dueAt === null ? t('notify.givenUp') : t('notify.due', { at: timeInWords(dueAt) })}</>;
}
