/** Who may sign in, and as what. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Popconfirm, Select, Space, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from '../api.ts';
import { Mark } from '../marks.tsx';
import { Outside } from '../outside.tsx';
import { perform as send, roles, type Person, type PersonWish, type Role } from '../people-wishes.ts';
import { ProofDialog, wantsProof } from '../proof.tsx';
import { ReasonForm } from '../reason-form.tsx';
import { RolesForm } from '../roles-form.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { TroubleNote } from '../trouble-note.tsx';
import { WideTable } from '../wide-table.tsx';
import { timeInWords } from '../words/index.ts';

type Asking = { readonly what: 'disable' | 'roles'; readonly person: Person };

export function People() {
  const { t } = useTranslation();
  const { id: own } = useMe();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Asking | undefined>(undefined);
  const people = useQuery({
    queryKey: ['people'],
    queryFn: () => answered(api.GET('/ops/v1/operators')),
  });
  const perform = useMutation({
    mutationFn: (wish: PersonWish) => send(wish, window.location.origin),
    onSuccess: () => setAsking(undefined),
    onSettled: () => queries.invalidateQueries({ queryKey: ['people'] }),
  });
  const close = (): void => {
    perform.reset();
    setAsking(undefined);
  };
  const isProofWanted = wantsProof(perform.error);
  const trouble = isProofWanted ? null : perform.error;
  const made = perform.data;
  return (
    <Screen title={t('place.people')}>
      {asking === undefined ? <TroubleNote trouble={trouble} /> : null}
      {made?.link === undefined ? null : (
        <Alert
          type="warning"
          showIcon
          title={t('people.link')}
          description={<Typography.Text copyable>{made.link}</Typography.Text>}
        />
      )}
      {made?.ended === undefined ? null : (
        <Alert type="info" showIcon title={t('people.ended', made.ended)} />
      )}
      <section className="panel" aria-label={t('people.invite')}>
        <h2>{t('people.invite')}</h2>
        <p className="quiet">{t('people.inviteHint')}</p>
        <Form<{ name: string; roles: Role[] }>
          layout="inline"
          className="acts"
          onFinish={({ name, roles: given }) =>
            perform.mutate({ act: 'invite', name: name.trim(), roles: given })
          }
        >
          <Form.Item
            name="name"
            label={t('signIn.name')}
            rules={[{ required: true, whitespace: true, max: 64 }]}
          >
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="roles" label={t('column.roles')} rules={[{ required: true }]}>
            <Select
              mode="multiple"
              className="narrow"
              options={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
            />
          </Form.Item>
          <Button htmlType="submit" loading={perform.isPending}>
            {t('people.invite')}
          </Button>
        </Form>
      </section>
      <Loaded of={people}>
        {({ operators }) => (
          <PeopleTable
            people={operators}
            own={own}
            isPending={perform.isPending}
            ask={setAsking}
            perform={(wish) => perform.mutate(wish)}
          />
        )}
      </Loaded>
      {asking?.what === 'disable' && !isProofWanted ? (
        <ReasonForm
          title={t('people.disable')}
          label={t('reason')}
          hint={t('people.disableMeans', { name: asking.person.name })}
          isPending={perform.isPending}
          trouble={trouble}
          give={(reason) => perform.mutate({ act: 'disable', operatorId: asking.person.id, reason })}
          close={close}
        />
      ) : null}
      {asking?.what === 'roles' && !isProofWanted ? (
        <RolesForm
          person={asking.person}
          isPending={perform.isPending}
          trouble={trouble}
          give={(given) => perform.mutate({ act: 'roles', operatorId: asking.person.id, roles: given })}
          close={close}
        />
      ) : null}
      {isProofWanted && perform.variables !== undefined ? (
        <ProofDialog
          // What was asked for is asked for again, and nothing else.
          proven={() => perform.mutate(perform.variables)}
          close={close}
        />
      ) : null}
    </Screen>
  );
}

interface TableProperties {
  readonly people: Schemas['Operators']['operators'];
  readonly own: string;
  readonly isPending: boolean;
  readonly ask: (asking: Asking) => void;
  readonly perform: (wish: PersonWish) => void;
}

function PeopleTable({ people, own, isPending, ask, perform }: TableProperties) {
  const { t } = useTranslation();
  return (
    <WideTable<Person>
      rowKey="id"
      size="middle"
      dataSource={people}
      pagination={false}
      columns={[
        {
          title: t('signIn.name'),
          rowScope: 'row',
          render: (_, { id, name }) => (
            <Space>
              <Outside text={name} />
              {id === own ? <Mark tone="calm">{t('people.you')}</Mark> : null}
            </Space>
          ),
        },
        {
          title: t('column.roles'),
          render: (_, person) => person.roles.map((role) => t(`role.${role}`)).join(', '),
        },
        { title: t('column.origin'), render: (_, { origin }) => t(`origin.${origin}`) },
        { title: t('column.state'), render: (_, person) => <Standing person={person} /> },
        { title: t('column.lastSeen'), render: (_, { lastSeenAt }) => timeInWords(lastSeenAt) },
        {
          title: t('column.acts'),
          render: (_, person) => {
            const { id: operatorId, origin, disabledAt } = person;
            const elsewhere = origin === 'oidc' ? t('people.elsewhere') : undefined;
            return (
              <Space>
                <Button
                  disabled={isPending || elsewhere !== undefined}
                  title={elsewhere}
                  onClick={() => ask({ what: 'roles', person })}
                >
                  {t('people.roles')}
                </Button>
                <Popconfirm
                  title={t('people.resetMeans')}
                  okText={t('people.reset')}
                  cancelText={t('cancel')}
                  onConfirm={() => perform({ act: 'reset', operatorId })}
                >
                  <Button
                    disabled={isPending || elsewhere !== undefined || disabledAt !== null}
                    title={elsewhere}
                  >
                    {t('people.reset')}
                  </Button>
                </Popconfirm>
                <Popconfirm
                  title={t('people.revokeMeans')}
                  okText={t('people.revoke')}
                  cancelText={t('cancel')}
                  onConfirm={() => perform({ act: 'revoke', operatorId })}
                >
                  <Button disabled={isPending}>{t('people.revoke')}</Button>
                </Popconfirm>
                {disabledAt === null ? (
                  <Button danger disabled={isPending} onClick={() => ask({ what: 'disable', person })}>
                    {t('people.disable')}
                  </Button>
                ) : (
                  <Button disabled={isPending} onClick={() => perform({ act: 'enable', operatorId })}>
                    {t('people.enable')}
                  </Button>
                )}
              </Space>
            );
          },
        },
      ]}
    />
  );
}

function Standing({ person: { disabledAt, hasPassword, origin } }: { readonly person: Person }) {
  const { t } = useTranslation();
  if (disabledAt !== null) {
    return <Mark tone="bad">{t('people.disabledSince', { at: timeInWords(disabledAt) })}</Mark>;
  }
  const isInvited = origin === 'local' && !hasPassword;
  return <Mark tone={isInvited ? 'wait' : 'good'}>{t(isInvited ? 'people.invited' : 'people.active')}</Mark>;
}
