/** Changes the own password. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { answered, api } from './api.ts';
import { useMe } from './session.tsx';
import { TroubleNote } from './trouble-note.tsx';

interface Fields {
  readonly current: string;
  readonly password: string;
  readonly repeated: string;
}

export function OwnPassword() {
  const { t } = useTranslation();
  const { name, provesBy } = useMe();
  const [form] = Form.useForm<Fields>();
  const change = useMutation({
    mutationFn: ({ current, password }: Fields) =>
      answered(api.POST('/ops/v1/password', { body: { current, password } })),
    onSuccess: () => form.resetFields(),
  });
  // Whoever comes by the identity provider has none here.
  if (provesBy !== 'password') return null;
  return (
    <section className="panel" aria-label={t('own.password')}>
      <h2>{t('own.password')}</h2>
      <TroubleNote trouble={change.error} />
      {change.isSuccess ? <Alert type="success" showIcon title={t('own.passwordChanged')} /> : null}
      <Form form={form} layout="vertical" className="door-form" onFinish={(values) => change.mutate(values)}>
        {/* For a program that keeps passwords. */}
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <Form.Item name="current" label={t('own.current')} rules={[{ required: true }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="password" label={t('welcome.password')} rules={[{ required: true, min: 12 }]}>
          <Input.Password autoComplete="new-password" />
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
        <Button htmlType="submit" loading={change.isPending}>
          {t('own.changePassword')}
        </Button>
      </Form>
    </section>
  );
}
