/** What can be done about a case, what is best tried first, and why something cannot be done. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Space, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { answered, api, seen, type Case } from './api.ts';
import { CompensationForm } from './compensation-form.tsx';
import { firstAct, isQueryFirst, lastQuery, whyNot, type Act } from './decisions.ts';
import { Outside } from './outside.tsx';
import { ReasonForm } from './reason-form.tsx';
import { ResolveForm, type Resolution } from './resolve-form.tsx';
import { useMe } from './session.tsx';
import { termOf } from './terms.ts';
import { Trouble } from './trouble.ts';
import { TroubleNote } from './trouble-note.tsx';
import { timeInWords } from './words/index.ts';

type Wish =
  | { readonly act: 'claim' | 'query' | 'retry' | 'restore' }
  | { readonly act: 'note' | 'ignore' | 'retry_in_doubt'; readonly text: string }
  | { readonly act: 'resolve'; readonly resolution: Resolution };

interface Properties {
  readonly subject: Case;
  readonly lookAgain: () => Promise<void>;
}

const atOnce = ['claim', 'query', 'retry', 'restore'] as const;
const acts: readonly Act[] = [
  'query',
  'retry',
  'resolve',
  'compensate',
  'claim',
  'note',
  'ignore',
  'restore',
];

export function DecisionPanel({ subject, lookAgain }: Properties) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<Act | undefined>(undefined);
  const [hasQueryFailed, setQueryFailed] = useState(false);
  const perform = useMutation({
    mutationFn: (wish: Wish) => answered(send(subject, wish)),
    onSuccess: () => setAsking(undefined),
    onError: (error, { act }) => {
      const isOutdated = error instanceof Trouble && error.code === 'HUB_CASE_CHANGED';
      if (act === 'query' && !isOutdated) setQueryFailed(true);
    },
    // A refusal, too, may mean that the case is not as it was.
    onSettled: lookAgain,
  });
  const begin = (act: Act): void => {
    perform.reset();
    const direct = atOnce.find((one) => one === act);
    const isInDoubt = act === 'retry' && isQueryFirst(subject);
    if (direct === undefined || isInDoubt) setAsking(act);
    else perform.mutate({ act: direct });
  };
  const close = (): void => {
    perform.reset();
    setAsking(undefined);
  };
  const found = lastQuery(subject);
  const dialog = { isPending: perform.isPending, trouble: perform.error, close };
  return (
    <section aria-label={t('decide')}>
      <Typography.Title level={2}>{t('decide')}</Typography.Title>
      <Space orientation="vertical" className="wide">
        {subject.state === 'open' ? (
          <Alert
            type={isQueryFirst(subject) ? 'warning' : 'info'}
            showIcon
            title={t('suggested', { suggestion: t(`suggestion.${subject.suggestion}`) })}
            description={t(isQueryFirst(subject) ? 'whyNot.queryFirst' : `first.${subject.suggestion}`)}
          />
        ) : null}
        {found === undefined ? null : (
          <Typography.Paragraph>
            {t('queried', { at: timeInWords(found.finishedAt) })}{' '}
            <strong>
              <Outside text={findingInWords(found.outcome, t)} />
            </strong>
          </Typography.Paragraph>
        )}
        <div aria-live="polite">{perform.isSuccess ? <Alert type="info" title={t('accepted')} /> : null}</div>
        {asking === undefined ? <TroubleNote trouble={perform.error} onClose={perform.reset} /> : null}
        {hasQueryFailed && isQueryFirst(subject) ? (
          <Alert type="info" showIcon title={t('whyNot.queryFailed')} />
        ) : null}
        {acts
          .filter((act) => act !== 'restore' || subject.state === 'ignored')
          .map((act) => {
            const reason = whyNot(act, subject, permissions, hasQueryFailed);
            return (
              <div key={act}>
                <Button
                  block
                  type={firstAct(subject) === act ? 'primary' : 'default'}
                  disabled={reason !== undefined || perform.isPending}
                  aria-describedby={reason === undefined ? undefined : `why-not-${act}`}
                  onClick={() => begin(act)}
                >
                  {t(`act.${act}`)}
                </Button>
                {reason === undefined ? null : <small id={`why-not-${act}`}>{t(`whyNot.${reason}`)}</small>}
              </div>
            );
          })}
      </Space>
      {asking === 'note' || asking === 'ignore' ? (
        <ReasonForm
          {...dialog}
          title={t(`act.${asking}`)}
          label={t(asking === 'note' ? 'noteText' : 'reason')}
          give={(text) => perform.mutate({ act: asking, text })}
        />
      ) : null}
      {asking === 'retry' ? (
        <ReasonForm
          {...dialog}
          title={t('act.retry')}
          label={t('reason')}
          hint={t('whyNot.queryFailed')}
          give={(text) => perform.mutate({ act: 'retry_in_doubt', text })}
        />
      ) : null}
      {asking === 'resolve' ? (
        <ResolveForm
          {...dialog}
          subject={subject}
          give={(resolution) => perform.mutate({ act: 'resolve', resolution })}
        />
      ) : null}
      {asking === 'compensate' ? (
        <CompensationForm
          subject={subject}
          close={close}
          requested={(id) => void navigate(`/compensations/${id}`)}
        />
      ) : null}
    </section>
  );
}

/** What a look-up came to, e.g. `unknown: timeout`. */
function findingInWords(
  outcome: string | null,
  t: (key: string, options: { defaultValue: string }) => string,
) {
  return (outcome ?? '–')
    .split(': ')
    .map((word) => termOf(word, t))
    .join(': ');
}

function send(subject: Case, wish: Wish) {
  const params = seen(subject);
  switch (wish.act) {
    case 'claim':
      return api.POST('/ops/v1/cases/{caseId}/claim', { params, body: {} });
    case 'query':
      return api.POST('/ops/v1/cases/{caseId}/query', { params, body: {} });
    case 'retry':
      return api.POST('/ops/v1/cases/{caseId}/retry', { params, body: {} });
    case 'retry_in_doubt':
      return api.POST('/ops/v1/cases/{caseId}/retry', { params, body: { reason: wish.text } });
    case 'restore':
      return api.POST('/ops/v1/cases/{caseId}/restore', { params, body: {} });
    case 'ignore':
      return api.POST('/ops/v1/cases/{caseId}/ignore', { params, body: { reason: wish.text } });
    case 'note':
      return api.POST('/ops/v1/cases/{caseId}/notes', {
        params: { path: params.path },
        body: { text: wish.text },
      });
    case 'resolve':
      return api.POST('/ops/v1/cases/{caseId}/resolve', { params, body: wish.resolution });
  }
}
