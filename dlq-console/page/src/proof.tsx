/** Asks once more who it is, before what matters most. */
import { Form, Input, Typography } from 'antd';
import { useTranslation } from 'react-i18next';

/** The password, to be sent to `/session/proof`; whoever comes by the identity provider proves it there. */
export function ProofFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="password" label={t('proof.password')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Typography.Paragraph>
        <a href="/ops/v1/oidc/begin?renew=true">{t('proof.oidc')}</a>
      </Typography.Paragraph>
    </>
  );
}
