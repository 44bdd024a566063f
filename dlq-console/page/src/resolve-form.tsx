/** States the truth of a leg, with what bears it out. */
import { Alert, Form, Input, Modal, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import type { paths } from './api-schema.ts';
import type { Case } from './api.ts';
import { TroubleNote } from './trouble-note.tsx';

export type Resolution =
  paths['/ops/v1/cases/{caseId}/resolve']['post']['requestBody']['content']['application/json'];

interface Properties {
  readonly subject: Case;
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly give: (resolution: Resolution) => void;
  readonly close: () => void;
}

interface Fields {
  readonly reason: string;
  readonly evidence: string;
  readonly tookEffect?: boolean;
  readonly points?: string;
}

export function ResolveForm({ subject, isPending, trouble, give, close }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const tookEffect = Form.useWatch('tookEffect', form);
  const submit = ({ reason, evidence, tookEffect: did, points = '' }: Fields): void => {
    const told = { reason, evidence };
    if (subject.leg === null) give(told);
    else give({ ...told, truth: did === true ? { tookEffect: true, points } : { tookEffect: false } });
  };
  return (
    <Modal
      open
      title={t('act.resolve')}
      okText={t('act.resolve')}
      cancelText={t('cancel')}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={trouble} />
      <Alert type="info" title={t('resolve.rule')} />
      <Form form={form} layout="vertical" onFinish={submit} initialValues={{ points: subject.points ?? '' }}>
        {subject.leg === null ? null : (
          <Form.Item name="tookEffect" label={t('resolve.truth')} rules={[{ required: true }]}>
            <Radio.Group
              options={[
                { value: true, label: t('resolve.tookEffect') },
                { value: false, label: t('resolve.noEffect') },
              ]}
            />
          </Form.Item>
        )}
        {tookEffect === true ? (
          <Form.Item name="points" label={t('column.points')} rules={[{ required: true }]}>
            <Input inputMode="decimal" />
          </Form.Item>
        ) : null}
        <Form.Item name="reason" label={t('reason')} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={2} />
        </Form.Item>
        <Form.Item name="evidence" label={t('evidence')} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={2} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
