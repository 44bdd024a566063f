/** One compensation: everything that an approval is about, and the approval. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { answered, api, type Compensation } from '../api.ts';
import { ApproveForm } from '../approve-form.tsx';
import { factsOf, wordsOf } from '../compensation-facts.tsx';
import { useRefetchInterval } from '../live.tsx';
import { Raw } from '../outside.tsx';
import { ReasonForm } from '../reason-form.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { TroubleNote } from '../trouble-note.tsx';

export function CompensationScreen() {
  const { t } = useTranslation();
  const { compensationId = '' } = useParams();
  const refetchInterval = useRefetchInterval();
  const found = useQuery({
    queryKey: ['compensation', compensationId],
    queryFn: () =>
      answered(api.GET('/ops/v1/compensations/{compensationId}', { params: { path: { compensationId } } })),
    refetchInterval,
  });
  return (
    <Screen title={t('compensationTitle', { id: compensationId })}>
      <Loaded of={found}>
        {(one) => (
          <>
            <Facts one={one} />
            <Decision one={one} />
          </>
        )}
      </Loaded>
    </Screen>
  );
}

function Facts({ one }: { readonly one: Compensation }) {
  const { t } = useTranslation();
  return (
    <>
      <Descriptions
        bordered
        size="small"
        column={{ xs: 1, sm: 1, md: 1, lg: 2 }}
        items={factsOf(one).map(([name, children]) => ({
          key: name,
          label: t(`column.${name}`),
          children: wordsOf(name, children, t),
        }))}
      />
      {one.finding === null || one.finding === undefined ? null : (
        <Raw value={one.finding} label={t('answer')} />
      )}
      {one.caseId === null ? null : (
        <Link to={`/cases/${one.caseId}`}>{t('caseTitle', { id: one.caseId })}</Link>
      )}
    </>
  );
}

function Decision({ one }: { readonly one: Compensation }) {
  const { t } = useTranslation();
  const { name, permissions } = useMe();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<'approve' | 'reject' | undefined>(undefined);
  const params = { path: { compensationId: one.id } };
  const lookAgain = () => queries.invalidateQueries({ queryKey: ['compensation', one.id] });
  const reject = useMutation({
    mutationFn: (reason: string) =>
      answered(api.POST('/ops/v1/compensations/{compensationId}/reject', { params, body: { reason } })),
    onSuccess: () => setAsking(undefined),
    onSettled: lookAgain,
  });
  const withdraw = useMutation({
    mutationFn: () =>
      answered(api.POST('/ops/v1/compensations/{compensationId}/withdraw', { params, body: {} })),
    onSettled: lookAgain,
  });
  const isOwn = one.requestedBy === name;
  const mayDecide = permissions.includes('compensation.approve') && !isOwn;
  const why = isOwn ? t('whyNot.own') : t('whyNot.permission');
  // A decision of somebody else's ends the choice, not the dialog in which one is told of it.
  if (one.state !== 'requested' && asking === undefined && withdraw.error === null) return null;
  return (
    <section aria-label={t('decide')}>
      {one.state === 'requested' ? (
        <>
          {mayDecide ? null : <Alert type="info" showIcon title={why} />}
          <Space wrap className="pages">
            <Button type="primary" disabled={!mayDecide} onClick={() => setAsking('approve')}>
              {t('approve')}
            </Button>
            <Button danger disabled={!mayDecide} onClick={() => setAsking('reject')}>
              {t('reject')}
            </Button>
            {isOwn ? (
              <Button disabled={withdraw.isPending} onClick={() => withdraw.mutate()}>
                {t('withdraw')}
              </Button>
            ) : null}
          </Space>
        </>
      ) : null}
      <TroubleNote trouble={withdraw.error} />
      {asking === 'approve' ? (
        <ApproveForm one={one} close={() => setAsking(undefined)} lookAgain={lookAgain} />
      ) : null}
      {asking === 'reject' ? (
        <ReasonForm
          title={t('reject')}
          label={t('reason')}
          isPending={reject.isPending}
          trouble={reject.error}
          give={(reason) => reject.mutate(reason)}
          close={() => {
            reject.reset();
            setAsking(undefined);
          }}
        />
      ) : null}
    </section>
  );
}
