/** Asks for a name. */
import { Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly title: string;
  readonly label: string;
  readonly hint: string;
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly give: (name: string) => void;
  readonly close: () => void;
}

const lengthMax = 60;

export function NameForm({ title, label, hint, isPending, trouble, give, close }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ name: string }>();
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
      <Form form={form} layout="vertical" onFinish={({ name }) => give(name.trim())}>
        <Form.Item
          name="name"
          label={label}
          extra={hint}
          rules={[{ required: true, whitespace: true, max: lengthMax }]}
        >
          <Input autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  );
}
