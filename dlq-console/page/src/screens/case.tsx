/** One case: what is known, everything that happened, what can be done. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Card, Descriptions, Space, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { pointsInWords } from '../amounts.ts';
import { answered, api, type Case } from '../api.ts';
import { DecisionPanel } from '../decision-panel.tsx';
import { useRefetchInterval } from '../live.tsx';
import { Mark, StateMark } from '../marks.tsx';
import { Outside, Raw } from '../outside.tsx';
import { RevealedUser } from '../revealed-user.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { errorInWords, termOf } from '../terms.ts';
import { Timeline } from '../timeline.tsx';
import { timeInWords } from '../words/index.ts';

export function CaseScreen() {
  const { t } = useTranslation();
  const { caseId = '' } = useParams();
  const queries = useQueryClient();
  const refetchInterval = useRefetchInterval();
  const path = { caseId };
  const found = useQuery({
    queryKey: ['case', caseId],
    queryFn: () => answered(api.GET('/ops/v1/cases/{caseId}', { params: { path } })),
    refetchInterval,
  });
  const timeline = useQuery({
    queryKey: ['timeline', caseId],
    queryFn: () => answered(api.GET('/ops/v1/cases/{caseId}/timeline', { params: { path } })),
    refetchInterval,
  });
  const lookAgain = async (): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['case', caseId] }),
      queries.invalidateQueries({ queryKey: ['timeline', caseId] }),
      queries.invalidateQueries({ queryKey: ['cases'] }),
      queries.invalidateQueries({ queryKey: ['groups'] }),
    ]);
  };
  return (
    <Screen title={t('caseTitle', { id: caseId })}>
      <Loaded of={found}>
        {(one) => (
          <div className="columns">
            <div className="stack">
              <Facts one={one} />
              <section aria-label={t('timeline')}>
                <Typography.Title level={2}>{t('timeline')}</Typography.Title>
                <Loaded of={timeline}>{({ timeline: entries }) => <Timeline entries={entries} />}</Loaded>
              </section>
              <section aria-label={t('evidence')}>
                <Typography.Title level={2}>{t('evidence')}</Typography.Title>
                <Raw value={one.evidence} label={t('evidence')} />
              </section>
            </div>
            <Card>
              <DecisionPanel subject={one} lookAgain={lookAgain} />
            </Card>
          </div>
        )}
      </Loaded>
    </Screen>
  );
}

function Facts({ one }: { readonly one: Case }) {
  const { t } = useTranslation();
  const { state, cause, error, channel, leg, operation, points, orderId, mallId, orderStatus } = one;
  const facts = [
    [
      'state',
      <Space wrap key="state">
        <StateMark of="state" state={state} />
        {one.isBusy ? <Mark tone="busy">{t('busy')}</Mark> : null}
      </Space>,
    ],
    ['cause', t(`cause.${cause}`)],
    ['error', <Outside key="error" text={errorInWords(error, cause, t)} />],
    ['channel', <Outside key="channel" text={channel} />],
    ['leg', leg === null ? '–' : termOf(leg, t)],
    ['operation', operation === null ? '–' : termOf(operation, t)],
    ['points', points === null ? '–' : pointsInWords(points)],
    ['orderId', orderId === null ? '–' : <OrderLink key="order" orderId={orderId} mallId={mallId} />],
    ['user', <RevealedUser key="user" subject={one} />],
    ['mallId', <Outside key="mall" text={mallId} />],
    ['orderStatus', orderStatus === null ? '–' : termOf(orderStatus, t)],
    ['claimedBy', <Outside key="claimer" text={one.claimedBy} />],
    ['count', one.count],
    ['firstSeen', timeInWords(one.firstSeenAt)],
    ['lastSeen', timeInWords(one.lastSeenAt)],
    [
      'fingerprint',
      <Link key="fingerprint" to={`/cases?fingerprint=${encodeURIComponent(one.fingerprint)}`}>
        <Outside text={one.fingerprint} />
      </Link>,
    ],
  ] as const;
  return (
    <Descriptions
      bordered
      size="small"
      column={{ xs: 1, sm: 1, md: 1, lg: 2 }}
      items={facts.map(([name, children]) => ({ key: name, label: t(`column.${name}`), children }))}
    />
  );
}

function OrderLink({ orderId, mallId }: { readonly orderId: string; readonly mallId: string | null }) {
  const query = new URLSearchParams({ orderId, ...(mallId === null ? {} : { mallId }) });
  return (
    <Link to={`/orders?${query}`}>
      <Outside text={orderId} />
    </Link>
  );
}
