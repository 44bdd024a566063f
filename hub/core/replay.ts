/** What a bulk replay does next: one small function from what is known of it to a named step. */

export const replayStates = ['previewed', 'running', 'paused', 'cancelling', 'cancelled', 'done'] as const;
export type ReplayState = (typeof replayStates)[number];

/** How many items are where. An item that went under way ends succeeded or failed; any other never began. */
export interface ReplayCounts {
  readonly eligible: number;
  readonly begun: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Its case was no longer what the preview saw. */
  readonly skipped: number;
  readonly cancelled: number;
}

export interface ReplayFacts extends ReplayCounts {
  readonly state: ReplayState;
  /** So many items go first, and nothing else until all of them have ended well; 0: no canary. */
  readonly canary: number;
  readonly isCanaryOver: boolean;
  /** At the last start or resume: whoever resumed knew of these. */
  readonly succeededBefore: number;
  readonly failedBefore: number;
  readonly failedPercentMax: number;
  readonly ratePerSecond: number;
  /** When the next item may go. */
  readonly nextAt: Date;
  /** A remote of its items that is left alone now. */
  readonly heldRemote: string | undefined;
}

export type ReplayStep =
  | { readonly type: 'send'; readonly atMost: number; readonly isCanaryOver: boolean }
  | { readonly type: 'pause'; readonly cause: string }
  | { readonly type: 'end'; readonly as: 'done' | 'cancelled' }
  | { readonly type: 'wait' };

/** So many have to have ended before their share of failures says anything. */
const tellingMin = 10;

export function replayStep(facts: ReplayFacts, now: Date, batchMax: number): ReplayStep {
  const underWay = underWayOf(facts);
  const waiting = waitingOf(facts);
  switch (facts.state) {
    case 'previewed':
    case 'paused':
    case 'cancelled':
    case 'done':
      return { type: 'wait' };
    case 'cancelling':
      return underWay === 0 ? { type: 'end', as: 'cancelled' } : { type: 'wait' };
    case 'running': {
      if (waiting === 0) return underWay === 0 ? { type: 'end', as: 'done' } : { type: 'wait' };
      if (facts.heldRemote !== undefined) return { type: 'pause', cause: `held: ${facts.heldRemote}` };
      const failed = facts.failed - facts.failedBefore;
      const ended = failed + facts.succeeded - facts.succeededBefore;
      if (!facts.isCanaryOver) {
        if (failed > 0) return { type: 'pause', cause: 'canary_failed' };
        const first = facts.canary - facts.begun;
        if (first > 0) return send(Math.min(first, batchMax), facts, now, false);
        if (underWay > 0) return { type: 'wait' };
      }
      if (ended >= tellingMin && failed * 100 > facts.failedPercentMax * ended) {
        return { type: 'pause', cause: 'too_many_failed' };
      }
      return send(Math.min(waiting, batchMax), facts, now, true);
    }
  }
}

export function underWayOf({ begun, succeeded, failed }: ReplayCounts): number {
  return begun - succeeded - failed;
}

export function waitingOf({ eligible, begun, skipped, cancelled }: ReplayCounts): number {
  return eligible - begun - skipped - cancelled;
}

/** No more at once than the rate gives for this time: a driver that comes late does not catch up in one go. */
const burstMs = 1_000;

function send(
  wanted: number,
  { ratePerSecond, nextAt }: Pick<ReplayFacts, 'ratePerSecond' | 'nextAt'>,
  now: Date,
  isCanaryOver: boolean,
): ReplayStep {
  const lateMs = Math.min(now.getTime() - nextAt.getTime(), burstMs);
  if (lateMs < 0) return { type: 'wait' };
  const allowed = Math.floor((lateMs * ratePerSecond) / 1_000) + 1;
  return { type: 'send', atMost: Math.min(wanted, allowed), isCanaryOver };
}

/** When the next item may go after `sent` more. */
export function nextAtAfter(
  { ratePerSecond, nextAt }: Pick<ReplayFacts, 'ratePerSecond' | 'nextAt'>,
  now: Date,
  sent: number,
): Date {
  const fromMs = Math.max(nextAt.getTime(), now.getTime() - burstMs);
  return new Date(fromMs + (sent * 1_000) / ratePerSecond);
}
