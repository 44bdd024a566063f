/** Asks for a compensation about the leg of a case; another person decides. */
import { useMutation } from '@tanstack/react-query';
import { Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { answered, api, seen, type Case, type Compensation } from './api.ts';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly subject: Case;
  readonly close: () => void;
  readonly requested: (compensationId: string) => void;
}

interface Fields {
  readonly kind: Compensation['kind'];
  readonly points: string;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: string;
}

const kinds: readonly Compensation['kind'][] = ['mark_done', 'mark_undone', 'refund_points', 'return_quota'];

export function CompensationForm({ subject, close, requested }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const request = useMutation({
    mutationFn: ({ points, ...body }: Fields) =>
      answered(
        api.POST('/ops/v1/cases/{caseId}/compensations', {
          params: seen(subject),
          body: points.trim() === '' ? body : { ...body, points: points.trim() },
        }),
      ),
    onSuccess: ({ id }) => requested(id),
  });
  const needed = [{ required: true, whitespace: true }];
  return (
    <Modal
      open
      title={t('act.compensate')}
      okText={t('act.compensate')}
      cancelText={t('cancel')}
      confirmLoading={request.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={request.error} />
      <Form
        form={form}
        layout="vertical"
        onFinish={(values) => request.mutate(values)}
        initialValues={{ kind: 'mark_done', points: subject.points ?? '', reasonCode: 'BY_HAND' }}
      >
        <Form.Item name="kind" label={t('column.kind')} rules={[{ required: true }]}>
          <Select options={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
        </Form.Item>
        <Form.Item name="points" label={t('column.points')}>
          <Input inputMode="decimal" />
        </Form.Item>
        <Form.Item
          name="reasonCode"
          label={t('column.reasonCode')}
          rules={[{ required: true, pattern: /^[A-Z][A-Z0-9_]{1,31}$/, message: t('reasonCodeForm') }]}
        >
          <Input />
        </Form.Item>
        <Form.Item name="reason" label={t('reason')} rules={needed}>
          <Input.TextArea rows={2} />
        </Form.Item>
        <Form.Item name="evidence" label={t('evidence')} rules={needed}>
          <Input.TextArea rows={2} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
