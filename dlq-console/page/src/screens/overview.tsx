/** What waits, at a glance. */
import { useQuery } from '@tanstack/react-query';
import { Card, Statistic, Typography } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { pointsInWords, sumOfPoints } from '../amounts.ts';
import { answered, api } from '../api.ts';
import { useRefetchInterval } from '../live.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { timeInWords } from '../words/index.ts';

const InflowChart = lazy(() => import('../inflow-chart.tsx').then((m) => ({ default: m.InflowChart })));

export function Overview() {
  const { t } = useTranslation();
  return (
    <Screen title={t('place.overview')}>
      <Figures />
    </Screen>
  );
}

function Figures() {
  const { t } = useTranslation();
  const { name } = useMe();
  const refetchInterval = useRefetchInterval();
  const groups = useQuery({
    queryKey: ['groups', 'open'],
    queryFn: () => answered(api.GET('/ops/v1/case-groups', { params: { query: { state: 'open' } } })),
    refetchInterval,
  });
  const running = useQuery({
    queryKey: ['replays', 'running'],
    queryFn: () =>
      answered(api.GET('/ops/v1/replays', { params: { query: { state: 'running', limit: 200 } } })),
    refetchInterval,
  });
  const waiting = useQuery({
    queryKey: ['compensations', 'requested'],
    queryFn: () =>
      answered(api.GET('/ops/v1/compensations', { params: { query: { state: 'requested', limit: 200 } } })),
    refetchInterval,
  });
  const mine = useQuery({
    queryKey: ['cases', 'mine'],
    queryFn: () => answered(api.GET('/ops/v1/cases', { params: { query: { claimedBy: name, limit: 200 } } })),
    refetchInterval,
  });
  return (
    <>
      <Loaded of={groups}>
        {({ groups: found }) => (
          <>
            <div className="figures">
              <Figure
                to="/cases"
                title={t('figure.open')}
                value={found.reduce((n, { cases }) => n + cases, 0)}
              />
              <Figure
                to="/groups"
                title={t('figure.oldest')}
                value={timeInWords(found.map(({ firstSeenAt }) => firstSeenAt).toSorted()[0] ?? null)}
              />
              <Figure
                to="/groups"
                title={t('figure.points')}
                value={pointsInWords(sumOfPoints(found.map(({ points }) => points)))}
              />
              <Figure
                to={`/cases?claimedBy=${encodeURIComponent(name)}`}
                title={t('figure.mine')}
                value={listed(mine.data?.cases)}
              />
              <Figure to="/replays" title={t('figure.running')} value={listed(running.data?.replays)} />
              <Figure
                to="/compensations?state=requested"
                title={t('figure.waiting')}
                value={listed(waiting.data?.compensations)}
              />
            </div>
            <section aria-label={t('figure.inflow')}>
              <Typography.Title level={2}>{t('figure.inflow')}</Typography.Title>
              <Suspense fallback={null}>
                <InflowChart trends={found.map(({ trend }) => trend)} />
              </Suspense>
            </section>
          </>
        )}
      </Loaded>
    </>
  );
}

/** How many there are on one page of a list; a full page may not be all. */
const pageMax = 200;

function listed(found: readonly unknown[] | undefined): string {
  if (found === undefined) return '…';
  return found.length < pageMax ? String(found.length) : `${pageMax}+`;
}

interface FigureProperties {
  readonly to: string;
  readonly title: string;
  readonly value: string | number;
}

function Figure({ to, title, value }: FigureProperties) {
  return (
    <Card>
      <Statistic title={<Link to={to}>{title}</Link>} value={value} formatter={(shown) => shown} />
    </Card>
  );
}
