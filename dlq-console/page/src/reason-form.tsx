/** Asks for a text before something is done. */
import { Alert, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly title: string;
  readonly label: string;
  /** What has to be borne in mind. */
  readonly hint?: string;
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly give: (text: string) => void;
  readonly close: () => void;
}

export function ReasonForm({ title, label, hint, isPending, trouble, give, close }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ text: string }>();
  return (
    <Modal
      open
      title={title}
      okText={title}
      cancelText={t('cancel')}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={trouble} />
      {hint === undefined ? null : <Alert type="warning" showIcon title={hint} />}
      <Form form={form} layout="vertical" onFinish={({ text }) => give(text)}>
        <Form.Item name="text" label={label} rules={[{ required: true, whitespace: true, max: 4_000 }]}>
          <Input.TextArea rows={3} autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  );
}
