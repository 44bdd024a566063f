/** The parts of the overview: what is at stake, how the channels fare, what waits for whom. */
import { useQuery } from '@tanstack/react-query';
import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { pointsInWords } from './amounts.ts';
import { answered, api, type CaseSummary, type Replay, type Schemas } from './api.ts';
import { useRefetchInterval } from './live.tsx';
import { Mark, StateMark } from './marks.tsx';
import { Outside } from './outside.tsx';
import { percentDone } from './progress.ts';
import { Loaded, type Asked } from './screen.tsx';
import { useMe } from './session.tsx';
import { stakesOf } from './stakes.ts';
import { timeInWords } from './words/index.ts';

/** So many of a list are shown here; its own screen has the rest. */
const shownMax = 5;

interface PanelProperties {
  readonly title: string;
  readonly children: React.ReactNode;
}

function Panel({ title, children }: PanelProperties) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Quiet({ children }: { readonly children: React.ReactNode }) {
  return <p className="quiet">{children}</p>;
}

type Group = Schemas['CaseGroups']['groups'][number];

export function Stakes({ groups }: { readonly groups: readonly Group[] }) {
  const { t } = useTranslation();
  const stakes = stakesOf(groups);
  return (
    <Panel title={t('desk.stakes')}>
      {stakes.length === 0 ? (
        <Quiet>{t('desk.nothingAtStake')}</Quiet>
      ) : (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('column.channel')}</th>
              <th scope="col" className="number">
                {t('column.cases')}
              </th>
              <th scope="col" className="number">
                {t('column.points')}
              </th>
              <th scope="col">{t('column.oldest')}</th>
            </tr>
          </thead>
          <tbody>
            {stakes.map(({ channel, cases, points, oldestAt }) => (
              <tr key={channel ?? ''}>
                <th scope="row">
                  {channel === undefined ? (
                    t('desk.severalChannels')
                  ) : (
                    <Link to={`/cases?channel=${encodeURIComponent(channel)}`}>
                      <Outside text={channel} />
                    </Link>
                  )}
                </th>
                <td className="number">{pointsInWords(String(cases))}</td>
                <td className="number">{pointsInWords(points)}</td>
                <td>{timeInWords(oldestAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

export function Remotes() {
  const { t } = useTranslation();
  const refetchInterval = useRefetchInterval();
  const remotes = useQuery({
    queryKey: ['channels'],
    queryFn: () => answered(api.GET('/ops/v1/channels')),
    refetchInterval,
  });
  return (
    <Panel title={t('desk.remotes')}>
      <Loaded of={remotes}>
        {({ channels }) => (
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t('column.channel')}</th>
                <th scope="col">{t('column.breaker')}</th>
                <th scope="col" className="number">
                  {t('column.waiting')}
                </th>
              </tr>
            </thead>
            <tbody>
              {channels.map(({ id, breaker, paused, waiting }) => (
                <tr key={id}>
                  <th scope="row">
                    <Link to={`/channels?channel=${encodeURIComponent(id)}`}>{id}</Link>
                  </th>
                  <td>
                    <span className="acts">
                      <StateMark of="breaker" state={breaker.state} />
                      {paused === null ? null : <Mark tone="wait">{t('channel.paused')}</Mark>}
                    </span>
                  </td>
                  <td className="number">{pointsInWords(String(waiting))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}

export function Claimed({ of }: { readonly of: Asked<Schemas['Cases']> }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('figure.mine')}>
      <Loaded of={of}>
        {({ cases }) => (
          <Few found={cases} nothing={t('desk.nothingMine')}>
            {(one: CaseSummary) => (
              <li key={one.id}>
                <Link to={`/cases/${one.id}`}>
                  {one.id} · {t(`cause.${one.cause}`)}
                </Link>{' '}
                <span className="quiet">
                  <Outside text={one.channel} /> {one.points === null ? '' : pointsInWords(one.points)}
                </span>
              </li>
            )}
          </Few>
        )}
      </Loaded>
    </Panel>
  );
}

export function Waiting({ of }: { readonly of: Asked<Schemas['Compensations']> }) {
  const { t } = useTranslation();
  const { name, permissions } = useMe();
  const mayApprove = permissions.includes('compensation.approve');
  return (
    <Panel title={t(mayApprove ? 'desk.waitingForMe' : 'desk.waitingForApprovers')}>
      <Loaded of={of}>
        {({ compensations }) => (
          <Few
            found={compensations.filter(({ requestedBy }) => requestedBy !== name)}
            nothing={t('desk.nothingWaits')}
          >
            {(one: Schemas['Compensations']['compensations'][number]) => (
              <li key={one.id}>
                <Link to={`/compensations/${one.id}`}>
                  {one.id} · {t(`kind.${one.kind}`)}
                </Link>{' '}
                <span className="quiet">
                  {one.points === null ? '' : pointsInWords(one.points)} <Outside text={one.channel} /> ·{' '}
                  <Outside text={one.requestedBy} />
                </span>
              </li>
            )}
          </Few>
        )}
      </Loaded>
    </Panel>
  );
}

export function Running({ of }: { readonly of: Asked<Schemas['Replays']> }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('figure.running')}>
      <Loaded of={of}>
        {({ replays }) => (
          <Few found={replays} nothing={t('desk.nothingRuns')}>
            {(one: Replay) => (
              <li key={one.id}>
                <Link to={`/replays/${one.id}`}>{t('replay.title', { id: one.id })}</Link>{' '}
                <span className="quiet">
                  <Outside text={one.reason} />
                </span>
                <Progress percent={percentDone(one)} size="small" aria-label={t('column.progress')} />
              </li>
            )}
          </Few>
        )}
      </Loaded>
    </Panel>
  );
}

interface FewProperties<One> {
  readonly found: readonly One[];
  readonly nothing: string;
  readonly children: (one: One) => React.ReactNode;
}

function Few<One>({ found, nothing, children }: FewProperties<One>) {
  const { t } = useTranslation();
  if (found.length === 0) return <Quiet>{nothing}</Quiet>;
  return (
    <>
      <ul className="few">{found.slice(0, shownMax).map(children)}</ul>
      {found.length > shownMax ? <Quiet>{t('desk.more', { count: found.length - shownMax })}</Quiet> : null}
    </>
  );
}
