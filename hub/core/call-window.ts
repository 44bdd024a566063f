/**
 * How calls of one remote fared lately, in all processes together: what opens a breaker besides one process's own run
 * of failures. Pure; each process adds what it counted since it last did.
 */
import type { Sign } from './sign.ts';

/** When so many calls of a remote met nobody that it counts as away. */
export interface CountLimits {
  /** Signs of absence in a row that open the breaker: in one process at once, in all together a look later. */
  readonly failuresMax: number;
  /** Over how long calls are counted, in all processes together. */
  readonly windowMs: number;
  /** Of so many calls in a window at least, a larger share of failures opens the breaker, too; 0 to 1. */
  readonly callsMin: number;
  readonly failureShareMax: number;
}

/** What one process counted. */
export interface CallCount {
  readonly calls: number;
  readonly failures: number;
  /** Since the last call that somebody answered. */
  readonly failuresInRow: number;
  /** Of the last failure. */
  readonly cause: string;
  readonly retryAfterMs: number;
}

export const noCalls: CallCount = { calls: 0, failures: 0, failuresInRow: 0, cause: '', retryAfterMs: 0 };

/** All processes' counts since `since`; failures in a row are counted beyond that. */
export interface CallWindow {
  readonly since: Date;
  readonly calls: number;
  readonly failures: number;
  readonly failuresInRow: number;
}

/** The count after `sign`; what says nothing about the remote is not counted. */
export function countAfter(before: CallCount, sign: Sign): CallCount {
  switch (sign.type) {
    case 'there':
      return { ...before, calls: before.calls + 1, failuresInRow: 0 };
    case 'away': {
      const { cause, retryAfterMs } = sign;
      const { calls, failures, failuresInRow } = before;
      return {
        calls: calls + 1,
        failures: failures + 1,
        failuresInRow: failuresInRow + 1,
        cause,
        retryAfterMs,
      };
    }
    case 'locked_out':
    case 'none':
      return before;
  }
}

/** Whether `count` tells anything new: a failure, or answers where failures are being counted. */
export function isNews(
  count: CallCount,
  window: CallWindow | undefined,
  now: Date,
  windowMs: number,
): boolean {
  if (count.failures > 0) return true;
  if (count.calls === 0 || window === undefined) return false;
  return window.failuresInRow > 0 || !isPast(window, now, windowMs);
}

/** The window with `count` added; a new one where the last one is past. */
export function windowAfter(
  before: CallWindow | undefined,
  { calls, failures, failuresInRow }: CallCount,
  now: Date,
  windowMs: number,
): CallWindow {
  const inRowBefore = before?.failuresInRow ?? 0;
  const current =
    before === undefined || isPast(before, now, windowMs) ? { since: now, calls: 0, failures: 0 } : before;
  return {
    since: current.since,
    calls: current.calls + calls,
    failures: current.failures + failures,
    failuresInRow: calls > failures ? failuresInRow : inRowBefore + failuresInRow,
  };
}

/** Whether so many calls met nobody that the remote counts as away. */
export function isTooMany(
  { calls, failures, failuresInRow }: CallWindow,
  { failuresMax, callsMin, failureShareMax }: CountLimits,
): boolean {
  return failuresInRow >= failuresMax || (calls >= callsMin && failures > calls * failureShareMax);
}

function isPast({ since }: CallWindow, now: Date, windowMs: number): boolean {
  return now.getTime() - since.getTime() > windowMs;
}
