/** Who may sign in, and as what. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Select, Space, Table, Tag, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from '../api.ts';
import { ProofFields } from '../proof.tsx';
import { ReasonForm } from '../reason-form.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { Trouble } from '../trouble.ts';
import { TroubleNote } from '../trouble-note.tsx';
import { timeInWords } from '../words/index.ts';

type Person = Schemas['Operators']['operators'][number];
type Role = Person['roles'][number];
const roles: readonly Role[] = ['viewer', 'operator', 'approver', 'admin'];

type Wish =
  | { readonly act: 'invite'; readonly name: string; readonly roles: Role[] }
  | { readonly act: 'disable'; readonly operatorId: string; readonly reason: string }
  | { readonly act: 'enable'; readonly operatorId: string };

export function People() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [disabling, setDisabling] = useState<Person | undefined>(undefined);
  const people = useQuery({
    queryKey: ['people'],
    queryFn: () => answered(api.GET('/ops/v1/operators')),
  });
  const perform = useMutation({
    mutationFn: send,
    onSuccess: () => setDisabling(undefined),
    onSettled: () => queries.invalidateQueries({ queryKey: ['people'] }),
  });
  const prove = useMutation({
    mutationFn: (body: { password: string }) => answered(api.POST('/ops/v1/session/proof', { body })),
    onSuccess: () => perform.reset(),
  });
  const isProofStale = perform.error instanceof Trouble && perform.error.code === 'HUB_PROOF_STALE';
  return (
    <Screen title={t('place.people')}>
      {disabling === undefined ? <TroubleNote trouble={perform.error} /> : null}
      {isProofStale ? (
        <Form layout="vertical" onFinish={(values: { password: string }) => prove.mutate(values)}>
          <TroubleNote trouble={prove.error} />
          <ProofFields />
          <Button htmlType="submit" loading={prove.isPending}>
            {t('proof.do')}
          </Button>
        </Form>
      ) : null}
      {perform.data?.link === undefined ? null : (
        <Alert
          type="warning"
          title={t('people.link')}
          description={<Typography.Text copyable>{perform.data.link}</Typography.Text>}
        />
      )}
      <Form<{ name: string; roles: Role[] }>
        layout="inline"
        onFinish={(values) => perform.mutate({ act: 'invite', ...values })}
      >
        <Form.Item name="name" label={t('signIn.name')} rules={[{ required: true }]}>
          <Input />
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
      <Loaded of={people}>
        {({ operators }) => (
          <Table<Person>
            rowKey="id"
            dataSource={operators}
            pagination={false}
            scroll={{ x: 'max-content' }}
            columns={[
              { title: t('signIn.name'), dataIndex: 'name' },
              {
                title: t('column.roles'),
                render: (_, person) => person.roles.map((role) => <Tag key={role}>{t(`role.${role}`)}</Tag>),
              },
              { title: t('column.origin'), dataIndex: 'origin' },
              { title: t('column.lastSeen'), render: (_, { lastSeenAt }) => timeInWords(lastSeenAt) },
              {
                title: t('column.acts'),
                render: (_, person) => (
                  <Space>
                    {person.disabledAt === null ? (
                      <Button danger onClick={() => setDisabling(person)}>
                        {t('people.disable')}
                      </Button>
                    ) : (
                      <Button onClick={() => perform.mutate({ act: 'enable', operatorId: person.id })}>
                        {t('people.enable')}
                      </Button>
                    )}
                  </Space>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {disabling === undefined ? null : (
        <ReasonForm
          title={t('people.disable')}
          label={t('reason')}
          isPending={perform.isPending}
          trouble={perform.error}
          give={(reason) => perform.mutate({ act: 'disable', operatorId: disabling.id, reason })}
          close={() => {
            perform.reset();
            setDisabling(undefined);
          }}
        />
      )}
    </Screen>
  );
}

/** @returns the one-time link or its token, where one was made */
async function send(wish: Wish): Promise<{ readonly link?: string }> {
  switch (wish.act) {
    case 'invite': {
      const { name, roles: given } = wish;
      const made = await answered(api.POST('/ops/v1/operators', { body: { name, roles: given } }));
      return { link: made.link ?? `${window.location.origin}/#/welcome/${made.token}` };
    }
    case 'disable': {
      const { operatorId, reason } = wish;
      const params = { path: { operatorId } };
      await answered(api.POST('/ops/v1/operators/{operatorId}/disable', { params, body: { reason } }));
      return {};
    }
    case 'enable': {
      const params = { path: { operatorId: wish.operatorId } };
      await answered(api.POST('/ops/v1/operators/{operatorId}/enable', { params, body: {} }));
      return {};
    }
  }
}
