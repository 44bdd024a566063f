/** Access tokens for the command line: made once, seen once, ended at any time. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, Input, InputNumber, Modal, Popconfirm, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from './api.ts';
import type { Permission } from './decisions.ts';
import { Outside } from './outside.tsx';
import { ProofDialog, wantsProof } from './proof.tsx';
import { Loaded, Nothing } from './screen.tsx';
import { useMe } from './session.tsx';
import { TroubleNote } from './trouble-note.tsx';
import { WideTable } from './wide-table.tsx';
import { timeInWords } from './words/index.ts';

type Token = Schemas['Tokens']['tokens'][number];

interface Wanted {
  readonly name: string;
  readonly scopes: Permission[];
  readonly days: number;
}

/** No token gives these: docs/operators.md. */
const notForTokens: readonly Permission[] = ['people.manage', 'compensation.approve'];
const daysMax = 365;
const daysAtFirst = 30;

export function OwnTokens() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const lookAgain = () => queries.invalidateQueries({ queryKey: ['tokens'] });
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: () => answered(api.GET('/ops/v1/tokens')) });
  const make = useMutation({
    mutationFn: (body: Wanted) => answered(api.POST('/ops/v1/tokens', { body })),
    onSuccess: () => setMaking(false),
    onSettled: lookAgain,
  });
  const revoke = useMutation({
    mutationFn: (tokenId: string) =>
      answered(api.POST('/ops/v1/tokens/{tokenId}/revoke', { params: { path: { tokenId } }, body: {} })),
    onSettled: lookAgain,
  });
  const isProofWanted = wantsProof(make.error);
  return (
    <section aria-label={t('own.tokens')} className="stack">
      <h2>{t('own.tokens')}</h2>
      <p className="quiet">{t('own.tokensHint')}</p>
      <TroubleNote trouble={revoke.error} />
      {make.data === undefined ? null : (
        <Alert
          type="warning"
          showIcon
          title={t('own.tokenOnce')}
          description={<Typography.Text copyable>{make.data.token}</Typography.Text>}
        />
      )}
      <Loaded of={tokens}>
        {({ tokens: found }) => (
          <WideTable<Token>
            rowKey="id"
            size="middle"
            dataSource={found}
            pagination={false}
            locale={{ emptyText: <Nothing hint={t('own.noTokens')} /> }}
            columns={[
              { title: t('signIn.name'), rowScope: 'row', render: (_, { name }) => <Outside text={name} /> },
              {
                title: t('own.scopes'),
                render: (_, { scopes }) =>
                  scopes.map((scope) => t(`permission.${wordOf(scope)}`, { defaultValue: scope })).join(', '),
              },
              { title: t('column.expiresAt'), render: (_, { expiresAt }) => timeInWords(expiresAt) },
              { title: t('own.lastUsed'), render: (_, { lastUsedAt }) => timeInWords(lastUsedAt) },
              {
                title: t('column.acts'),
                render: (_, { id, name }) => (
                  <Popconfirm
                    title={t('own.revokeMeans', { name })}
                    okText={t('own.revoke')}
                    cancelText={t('cancel')}
                    onConfirm={() => revoke.mutate(id)}
                  >
                    <Button danger disabled={revoke.isPending}>
                      {t('own.revoke')}
                    </Button>
                  </Popconfirm>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      <Button className="fitting" onClick={() => setMaking(true)}>
        {t('own.makeToken')}
      </Button>
      {isMaking && !isProofWanted ? (
        <TokenForm
          isPending={make.isPending}
          trouble={make.error}
          give={(wanted) => make.mutate(wanted)}
          close={() => {
            make.reset();
            setMaking(false);
          }}
        />
      ) : null}
      {isProofWanted && make.variables !== undefined ? (
        <ProofDialog proven={() => make.mutate(make.variables)} close={() => make.reset()} />
      ) : null}
    </section>
  );
}

interface FormProperties {
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly give: (wanted: Wanted) => void;
  readonly close: () => void;
}

function TokenForm({ isPending, trouble, give, close }: FormProperties) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const [form] = Form.useForm<Wanted>();
  const possible = permissions.filter((one) => !notForTokens.includes(one));
  return (
    <Modal
      open
      title={t('own.makeToken')}
      okText={t('own.makeToken')}
      cancelText={t('cancel')}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={trouble} />
      <Form
        form={form}
        layout="vertical"
        initialValues={{ days: daysAtFirst, scopes: ['cases.read'] }}
        onFinish={(wanted) => give({ ...wanted, name: wanted.name.trim() })}
      >
        <Form.Item
          name="name"
          label={t('own.tokenName')}
          rules={[{ required: true, whitespace: true, max: 100 }]}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="scopes"
          label={t('own.scopes')}
          rules={[
            {
              // Not `required`: a group of boxes cannot be marked so (ARIA).
              validator: (_rule, chosen: readonly Permission[] = []) =>
                chosen.length === 0 ? Promise.reject(new Error(t('own.oneScope'))) : Promise.resolve(),
            },
          ]}
        >
          <Checkbox.Group
            className="columns-choice"
            options={possible.map((one) => ({
              value: one,
              label: t(`permission.${wordOf(one)}`, { defaultValue: one }),
            }))}
          />
        </Form.Item>
        <Form.Item name="days" label={t('own.days')} rules={[{ required: true }]}>
          <InputNumber min={1} max={daysMax} precision={0} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** Words have no dots in their names. */
function wordOf(permission: Permission): string {
  return permission.replace('.', '_');
}
