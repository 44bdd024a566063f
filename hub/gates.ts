/** Wires what keeps a worker's calls in order: breakers with their probes, rates, shares, members' lanes. */
import type { Logger } from 'pino';
import type { RemoteConfig } from './config.ts';
import type { BreakerLimits, Remote } from './core/breaker.ts';
import type { Policies } from './core/deduction.ts';
import { admissions, type Admissions } from './settlement/admissions.ts';
import { startBreakers } from './settlement/breakers.ts';
import { callLine, linesInForce, sleepUntilAborted } from './settlement/call-line.ts';
import { prober } from './settlement/prober.ts';
import { sendWindowMs } from './settlement/policies.ts';
import { portalPlaces, startShares } from './settlement/shares.ts';
import type { Remotes } from './settlement/remote-call.ts';
import type { Settler } from './settlement/settle.ts';
import { callLines } from './store/call-lines.ts';
import { callShares } from './store/call-shares.ts';
import { channelStates } from './store/channel-states.ts';
import type { Database } from './store/database.ts';
import { memberLanes } from './store/member-lanes.ts';
import { patience } from './store/patience.ts';

export interface GatesOptions {
  readonly database: Database;
  readonly config: RemoteConfig;
  readonly remotes: Remotes;
  readonly policiesOf: (channel: string) => Policies;
  /** The channels that this process serves. */
  readonly channels: readonly string[];
  readonly pollMs: number;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
  readonly settlerWith: (entrance: Admissions) => Settler;
}

export interface Gates {
  readonly settler: Settler;
  /** Tells `listener` of every channel whose deliveries are of no use now, and from then on of each change. */
  onHeld(listener: (channel: string, isHeld: boolean) => void): void;
  /** To be called when no deduction is in hand any more. */
  stop(): Promise<void>;
}

/** Why a channel's deliveries are of no use: it is left alone, or this process has no part in it, or in the portal. */
type HeldFor = 'away' | 'no share' | 'no portal share';

/** How long a process that does not get through to Postgres goes on with its share; several polls. */
const shareLeaseMs = 5_000;

/** Resolves once this process knows which remotes are to be left alone. */
export async function openGates(options: GatesOptions): Promise<Gates> {
  const { database, config, remotes, policiesOf, channels, pollMs, stopping, log, settlerWith } = options;
  const limits = limitsByRemote(config);
  const limitsOf = (remote: Remote): BreakerLimits =>
    limits.get(remote)?.breaker ?? config.portal.limits.breaker;
  const patiently = patience(stopping, log);
  const states = channelStates(database);
  const served = new Set<Remote>(['portal', ...channels.map((id): Remote => `channel:${id}`)]);
  const held = new Map<string, Set<HeldFor>>(channels.map((id) => [id, new Set()]));
  let listener: (channel: string, isHeld: boolean) => void = () => undefined;

  function holdFor(reason: HeldFor, channel: string, applies: boolean): void {
    const reasons = held.get(channel);
    if (reasons === undefined) return;
    const was = reasons.size > 0;
    if (applies) reasons.add(reason);
    else reasons.delete(reason);
    if (was !== reasons.size > 0) listener(channel, reasons.size > 0);
  }

  const breakers = startBreakers({
    states,
    limitsOf,
    pollMs,
    monotonicMs: () => performance.now(),
    random: Math.random,
    log,
    onProbeDue: (remote, breaker) => {
      if (served.has(remote)) void probing.probe(remote, breaker);
    },
    onHeld: (remote, isHeld) => {
      if (remote !== 'portal') holdFor('away', remote.slice('channel:'.length), isHeld);
    },
  });
  const shares = startShares({
    store: callShares(database),
    concurrencyMax: new Map([
      [portalPlaces, config.portal.limits.concurrencyMax],
      ...[...config.channels.values()]
        .filter(({ id }) => channels.includes(id))
        .map(({ id, limits: { concurrencyMax } }) => [id, concurrencyMax] as const),
    ]),
    longestCallMs: (id) =>
      sendWindowMs +
      (id === portalPlaces ? config.portal.limits.callTimeoutMs : policiesOf(id).points.callDeadlineMs),
    pollMs,
    leaseMs: shareLeaseMs,
    monotonicMs: () => performance.now(),
    log,
    onIdle: (id, isIdle) => {
      if (id === portalPlaces) for (const channel of channels) holdFor('no portal share', channel, isIdle);
      else holdFor('no share', id, isIdle);
    },
  });
  const lineOptions = {
    lines: callLines(database, patiently),
    monotonicMs: () => performance.now(),
    sleep: sleepUntilAborted(stopping),
  };
  const lineOf = linesInForce(
    (remote) => lowest(limits.get(remote)?.ratePerSecond, breakers.rateMaxOf(remote)),
    (remote, ratePerSecond) => callLine({ ...lineOptions, remote, ratePerSecond }),
  );
  const lanes = new Set([...config.channels.values()].filter(needsLane).map(({ id }) => id));
  const entrance = admissions({
    breakers,
    limitsOf,
    policiesOf,
    lineOf,
    places: shares,
    lanes: memberLanes(database, patiently),
    needsLane: (channel) => lanes.has(channel),
    monotonicMs: () => performance.now(),
    log,
  });
  const settler = settlerWith(entrance);
  const probing = prober({
    states,
    breakers,
    admissions: entrance,
    settler,
    remotes,
    policiesOf,
    channels,
    log,
  });
  try {
    await Promise.all([breakers.look(), shares.renew()]);
  } catch (error) {
    await breakers.stop();
    await shares.stop();
    throw error;
  }
  return {
    settler,
    onHeld: (wanted) => {
      listener = wanted;
      for (const [channel, reasons] of held) if (reasons.size > 0) wanted(channel, true);
    },
    stop: async () => {
      await breakers.stop();
      await probing.stop();
      await shares.stop();
    },
  };
}

type RemoteLimits = RemoteConfig['portal']['limits'];

function limitsByRemote({ portal, channels }: RemoteConfig): ReadonlyMap<Remote, RemoteLimits> {
  return new Map<Remote, RemoteLimits>([
    ['portal', portal.limits],
    ...[...channels].map(([id, { limits }]): [Remote, RemoteLimits] => [`channel:${id}`, limits]),
  ]);
}

function needsLane({ capabilities }: { readonly capabilities: { readonly perUserLane: boolean } }): boolean {
  return capabilities.perUserLane;
}

/** A person may lower the rate of a file, or set one where it has none. */
function lowest(ofFile: number | undefined, set: number | undefined): number | undefined {
  const rate = Math.min(ofFile ?? Infinity, set ?? Infinity);
  return rate === Infinity ? undefined : rate;
}
