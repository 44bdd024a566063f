/** Whether a remote's own answer bears out what one person states about a leg. */
import type { Decimal } from 'decimal.js';
import { directionOfAction } from './action.ts';
import type { Truth } from './case.ts';
import type { Action, Answer, LegPolicy } from './deduction.ts';
import { absenceFinalAfterMs } from './look-up.ts';

/** What a look-up found, as far as it says anything. */
export type Finding =
  | { readonly type: 'done'; readonly points: Decimal }
  | { readonly type: 'absent' }
  | { readonly type: 'nothing' };

/** A look-up that ended, and what had been sent before it. */
export interface Inquiry {
  readonly action: Action;
  readonly finding: Finding;
  readonly askedAt: Date;
  /** When the latest request that could have an effect had to leave; undefined if there was none. */
  readonly lastSendBy: Date | undefined;
}

export function findingOf({ outcome }: Answer): Finding {
  switch (outcome.type) {
    case 'done':
      return { type: 'done', points: outcome.points };
    case 'not_found':
    case 'rejected':
      return { type: 'absent' };
    case 'found':
      switch (outcome.outcome.type) {
        case 'done':
          return { type: 'done', points: outcome.outcome.points };
        case 'rejected':
          return { type: 'absent' };
        case 'pending':
          return { type: 'nothing' };
      }
    case 'incomplete':
    case 'open':
    case 'pending':
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return { type: 'nothing' };
  }
}

/**
 * Whether `inquiry` proves `truth`: it asked about the same thing and found exactly these points, or it found nothing
 * at a time when nothing could arrive any more.
 */
export function bearsOut(
  { action, finding, askedAt, lastSendBy }: Inquiry,
  truth: Truth,
  aboutAction: Action,
  policy: Pick<LegPolicy, 'callDeadlineMs' | 'idempotency' | 'notFoundFinalAfterMs' | 'lateEffectCheckMs'>,
): boolean {
  if (action !== aboutAction) return false;
  switch (finding.type) {
    case 'done':
      return truth.tookEffect && truth.points.equals(finding.points);
    case 'absent': {
      const overMs = (lastSendBy?.getTime() ?? 0) + policy.callDeadlineMs;
      const finalMs = overMs + absenceFinalAfterMs(directionOfAction(action), policy);
      return !truth.tookEffect && askedAt.getTime() >= finalMs;
    }
    case 'nothing':
      return false;
  }
}
