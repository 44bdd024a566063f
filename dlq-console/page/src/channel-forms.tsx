/** Asks for a reason and says what will follow, before a switch of a channel is thrown. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Form, Input, InputNumber, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from './api.ts';
import { ProofDialog, wantsProof } from './proof.tsx';
import { TroubleNote } from './trouble-note.tsx';

type Channel = Schemas['Channel'];

export type Switch =
  | { readonly act: 'pause' | 'resume' | 'limit'; readonly channel: Channel }
  | { readonly act: 'threshold'; readonly channel: Channel; readonly pointsMax: string | undefined };

interface Fields {
  readonly reason?: string;
  readonly ratePerSecond?: number | null;
  readonly concurrencyMax?: number | null;
  readonly pointsMax?: string;
}

const titles = {
  pause: 'channel.pause',
  resume: 'channel.resume',
  limit: 'channel.limit',
  threshold: 'channel.setThreshold',
} as const;

const rateMax = 100_000;
const concurrencyMost = 10_000;

export function SwitchForm({ wish, close }: { readonly wish: Switch; readonly close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const { act, channel } = wish;
  const throwSwitch = useMutation({
    mutationFn: (fields: Fields) => send(wish, fields),
    onSuccess: close,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['channels'] }),
        queries.invalidateQueries({ queryKey: ['thresholds'] }),
      ]),
  });
  if (wantsProof(throwSwitch.error) && throwSwitch.variables !== undefined) {
    return <ProofDialog proven={() => throwSwitch.mutate(throwSwitch.variables)} close={close} />;
  }
  const title = t(titles[act]);
  const name = channel.id === 'portal' ? t('channel.portal') : channel.id;
  return (
    <Modal
      open
      title={`${title} · ${name}`}
      okText={title}
      cancelText={t('cancel')}
      confirmLoading={throwSwitch.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <div className="stack">
        <TroubleNote trouble={throwSwitch.error} />
        <Alert
          type={act === 'threshold' || act === 'pause' ? 'warning' : 'info'}
          showIcon
          title={t(`channel.means.${act}`, { count: channel.waiting, name })}
        />
        <Form
          form={form}
          layout="vertical"
          initialValues={valuesOf(wish)}
          onFinish={(fields) => throwSwitch.mutate(fields)}
        >
          {act === 'limit' ? <Bounds channel={channel} /> : null}
          {act === 'threshold' ? (
            <Form.Item
              name="pointsMax"
              label={t('channel.threshold')}
              extra={t('channel.thresholdEmpty')}
              rules={[{ pattern: /^\d{1,15}(\.\d{1,4})?$/, message: t('channel.pointsForm') }]}
            >
              <Input inputMode="decimal" allowClear autoFocus />
            </Form.Item>
          ) : null}
          <Form.Item
            name="reason"
            label={t('reason')}
            rules={act === 'resume' ? [{ max: 500 }] : [{ required: true, whitespace: true, max: 500 }]}
          >
            <Input.TextArea rows={2} autoFocus={act === 'pause' || act === 'resume'} />
          </Form.Item>
        </Form>
      </div>
    </Modal>
  );
}

function Bounds({ channel: { id, fileLimits } }: { readonly channel: Channel }) {
  const { t } = useTranslation();
  const fields = [
    ['ratePerSecond', 'channel.rate', fileLimits.ratePerSecond, rateMax],
    ['concurrencyMax', 'channel.concurrency', fileLimits.concurrencyMax, concurrencyMost],
  ] as const;
  return fields
    .filter(([name]) => id !== 'portal' || name === 'ratePerSecond')
    .map(([name, label, file, most]) => (
      <Form.Item
        key={name}
        name={name}
        label={t(label)}
        extra={t('channel.fileAllows', { bound: file ?? t('channel.unbounded') })}
      >
        <InputNumber
          min={1}
          max={file ?? most}
          precision={0}
          placeholder={t('channel.asFile')}
          className="wide"
        />
      </Form.Item>
    ));
}

/** What a person set; what the file says stands beside an empty field. */
function valuesOf(wish: Switch): Fields {
  if (wish.act === 'threshold') return wish.pointsMax === undefined ? {} : { pointsMax: wish.pointsMax };
  const { limits, fileLimits } = wish.channel;
  const set = (now: number | null, file: number | null): number | null => (now === file ? null : now);
  return {
    ratePerSecond: set(limits.ratePerSecond, fileLimits.ratePerSecond),
    concurrencyMax: set(limits.concurrencyMax, fileLimits.concurrencyMax),
  };
}

function send(wish: Switch, fields: Fields): Promise<unknown> {
  const { channel } = wish;
  const params = { path: { channel: channel.id } };
  const reason = fields.reason?.trim() ?? '';
  switch (wish.act) {
    case 'pause':
      return answered(api.POST('/ops/v1/channels/{channel}/pause', { params, body: { reason } }));
    case 'resume':
      return answered(
        api.POST('/ops/v1/channels/{channel}/resume', { params, body: reason === '' ? {} : { reason } }),
      );
    case 'limit': {
      const { ratePerSecond = null, concurrencyMax = null } = fields;
      const bounds = channel.id === 'portal' ? { ratePerSecond } : { ratePerSecond, concurrencyMax };
      return answered(api.POST('/ops/v1/channels/{channel}/limit', { params, body: { ...bounds, reason } }));
    }
    case 'threshold': {
      const pointsMax = fields.pointsMax?.trim() ?? '';
      const body = { pointsMax: pointsMax === '' ? null : pointsMax, reason };
      return answered(api.POST('/ops/v1/channels/{channel}/compensation-threshold', { params, body }));
    }
  }
}
