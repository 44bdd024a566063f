/** Getting in: with a password, by the identity provider, or by a one-time link that sets the password. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Space, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { answered, api, keepCsrfToken } from './api.ts';
import { TroubleNote } from './trouble-note.tsx';

interface Credentials {
  readonly name: string;
  readonly password: string;
}

export function SignIn({ wasSignedIn }: { readonly wasSignedIn: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const ways = useQuery({
    queryKey: ['ways'],
    queryFn: () => answered(api.GET('/ops/v1/sign-in-ways')),
    staleTime: Infinity,
  });
  const signIn = useMutation({
    mutationFn: async (body: Credentials) => {
      const { csrfToken } = await answered(api.POST('/ops/v1/session', { body }));
      keepCsrfToken(csrfToken);
      await queries.refetchQueries({ queryKey: ['me'] });
    },
  });
  return (
    <Door title={t('signIn.title')}>
      {wasSignedIn ? <Alert type="info" showIcon title={t('signIn.over')} /> : null}
      <TroubleNote trouble={signIn.error} />
      <Form layout="vertical" onFinish={(values: Credentials) => signIn.mutate(values)}>
        <Form.Item name="name" label={t('signIn.name')} rules={[{ required: true }]}>
          <Input autoComplete="username" autoFocus />
        </Form.Item>
        <Form.Item name="password" label={t('signIn.password')} rules={[{ required: true }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
          {t('signIn.do')}
        </Button>
      </Form>
      {ways.data?.oidc === true ? (
        <Button block href="/ops/v1/oidc/begin">
          {t('signIn.oidc')}
        </Button>
      ) : null}
    </Door>
  );
}

/** `/#/welcome/TOKEN`: the token is behind the #, which no log on the way has. */
export function Welcome() {
  const { t } = useTranslation();
  const { token = '' } = useParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const redeem = useMutation({
    mutationFn: async ({ password }: { readonly password: string }) => {
      const { csrfToken } = await answered(
        api.POST('/ops/v1/one-time-links/redeem', { body: { token, password } }),
      );
      keepCsrfToken(csrfToken);
      // Without the token in the history of this browser.
      await navigate('/', { replace: true });
      await queries.resetQueries({ queryKey: ['me'] });
    },
  });
  return (
    <Door title={t('welcome.title')}>
      <Typography.Paragraph>{t('welcome.text')}</Typography.Paragraph>
      <TroubleNote trouble={redeem.error} />
      <Form layout="vertical" onFinish={(values: { password: string }) => redeem.mutate(values)}>
        <Form.Item name="password" label={t('welcome.password')} rules={[{ required: true, min: 12 }]}>
          <Input.Password autoComplete="new-password" autoFocus />
        </Form.Item>
        <Form.Item
          name="repeated"
          label={t('welcome.repeated')}
          dependencies={['password']}
          rules={[
            { required: true },
            ({ getFieldValue }) => ({
              validator: (_rule, value) =>
                value === getFieldValue('password')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('welcome.different'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={redeem.isPending}>
          {t('welcome.do')}
        </Button>
      </Form>
    </Door>
  );
}

function Door({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <main className="door">
      <Card>
        <Space orientation="vertical" size="middle" className="wide">
          <Typography.Title level={1} className="title">
            {title}
          </Typography.Title>
          {children}
        </Space>
      </Card>
    </main>
  );
}
