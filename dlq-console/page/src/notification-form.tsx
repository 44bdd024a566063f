/** A rule as a person writes it. */
import { useQuery } from '@tanstack/react-query';
import { Form, Input, InputNumber, Modal, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { answered, api, type Schemas } from './api.ts';
import { TroubleNote } from './trouble-note.tsx';
import { en } from './words/en.ts';
import { language } from './words/index.ts';

export type Notifications = Schemas['Notifications'];
export type Rule = Notifications['rules'][number];
export type RuleText = Omit<Rule, 'id' | 'changedBy' | 'changedAt'>;

interface Properties {
  /** What is changed; undefined: a new one. */
  readonly rule: Rule | undefined;
  readonly targets: Notifications['targets'];
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly give: (rule: RuleText) => void;
  readonly close: () => void;
}

/** Words of the field `pointsMin` are a text: no number holds points. */
type Values = Omit<RuleText, 'pointsMin'> & { readonly pointsMin?: string };

const causes = Object.keys(en.cause);

export function NotificationForm({ rule, targets, isPending, trouble, give, close }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: () => answered(api.GET('/ops/v1/channels')),
  });
  const known = channels.data?.channels.map(({ id }) => id).filter((id) => id !== 'portal') ?? [];
  const title = rule === undefined ? t('notify.add') : t('notify.change');
  return (
    <Modal
      open
      title={title}
      okText={t('notify.save')}
      cancelText={t('cancel')}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <TroubleNote trouble={trouble} />
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={valuesOf(rule, targets)}
        onFinish={({ pointsMin = '', ...values }) =>
          give({ ...values, pointsMin: pointsMin.trim() === '' ? null : pointsMin.trim() })
        }
      >
        <Form.Item name="target" label={t('notify.target')} rules={[{ required: true }]}>
          <Select
            options={targets.map(({ name, kind }) => ({
              value: name,
              label: `${name} · ${t(`targetKind.${kind}`)}`,
            }))}
          />
        </Form.Item>
        <Form.Item name="language" label={t('notify.language')} rules={[{ required: true }]}>
          <Select
            options={[
              { value: 'zh', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </Form.Item>
        <Form.Item name="causes" label={t('column.cause')} extra={t('notify.any')}>
          <Select
            mode="multiple"
            options={causes.map((cause) => ({ value: cause, label: t(`cause.${cause}`) }))}
          />
        </Form.Item>
        <Form.Item name="channels" label={t('column.channel')} extra={t('notify.any')}>
          <Select mode="multiple" options={known.map((id) => ({ value: id, label: id }))} />
        </Form.Item>
        <Form.Item name="casesMin" label={t('notify.casesMin')} rules={[{ required: true }]}>
          <InputNumber min={1} max={1_000_000} precision={0} />
        </Form.Item>
        <Form.Item
          name="pointsMin"
          label={t('notify.pointsMin')}
          rules={[{ pattern: /^\s*(\d+(\.\d{1,4})?)?\s*$/, message: t('notify.pointsForm') }]}
        >
          <Input inputMode="decimal" />
        </Form.Item>
        <Form.Item
          name="againMinutes"
          label={t('notify.again')}
          extra={t('notify.againMeans')}
          rules={[{ required: true }]}
        >
          <InputNumber min={0} max={10_080} precision={0} />
        </Form.Item>
        <Form.Item name="isEnabled" label={t('notify.enabled')} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function valuesOf(rule: Rule | undefined, targets: Notifications['targets']): Partial<Values> {
  const begun = { casesMin: 1, againMinutes: 60, isEnabled: true, causes: [], channels: [] };
  if (rule === undefined) {
    const [first] = targets;
    return { ...begun, language: language(), ...(first === undefined ? {} : { target: first.name }) };
  }
  const { target, language: spoken, casesMin, againMinutes, isEnabled, pointsMin } = rule;
  const chosen = { causes: rule.causes, channels: rule.channels };
  return {
    target,
    language: spoken,
    casesMin,
    againMinutes,
    isEnabled,
    pointsMin: pointsMin ?? '',
    ...chosen,
  };
}
