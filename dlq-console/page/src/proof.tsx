/** Asks once more who it is, before what matters most. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { answered, api } from './api.ts';
import { useMe } from './session.tsx';
import { Trouble } from './trouble.ts';
import { TroubleNote } from './trouble-note.tsx';
import { timeInWords } from './words/index.ts';

/** How this person proves it: here by the password, or at the identity provider, which he comes back from. */
export type ProofWay =
  | { readonly type: 'password' }
  | { readonly type: 'fresh'; readonly until: string }
  | { readonly type: 'elsewhere' };

export function useProofWay(): ProofWay {
  const { proof, provesBy } = useMe();
  if (provesBy === 'password' || proof.type === 'token') return { type: 'password' };
  const isFresh = new Date(proof.freshUntil).getTime() > Date.now();
  return isFresh ? { type: 'fresh', until: proof.freshUntil } : { type: 'elsewhere' };
}

/** The password, to be sent by `prove`; whoever has none here is led to where he proves it, and back. */
export function ProofFields() {
  const { t } = useTranslation();
  const way = useProofWay();
  switch (way.type) {
    case 'password':
      return (
        <Form.Item name="password" label={t('proof.password')} rules={[{ required: true }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
      );
    case 'fresh':
      return <Alert type="info" showIcon title={t('proof.fresh', { until: timeInWords(way.until) })} />;
    case 'elsewhere':
      return <ProveElsewhere />;
  }
}

function ProveElsewhere() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const back = /^(\/[\w-]+)+$/.test(pathname) ? `&back=${encodeURIComponent(pathname)}` : '';
  return (
    <Alert
      type="warning"
      showIcon
      title={t('proof.elsewhere')}
      action={<Button href={`/ops/v1/oidc/begin?renew=true${back}`}>{t('proof.oidc')}</Button>}
    />
  );
}

/** Proves it by the password where one was asked for. @throws Trouble */
export async function prove(password: string | undefined): Promise<void> {
  if (password !== undefined) await answered(api.POST('/ops/v1/session/proof', { body: { password } }));
}

/** Whether the server wants a proof before it does what was asked. */
export function wantsProof(trouble: unknown): boolean {
  return trouble instanceof Trouble && trouble.code === 'HUB_PROOF_STALE';
}

interface Properties {
  /** Asks again for what was refused. */
  readonly proven: () => void;
  readonly close: () => void;
}

/** For what was refused because nobody proved lately who he is. */
export function ProofDialog({ proven, close }: Properties) {
  const { t } = useTranslation();
  const way = useProofWay();
  const [form] = Form.useForm<{ password: string }>();
  const proving = useMutation({
    mutationFn: ({ password }: { readonly password: string }) => prove(password),
    onSuccess: proven,
  });
  return (
    <Modal
      open
      title={t('proof.do')}
      okText={t('proof.do')}
      cancelText={t('cancel')}
      confirmLoading={proving.isPending}
      okButtonProps={{ disabled: way.type !== 'password' }}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <div className="stack">
        <TroubleNote trouble={proving.error} />
        <p>{t('proof.why')}</p>
        <Form form={form} layout="vertical" onFinish={(values) => proving.mutate(values)}>
          {way.type === 'password' ? <ProofFields /> : <ProveElsewhere />}
        </Form>
      </div>
    </Modal>
  );
}
