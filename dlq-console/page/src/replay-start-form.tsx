/** What a person confirms before many cases are retried: how many, how fast, why. */
import { Alert, Form, Input, InputNumber, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { pointsInWords } from './amounts.ts';
import type { Replay } from './api.ts';
import { TroubleNote } from './trouble-note.tsx';

export interface StartWish {
  readonly expectCount: number;
  readonly reason: string;
  readonly ratePerSecond: number;
  readonly canary: number;
  readonly failedPercentMax: number;
}

interface Properties {
  readonly replay: Replay;
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly start: (wish: StartWish) => void;
  readonly close: () => void;
}

/** Above this the person types the number, so that nobody retries thousands by a slip. */
const typedAbove = 500;

export function StartForm({ replay, isPending, trouble, start, close }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Omit<StartWish, 'expectCount'>>();
  const { eligible, points, users, ratePerSecond, canary, failedPercentMax } = replay;
  return (
    <Modal
      open
      title={t('replay.start')}
      okText={t('replay.start')}
      cancelText={t('cancel')}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={trouble} />
      <Alert
        type="info"
        title={t('replay.willRetry', { count: eligible, users, points: pointsInWords(points) })}
      />
      <Form
        form={form}
        layout="vertical"
        initialValues={{ ratePerSecond, canary, failedPercentMax }}
        onFinish={({ reason, ratePerSecond: rate, canary: first, failedPercentMax: most }) =>
          start({
            expectCount: eligible,
            reason,
            ratePerSecond: rate,
            canary: first,
            failedPercentMax: most,
          })
        }
      >
        <Form.Item name="reason" label={t('reason')} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={2} autoFocus />
        </Form.Item>
        <Form.Item name="ratePerSecond" label={t('column.rate')} rules={[{ required: true }]}>
          <InputNumber min={1} max={500} precision={0} />
        </Form.Item>
        <Form.Item name="canary" label={t('column.canary')} rules={[{ required: true }]}>
          <InputNumber min={0} max={1_000} precision={0} />
        </Form.Item>
        <Form.Item name="failedPercentMax" label={t('column.failedPercentMax')} rules={[{ required: true }]}>
          <InputNumber min={1} max={100} precision={0} />
        </Form.Item>
        {eligible > typedAbove ? (
          <Form.Item
            name="typed"
            label={t('replay.typeCount', { count: eligible })}
            rules={[
              { required: true, pattern: new RegExp(`^${eligible}$`), message: t('replay.countDiffers') },
            ]}
          >
            <Input inputMode="numeric" />
          </Form.Item>
        ) : null}
      </Form>
    </Modal>
  );
}
