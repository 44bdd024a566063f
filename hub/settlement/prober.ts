/**
 * Finds out whether a remote that was left alone is back: by one real step of one deduction that waits for it, under
 * the probe's lease in `hub.channel_states`, so that no other process tries meanwhile. Where nothing waits, nothing is
 * tried; only the portal is then asked for a channel's remaining quota, since no deduction may begin without it.
 */
import { randomUUID } from 'node:crypto';
import type { Unknown } from '@points-hub/adapters';
import type { Logger } from 'pino';
import type { Breaker, Remote } from '../core/breaker.ts';
import type { Policies } from '../core/deduction.ts';
import { signOf, type Sign } from '../core/sign.ts';
import type { Admissions } from './admissions.ts';
import type { Breakers } from './breakers.ts';
import type { ChannelStates, WaitingDeduction } from './channel-states-port.ts';
import type { Remotes } from './remote-call.ts';
import type { Settler } from './settle.ts';

export interface ProberOptions {
  readonly states: Pick<ChannelStates, 'waitingFor'>;
  readonly breakers: Pick<Breakers, 'change'>;
  readonly admissions: Admissions;
  readonly settler: Pick<Settler, 'driveWith'>;
  readonly remotes: Remotes;
  readonly policiesOf: (channel: string) => Policies;
  /** The channels that this process serves. */
  readonly channels: readonly string[];
  readonly log: Logger;
}

export interface Prober {
  /** Tries `remote`, unless this process is doing so. Never rejects. */
  probe(remote: Remote, breaker: Breaker): Promise<void>;
  /** Waits for probes under way. */
  stop(): Promise<void>;
}

/** A deduction that turns out to have no call to make makes room for the next one; so many are tried per probe. */
const candidatesMax = 3;
/** From the probe's lease to its call's intent. */
const probeMarginMs = 5_000;

export function prober(options: ProberOptions): Prober {
  const { states, breakers, admissions, settler, remotes, policiesOf, channels, log } = options;
  const underWay = new Map<Remote, Promise<void>>();

  async function probe(remote: Remote, { openings }: Breaker): Promise<void> {
    // By turns: one deduction whose own look-up always fails must not keep the remote closed to the others.
    const waiting = await states.waitingFor(remote, openings % 2 === 1, candidatesMax);
    const [channel] = channels;
    if (waiting.length === 0 && (remote !== 'portal' || channel === undefined)) return;
    const name = randomUUID();
    const leaseMs = longestCallMs(remote) + probeMarginMs;
    const taken = await breakers.change(remote, { type: 'probe_wanted', prober: name, leaseMs });
    if (taken.state !== 'half_open' || taken.prober !== name) return;
    const ends: Promise<unknown>[] = [];
    const onSign = (sign: Sign): void => {
      log.info({ remote, sign }, 'probed');
      const end = breakers.change(remote, { type: 'probe_ended', prober: name, sign });
      ends.push(end.catch((error: unknown) => log.warn({ err: error, remote }, 'a probe was not recorded')));
    };
    try {
      for (const one of waiting) {
        if (ends.length === 0) await driveOne(one, remote, taken.until, onSign);
      }
      if (waiting.length === 0 && channel !== undefined) onSign(await askPortal(channel));
    } finally {
      if (ends.length === 0) onSign({ type: 'none' });
      await Promise.all(ends);
    }
  }

  async function driveOne(
    { deductionId, orderRowId, channel }: WaitingDeduction,
    remote: Remote,
    until: Date,
    onSign: (sign: Sign) => void,
  ): Promise<void> {
    const pass = await admissions.enterToProbe(deductionId, channel, { remote, until, onSign });
    try {
      const due = { channel, deductionId, orderRowId, messageId: undefined, traceparent: undefined };
      await settler.driveWith(pass, due);
    } finally {
      await pass.leave();
    }
  }

  async function askPortal(channel: string): Promise<Sign> {
    const deadlineMs = policiesOf(channel).quota.callDeadlineMs;
    // An adapter that throws has broken its contract, and what it threw says nothing about the remote.
    const outcome = await remotes.portal
      .remaining(channel, { deadlineMs, maySend: () => true })
      .catch((): Unknown => ({ type: 'unknown', cause: 'unmapped_answer', evidence: {} }));
    return outcome.type === 'balance' ? { type: 'there' } : signOf({ type: 'acted', outcome });
  }

  function longestCallMs(remote: Remote): number {
    const channel = remote === 'portal' ? (channels[0] ?? '') : remote.slice('channel:'.length);
    const { sendWindowMs, points, quota } = policiesOf(channel);
    return sendWindowMs + (remote === 'portal' ? quota : points).callDeadlineMs;
  }

  return {
    probe: (remote, breaker) => {
      const running = underWay.get(remote);
      if (running !== undefined) return running;
      const started = probe(remote, breaker)
        .catch((error: unknown) => log.warn({ err: error, remote }, 'a probe did not come to its end'))
        .finally(() => underWay.delete(remote));
      underWay.set(remote, started);
      return started;
    },
    stop: async () => {
      await Promise.all(underWay.values());
    },
  };
}
