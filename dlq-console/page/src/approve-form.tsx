/** What one sees is what one signs: the facts as read, their digest, and a proof of who it is. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Descriptions, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Compensation } from './api.ts';
import { factsOf, wordsOf } from './compensation-facts.tsx';
import { prove, ProofFields, useProofWay } from './proof.tsx';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly one: Compensation;
  readonly close: () => void;
  readonly lookAgain: () => Promise<void>;
}

interface Fields {
  readonly password?: string;
  readonly note?: string;
}

export function ApproveForm({ one, close, lookAgain }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Fields>();
  const way = useProofWay();
  // As it was when the dialog opened: what changes behind it is not signed.
  const [signed] = useState(one);
  const approve = useMutation({
    mutationFn: async ({ password, note = '' }: Fields) => {
      await prove(password);
      const digest = signed.digest ?? '';
      return answered(
        api.POST('/ops/v1/compensations/{compensationId}/approve', {
          params: { path: { compensationId: signed.id } },
          body: note.trim() === '' ? { digest } : { digest, note },
        }),
      );
    },
    onSuccess: close,
    onSettled: lookAgain,
  });
  return (
    <Modal
      open
      width={720}
      title={t('approve')}
      okText={t('approve')}
      cancelText={t('cancel')}
      confirmLoading={approve.isPending}
      okButtonProps={{ disabled: way.type === 'elsewhere' }}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={approve.error} />
      <Alert type="warning" showIcon title={t('signs')} />
      <Descriptions
        bordered
        size="small"
        column={1}
        items={factsOf(signed).map(([name, text]) => ({
          key: name,
          label: t(`column.${name}`),
          children: wordsOf(name, text, t),
        }))}
      />
      <Form form={form} layout="vertical" onFinish={(values) => approve.mutate(values)}>
        <Form.Item name="note" label={t('noteText')}>
          <Input.TextArea rows={2} />
        </Form.Item>
        <ProofFields />
      </Form>
    </Modal>
  );
}
