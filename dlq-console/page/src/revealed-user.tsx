/** Whose case it is: hidden until somebody says why he has to know, and hidden again after a minute. */
import { useMutation } from '@tanstack/react-query';
import { Button, Space } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, api, type Case } from './api.ts';
import { Outside } from './outside.tsx';
import { ReasonForm } from './reason-form.tsx';
import { useMe } from './session.tsx';

export function RevealedUser({ subject }: { readonly subject: Case }) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const [isAsking, setAsking] = useState(false);
  const { mutate, reset, data, error, isPending } = useMutation({
    mutationFn: (reason: string) =>
      answered(
        api.POST('/ops/v1/cases/{caseId}/reveal', {
          params: { path: { caseId: subject.id } },
          body: { reason },
        }),
      ),
    onSuccess: () => setAsking(false),
    // Nothing of it stays in this tab.
    gcTime: 0,
  });
  useEffect(() => {
    if (data === undefined) return undefined;
    const timer = setTimeout(reset, data.hideAfterSeconds * 1_000);
    return () => clearTimeout(timer);
  }, [data, reset]);
  if (subject.user === null) return '–';
  const mayReveal = permissions.includes('users.reveal');
  return (
    <Space wrap>
      {data === undefined ? (
        subject.user
      ) : (
        <span aria-live="polite">
          <Outside text={data.userId} />
          {data.memberRef === null ? null : (
            <>
              {' '}
              · <Outside text={data.memberRef} />
            </>
          )}
        </span>
      )}
      {data === undefined ? (
        <Button
          size="small"
          disabled={!mayReveal}
          title={mayReveal ? undefined : t('whyNot.permission')}
          onClick={() => setAsking(true)}
        >
          {t('reveal.do')}
        </Button>
      ) : (
        <Button size="small" onClick={reset}>
          {t('reveal.hide')}
        </Button>
      )}
      {isAsking ? (
        <ReasonForm
          title={t('reveal.do')}
          label={t('reason')}
          hint={t('reveal.means')}
          isPending={isPending}
          trouble={error}
          give={mutate}
          close={() => {
            reset();
            setAsking(false);
          }}
        />
      ) : null}
    </Space>
  );
}
