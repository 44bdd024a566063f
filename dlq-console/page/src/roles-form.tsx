/** Says what a person may do from his next request on. */
import { Alert, Checkbox, Form, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { roles, type Person, type Role } from './people-wishes.ts';
import { TroubleNote } from './trouble-note.tsx';

interface Properties {
  readonly person: Person;
  readonly isPending: boolean;
  readonly trouble: unknown;
  readonly give: (roles: Role[]) => void;
  readonly close: () => void;
}

export function RolesForm({ person, isPending, trouble, give, close }: Properties) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ roles: Role[] }>();
  return (
    <Modal
      open
      title={`${t('people.roles')} · ${person.name}`}
      okText={t('people.roles')}
      cancelText={t('cancel')}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <div className="stack">
        <TroubleNote trouble={trouble} />
        <Alert type="info" showIcon title={t('people.rolesMean')} />
        <Form
          form={form}
          layout="vertical"
          initialValues={{ roles: [...person.roles] }}
          onFinish={({ roles: given }) => give(given)}
        >
          <Form.Item
            name="roles"
            label={t('column.roles')}
            rules={[
              {
                // Not `required`: a group of boxes cannot be marked so (ARIA).
                validator: (_rule, given: readonly Role[] = []) => {
                  if (given.length === 0) return Promise.reject(new Error(t('people.oneRole')));
                  const isBoth = given.includes('admin') && given.includes('approver');
                  return isBoth ? Promise.reject(new Error(t('people.notBoth'))) : Promise.resolve();
                },
              },
            ]}
          >
            <Checkbox.Group options={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
          </Form.Item>
        </Form>
      </div>
    </Modal>
  );
}
