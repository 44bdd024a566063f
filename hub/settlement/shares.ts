/**
 * How the `concurrencyMax` of a channel is divided among the processes that serve it, and that of the portal among all, so
 * that it holds for all of them together and nothing is asked per call.
 *
 * Authoritative is `hub.call_shares`: a row per channel and process with what is granted to it, and never more in sum
 * than the limit. Each process renews its rows once per `pollMs`, all channels in one transaction; under one lock, so
 * that two never count on the same free places. Everybody's target is the same part of the limit. Who comes takes what
 * is free, at first perhaps nothing; who has too many begins no more than its target at once, and says so with its
 * next renewal, when it counts what it still has in hand. So a change is through after two renewals, and at no moment
 * may more be in hand than the limit.
 *
 * A process that does not get through to Postgres stops beginning calls when `leaseMs` have passed since it began its
 * last renewal. If others have its share by the time it is back, the places that it still has in hand are void until
 * they are no more than it is granted anew. One that died holds its share for as long, and for as long as one of its calls may be under way.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { callSlots, type CallSlots } from './call-slots.ts';
import { laterByTimer, type Later } from '../later.ts';
import type { CallShares } from './turns-port.ts';

export interface SharesOptions {
  readonly store: CallShares;
  /** What may be in hand at once in all processes together, of each channel that this one serves and of the portal. */
  readonly concurrencyMax: ReadonlyMap<string, number>;
  /** From a call's beginning to the moment when it is over for certain. */
  readonly longestCallMs: (channel: string) => number;
  readonly pollMs: number;
  readonly leaseMs: number;
  readonly monotonicMs: () => number;
  readonly log: Logger;
  /** This process has no part in the channel from now on, or has again. */
  readonly onIdle: (channel: string, isIdle: boolean) => void;
  /** Default: a timer of Node's. */
  readonly later?: Later;
}

export interface Shares {
  /** Waits for a place, at most `waitMs`. @returns whether there is one, to be given back by `leave` */
  enter(channel: string, waitMs: number): Promise<boolean>;
  leave(channel: string): void;
  /** Whether a call may begin in a place that one has: not when the share could be another's by now. */
  isValid(channel: string): boolean;
  /** One renewal. The first is to be awaited before anything is called. */
  renew(): Promise<void>;
  /** To be called when nothing is in hand any more: others have this process's share at once. */
  stop(): Promise<void>;
}

/** Under this name the portal's places are divided; no channel has it. */
export const portalPlaces = 'portal';

export function startShares(options: SharesOptions): Shares {
  const { store, concurrencyMax, longestCallMs, pollMs, leaseMs, monotonicMs, log, onIdle } = options;
  const { later = laterByTimer } = options;
  const holder = randomUUID();
  const slots = new Map<string, CallSlots>([...concurrencyMax.keys()].map((id) => [id, callSlots(0, later)]));
  /** What this process may begin at once, by channel. */
  const most = new Map<string, number>();
  /** What others left to this process at its latest renewal. */
  const held = new Map<string, number>();
  const idle = new Set<string>();
  let validUntilMs = -Infinity;
  let isStopped = false;
  let cancel = (): void => undefined;

  function use(channel: string, max: number): void {
    most.set(channel, max);
    slots.get(channel)?.setMax(max);
    if ((max === 0) === idle.has(channel)) return;
    if (max === 0) idle.add(channel);
    else idle.delete(channel);
    onIdle(channel, max === 0);
  }

  async function renew(): Promise<void> {
    const begunAtMs = monotonicMs();
    const wanted = [...concurrencyMax].map(([channel, limit]) => ({
      channel,
      limit,
      oneEach: channel === portalPlaces,
      // More than that cannot come to be in hand before the answer is here.
      using: Math.max(most.get(channel) ?? 0, slots.get(channel)?.inHand ?? 0),
      holdMs: leaseMs + longestCallMs(channel),
    }));
    const shares = await store.renew(holder, wanted);
    validUntilMs = begunAtMs + leaseMs;
    for (const { channel, granted, target } of shares) {
      held.set(channel, granted);
      use(channel, Math.min(granted, target));
    }
  }

  let renewing: Promise<void> = Promise.resolve();
  function schedule(): void {
    cancel = later(pollMs, () => {
      renewing = renew()
        .catch((error: unknown) => {
          log.warn({ err: error }, 'the shares of the channels could not be renewed');
          if (monotonicMs() >= validUntilMs) for (const channel of concurrencyMax.keys()) use(channel, 0);
        })
        .finally(() => {
          if (!isStopped) schedule();
        });
    });
  }
  schedule();

  return {
    enter: (channel, waitMs) => slots.get(channel)?.enter(waitMs) ?? Promise.resolve(false),
    leave: (channel) => slots.get(channel)?.leave(),
    isValid: (channel) =>
      monotonicMs() < validUntilMs && (slots.get(channel)?.inHand ?? 0) <= (held.get(channel) ?? 0),
    renew,
    stop: async () => {
      isStopped = true;
      cancel();
      await renewing;
      try {
        await store.leave(holder);
      } catch (error) {
        log.warn({ err: error }, 'shares were not given back; they are free when their time is past');
      }
    },
  };
}
