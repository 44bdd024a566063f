import type { Action, Call, Deduction, Policies } from './deduction.ts';
import { inDoubt, type Leg } from './leg.ts';

/** Time for recording the outcome after the call's deadline, before somebody else may take over. */
const leaseMarginMs = 1_000;

/**
 * The deduction with the intent of `call` written down: what must be committed before the first byte leaves.
 * The lease outlasts the send window plus the call's deadline, so nobody else calls while this call may act.
 */
export function intend(
  deduction: Deduction,
  { leg: name, action }: Call,
  policies: Policies,
  now: Date,
): Deduction {
  const quietAt = new Date(now.getTime() + policies.sendWindowMs + policies[name].callDeadlineMs);
  const token = deduction.attempts + 1;
  return {
    ...deduction,
    // What was confirmed is given back as what was deducted is.
    holds: deduction.holds && !(name === 'points' && action === 'give_back'),
    [name]: legWithIntent(deduction[name], action, now, quietAt),
    attempts: token,
    lease: { token, until: new Date(quietAt.getTime() + leaseMarginMs) },
    notBefore: undefined,
  };
}

function legWithIntent(leg: Leg, action: Action, now: Date, quietAt: Date): Leg {
  switch (action) {
    case 'find_deduct':
    case 'find_confirm':
    case 'scan_deduct':
    case 'statement_deduct':
    case 'find_give_back':
    case 'scan_give_back':
    case 'statement_give_back':
      return leg;
    case 'deduct':
    case 'hold':
      if (leg.state === 'idle') return { state: 'sent', firstSentAt: now, quietAt, unproven: false };
      if (leg.state === 'in_doubt') {
        const { firstSentAt } = leg;
        return { state: 'sent', firstSentAt, quietAt: later(leg.quietAt, quietAt), unproven: true };
      }
      break;
    case 'confirm':
      if (leg.state === 'held') {
        const taken = { points: leg.points, remoteId: leg.remoteId };
        return { state: 'confirm_sent', firstSentAt: now, quietAt, taken, unproven: false };
      }
      if (leg.state === 'confirm_in_doubt') {
        const { firstSentAt, taken } = leg;
        const quiet = later(leg.quietAt, quietAt);
        return { state: 'confirm_sent', firstSentAt, quietAt: quiet, taken, unproven: true };
      }
      break;
    case 'give_back':
    case 'release':
      if (leg.state === 'confirm_refused' && action === 'release') {
        return { state: 'undo_sent', firstSentAt: now, quietAt, taken: leg.taken, unproven: false };
      }
      if (leg.state === (action === 'release' ? 'held' : 'applied')) {
        const taken = { points: leg.points, remoteId: leg.remoteId };
        return { state: 'undo_sent', firstSentAt: now, quietAt, taken, unproven: false };
      }
      if (leg.state === 'in_doubt') {
        const quiet = later(leg.quietAt, quietAt);
        return { state: 'undo_sent', firstSentAt: now, quietAt: quiet, taken: undefined, unproven: false };
      }
      if (leg.state === 'undo_in_doubt') {
        const { firstSentAt, taken } = leg;
        return {
          state: 'undo_sent',
          firstSentAt,
          quietAt: later(leg.quietAt, quietAt),
          taken,
          unproven: true,
        };
      }
      break;
  }
  throw new Error(`no ${action} may start from a leg that is ${leg.state}`);
}

/** An earlier request may have had a longer deadline than this one: time limits change when a hub is set up anew. */
function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}

/**
 * The deduction after its worker vanished: the lease ended with the call's outcome unrecorded, so what was `sent`
 * may have happened. A vanished worker counts as trouble: what kills its workers must show up as such.
 */
export function withoutLease(deduction: Deduction): Deduction {
  return {
    ...deduction,
    lease: undefined,
    failures: deduction.failures + 1,
    points: inDoubt(deduction.points),
    quota: inDoubt(deduction.quota),
  };
}
