/** Wires what keeps a worker's calls in order: breakers with their probes, rates, members' lanes. */
import type { Logger } from 'pino';
import type { RemoteConfig } from './config.ts';
import type { BreakerLimits, Remote } from './core/breaker.ts';
import type { Policies } from './core/deduction.ts';
import { admissions, type Admissions } from './settlement/admissions.ts';
import { startBreakers } from './settlement/breakers.ts';
import { callLine, sleepUntilAborted, type CallLine } from './settlement/call-line.ts';
import { prober } from './settlement/prober.ts';
import type { Remotes } from './settlement/remote-call.ts';
import type { Settler } from './settlement/settle.ts';
import { callLines } from './store/call-lines.ts';
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
  /** Tells `listener` of every channel that is left alone now, and from then on of each change. */
  onHeld(listener: (channel: string, isHeld: boolean) => void): void;
  stop(): Promise<void>;
}

/** Resolves once this process knows which remotes are to be left alone. */
export async function openGates(options: GatesOptions): Promise<Gates> {
  const { database, config, remotes, policiesOf, channels, pollMs, stopping, log, settlerWith } = options;
  const limits = limitsByRemote(config);
  const limitsOf = (remote: Remote): BreakerLimits =>
    limits.get(remote)?.breaker ?? config.portal.limits.breaker;
  const patiently = patience(stopping, log);
  const states = channelStates(database);
  const served = new Set<Remote>(['portal', ...channels.map((id): Remote => `channel:${id}`)]);
  const held = new Set<string>();
  let listener: (channel: string, isHeld: boolean) => void = () => undefined;

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
      if (remote === 'portal') return;
      const channel = remote.slice('channel:'.length);
      if (isHeld) held.add(channel);
      else held.delete(channel);
      listener(channel, isHeld);
    },
  });
  const lines = openLines(limits, database, stopping, log);
  const lanes = new Set([...config.channels.values()].filter(needsLane).map(({ id }) => id));
  const entrance = admissions({
    breakers,
    limitsOf,
    policiesOf,
    lineOf: (remote) => lines.get(remote),
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
    await breakers.look();
  } catch (error) {
    await breakers.stop();
    throw error;
  }
  return {
    settler,
    onHeld: (wanted) => {
      listener = wanted;
      for (const channel of held) wanted(channel, true);
    },
    stop: async () => {
      await breakers.stop();
      await probing.stop();
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

function openLines(
  limits: ReadonlyMap<Remote, RemoteLimits>,
  database: Database,
  stopping: AbortSignal,
  log: Logger,
): ReadonlyMap<Remote, CallLine> {
  const options = {
    lines: callLines(database, patience(stopping, log)),
    monotonicMs: () => performance.now(),
    sleep: sleepUntilAborted(stopping),
  };
  const lines = new Map<Remote, CallLine>();
  for (const [remote, { ratePerSecond }] of limits) {
    if (ratePerSecond !== undefined) lines.set(remote, callLine({ ...options, remote, ratePerSecond }));
  }
  return lines;
}
