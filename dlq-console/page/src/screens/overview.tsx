/** What waits, at a glance. */
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ageInWords } from '../ages.ts';
import { pointsInWords, sumOfPoints } from '../amounts.ts';
import { answered, api, type Schemas } from '../api.ts';
import { spansOf } from '../flow.ts';
import { useRefetchInterval } from '../live.tsx';
import { Claimed, Remotes, Running, Stakes, Waiting } from '../overview-panels.tsx';
import { Loaded, Screen } from '../screen.tsx';
import { useMe } from '../session.tsx';
import { oldestOf } from '../stakes.ts';
import { timeInWords } from '../words/index.ts';

const FlowChart = lazy(() => import('../flow-chart.tsx').then((m) => ({ default: m.FlowChart })));

export function Overview() {
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
      answered(api.GET('/ops/v1/replays', { params: { query: { state: 'running', limit: pageMax } } })),
    refetchInterval,
  });
  const requested = useQuery({
    queryKey: ['compensations', 'requested'],
    queryFn: () =>
      answered(
        api.GET('/ops/v1/compensations', { params: { query: { state: 'requested', limit: pageMax } } }),
      ),
    refetchInterval,
  });
  const claimed = useQuery({
    queryKey: ['cases', 'mine', name],
    queryFn: () =>
      answered(api.GET('/ops/v1/cases', { params: { query: { claimedBy: name, limit: pageMax } } })),
    refetchInterval,
  });
  // Nobody approves what he asked for himself.
  const waiting = requested.data?.compensations.filter(({ requestedBy }) => requestedBy !== name);
  return (
    <Screen title={t('place.overview')}>
      <Loaded of={groups}>
        {({ groups: found }) => (
          <>
            <div className="figures">
              <Figure to="/cases" title={t('figure.open')} value={openCases(found)} />
              <Oldest groups={found} />
              <Figure
                to="/groups"
                title={t('figure.points')}
                value={pointsInWords(sumOfPoints(found.map(({ points }) => points)))}
              />
              <Figure
                to={`/cases?claimedBy=${encodeURIComponent(name)}`}
                title={t('figure.mine')}
                value={listed(claimed.data?.cases)}
              />
              <Figure
                to="/compensations?state=requested"
                title={t('figure.waiting')}
                value={listed(waiting)}
              />
              <Figure to="/replays" title={t('figure.running')} value={listed(running.data?.replays)} />
            </div>
            <Flow />
            <div className="panels">
              <Stakes groups={found} />
              <Remotes />
            </div>
          </>
        )}
      </Loaded>
      <div className="panels">
        <Claimed of={claimed} />
        <Waiting of={requested} />
        <Running of={running} />
      </div>
    </Screen>
  );
}

function Flow() {
  const { t } = useTranslation();
  const isLive = useRefetchInterval() !== false;
  const flow = useQuery({
    queryKey: ['flow'],
    queryFn: () => answered(api.GET('/ops/v1/case-flow')),
    // It counts by the hour.
    refetchInterval: isLive ? 30_000 : false,
  });
  return (
    <Loaded of={flow}>
      {({ hours }) => (
        <div className="panels">
          {(
            [
              ['flow.day', spansOf(hours, 24, 1)],
              ['flow.week', spansOf(hours, 168, 6)],
            ] as const
          ).map(([name, spans]) => (
            <section key={name} className="panel" aria-label={t(name)}>
              <h2>{t(name)}</h2>
              <Suspense fallback={<div className="chart" />}>
                <FlowChart title={t(name)} spans={spans} />
              </Suspense>
            </section>
          ))}
        </div>
      )}
    </Loaded>
  );
}

function Oldest({ groups }: { readonly groups: readonly Schemas['CaseGroups']['groups'][number][] }) {
  const { t, i18n } = useTranslation();
  const oldest = oldestOf(groups);
  const tag = i18n.language === 'zh' ? 'zh-CN' : 'en';
  return (
    <Figure
      to="/groups"
      title={t('figure.oldest')}
      value={oldest === undefined ? '–' : ageInWords(oldest, Date.now(), tag)}
      note={oldest === undefined ? '' : t('figure.since', { at: timeInWords(oldest) })}
    />
  );
}

function openCases(groups: readonly Schemas['CaseGroups']['groups'][number][]): string {
  return pointsInWords(String(groups.reduce((sum, { cases }) => sum + cases, 0)));
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
  readonly value: string;
  readonly note?: string;
}

function Figure({ to, title, value, note = '' }: FigureProperties) {
  return (
    <div className="figure">
      <Link to={to}>{title}</Link>
      <strong>{value}</strong>
      <small>{note}</small>
    </div>
  );
}
