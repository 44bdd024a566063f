/**
 * The circuit breaker of one remote, a channel or the portal: when it counts as away, how long it is left alone, and
 * who may try whether it is back. Pure; `docs/breaker.md` has the picture. `hub.channel_states` keeps the state for
 * all processes, and the calls that they counted; each process's own run of failures opens it at once.
 */
import { isTooMany, windowAfter, type CallCount, type CallWindow, type CountLimits } from './call-window.ts';
import type { Sign } from './sign.ts';

/** Whom a call goes to. */
export type Remote = 'portal' | `channel:${string}`;

export interface BreakerLimits extends CountLimits {
  /** The first pause at most. */
  readonly openMs: number;
  /** The longest pause. */
  readonly openMaxMs: number;
}

/** Calls are made. `openings` in a row led here; a breaker that opens again soon goes on counting. */
export interface ClosedBreaker {
  readonly state: 'closed';
  readonly since: Date;
  readonly openings: number;
  /** Undefined: no call has failed since then. */
  readonly window: CallWindow | undefined;
}
/** No call is made. Left by a probe, once `until` is past. */
export interface OpenBreaker {
  readonly state: 'open';
  readonly since: Date;
  readonly openings: number;
  readonly until: Date;
  readonly cause: string;
}
/** One call is made, by `prober`. Left by its outcome, or to another prober once `until` is past. */
export interface HalfOpenBreaker {
  readonly state: 'half_open';
  readonly since: Date;
  readonly openings: number;
  readonly until: Date;
  readonly cause: string;
  readonly prober: string;
}
export type Breaker = ClosedBreaker | OpenBreaker | HalfOpenBreaker;

export type BreakerInput =
  /** A process met `failuresMax` signs of absence in a row, or was locked out. */
  | { readonly type: 'tripped'; readonly cause: string; readonly retryAfterMs: number }
  /** What a process counted since it last said so. */
  | { readonly type: 'counted'; readonly count: CallCount }
  /** A process would like to try; it has, if the breaker is then half open with its name. */
  | { readonly type: 'probe_wanted'; readonly prober: string; readonly leaseMs: number }
  | { readonly type: 'probe_ended'; readonly prober: string; readonly sign: Sign };

export interface BreakerFacts {
  readonly limits: BreakerLimits;
  readonly now: Date;
  /** Uniform in [0, 1), for jitter. */
  readonly random: number;
}

/** The breaker after `input`; the same object where nothing changes. */
export function breakerAfter(before: Breaker, input: BreakerInput, facts: BreakerFacts): Breaker {
  const { now } = facts;
  switch (input.type) {
    case 'tripped':
      // Another process was first, or this one has yet to hear that it is open.
      if (before.state !== 'closed') return before;
      return opened(before, openingsAgain(before, facts), input.cause, input.retryAfterMs, facts);
    case 'counted': {
      // Calls from before it opened, and they have been judged.
      if (before.state !== 'closed') return before;
      const { count } = input;
      const window = windowAfter(before.window, count, now, facts.limits.windowMs);
      if (!isTooMany(window, facts.limits)) return { ...before, window };
      const { cause, retryAfterMs } = count;
      // The last straw may be a call that was answered; then the failures are other processes'.
      return opened(
        before,
        openingsAgain(before, facts),
        cause === '' ? 'failing_calls' : cause,
        retryAfterMs,
        facts,
      );
    }
    case 'probe_wanted': {
      if (before.state === 'closed' || now < before.until) return before;
      const { since, openings, cause } = before;
      const { prober, leaseMs } = input;
      return { state: 'half_open', since, openings, cause, prober, until: after(now, leaseMs) };
    }
    case 'probe_ended': {
      // Somebody else has taken over: whatever this probe saw is old.
      if (before.state !== 'half_open' || before.prober !== input.prober) return before;
      return afterProbe(before, input.sign, facts);
    }
  }
}

function afterProbe(before: HalfOpenBreaker, sign: Sign, facts: BreakerFacts): Breaker {
  const { openings, cause } = before;
  switch (sign.type) {
    case 'there':
      return { state: 'closed', since: facts.now, openings, window: undefined };
    case 'away':
      return opened(before, openings + 1, sign.cause, sign.retryAfterMs, facts);
    case 'locked_out':
      return opened(before, openings + 1, sign.cause, 0, facts);
    case 'none':
      return opened(before, openings, cause, 0, facts);
  }
}

/** A remote that answers a probe and goes under again at once must not be tried at the first pace for ever. */
function openingsAgain({ since, openings }: ClosedBreaker, { limits, now }: BreakerFacts): number {
  return now.getTime() - since.getTime() <= limits.openMaxMs ? openings + 1 : 1;
}

function opened(
  before: Breaker,
  openings: number,
  cause: string,
  retryAfterMs: number,
  { limits, now, random }: BreakerFacts,
): OpenBreaker {
  const since = before.state === 'closed' ? now : before.since;
  const pauseMs = Math.min(limits.openMaxMs, Math.max(pauseAfterMs(openings, limits, random), retryAfterMs));
  return {
    state: 'open',
    since,
    openings: Math.min(openings, openingsMax),
    until: after(now, pauseMs),
    cause,
  };
}

const openingsMax = 1_000;

/**
 * How long a remote is left alone: doubling with each opening in a row, between half and the whole of the bound, so
 * that it is neither tried without a pause nor by all processes in step.
 *
 * @param openings 1 or more
 */
export function pauseAfterMs(openings: number, { openMs, openMaxMs }: BreakerLimits, random: number): number {
  // 2^30 times the first pause is beyond every bound; capping the exponent keeps the product finite.
  const bound = Math.min(openMaxMs, openMs * 2 ** Math.min(openings - 1, 30));
  return Math.ceil((bound * (1 + random)) / 2);
}

/** One process's count of failures in a row. */
export interface Tally {
  readonly failures: number;
}

export const noFailures: Tally = { failures: 0 };

/** The tally after `sign`, and the input that opens the breaker if this one was one too many. */
export function tallyAfter(
  before: Tally,
  sign: Sign,
  { failuresMax }: CountLimits,
): { readonly tally: Tally; readonly tripped: Extract<BreakerInput, { type: 'tripped' }> | undefined } {
  switch (sign.type) {
    case 'there':
      return { tally: noFailures, tripped: undefined };
    case 'none':
      return { tally: before, tripped: undefined };
    case 'locked_out':
      return { tally: noFailures, tripped: { type: 'tripped', cause: sign.cause, retryAfterMs: 0 } };
    case 'away': {
      const { cause, retryAfterMs } = sign;
      const failures = before.failures + 1;
      return failures < failuresMax
        ? { tally: { failures }, tripped: undefined }
        : { tally: noFailures, tripped: { type: 'tripped', cause, retryAfterMs } };
    }
  }
}

function after(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
