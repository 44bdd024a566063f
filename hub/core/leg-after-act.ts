/** What the answer to a call that moves something makes of its leg. */
import type { Misconfigured, Outcome } from '@points-hub/adapters';
import type { Action, LegPolicy } from './deduction.ts';
import { inDoubt, type ConfirmSentLeg, type Leg, type SentLeg, type UndoSentLeg } from './leg.ts';
import { confirmed, effectOf, free, isFree, notGivenBack, undone } from './proof.ts';

/** @param isHold what the leg takes is held at first */
export function legAfterAct(
  leg: Leg,
  action: Action,
  outcome: Outcome,
  policy: LegPolicy,
  isHold: boolean,
): Leg {
  switch (action) {
    case 'deduct':
    case 'hold':
      if (leg.state === 'sent' && isHold === (action === 'hold'))
        return legAfterTake(leg, outcome, policy, isHold);
      break;
    case 'confirm':
      if (leg.state === 'confirm_sent') return legAfterConfirm(leg, outcome, policy);
      break;
    case 'give_back':
    case 'release':
      if (leg.state === 'undo_sent' && isHold === (action === 'release'))
        return legAfterGiveBack(leg, outcome, policy, isHold);
      break;
    case 'find_deduct':
    case 'scan_deduct':
    case 'statement_deduct':
    case 'find_confirm':
    case 'find_give_back':
    case 'scan_give_back':
    case 'statement_give_back':
      break;
  }
  throw new Error(`an outcome of ${action} cannot belong to a leg that is ${leg.state}`);
}

function legAfterTake(leg: SentLeg, outcome: Outcome, policy: LegPolicy, isHold: boolean): Leg {
  const { firstSentAt, quietAt, unproven } = leg;
  switch (outcome.type) {
    case 'done':
      return effectOf(outcome, isHold);
    case 'rejected':
      // An answer closes a leg only if it speaks for every request sent.
      if (unproven && !policy.remembersRejections) return inDoubt(leg);
      return { state: 'refused', reason: outcome.reason };
    case 'pending':
      return { state: 'pending', firstSentAt, quietAt, remoteId: outcome.remoteId };
    case 'unknown':
      return inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : { state: 'idle' };
    case 'misconfigured':
      return unproven || meetsItsKey(outcome) ? inDoubt(leg) : { state: 'idle' };
  }
}

function legAfterConfirm(leg: ConfirmSentLeg, outcome: Outcome, policy: LegPolicy): Leg {
  const { firstSentAt, quietAt, taken, unproven } = leg;
  switch (outcome.type) {
    case 'done':
      return confirmed(outcome, taken);
    case 'rejected':
      if (unproven && !policy.remembersRejections) return inDoubt(leg);
      return { state: 'confirm_refused', taken, reason: outcome.reason };
    case 'pending':
      return { state: 'confirm_pending', firstSentAt, quietAt, taken };
    case 'unknown':
      return inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : { state: 'held', ...taken };
    case 'misconfigured':
      return unproven || meetsItsKey(outcome) ? inDoubt(leg) : { state: 'held', ...taken };
  }
}

function legAfterGiveBack(leg: UndoSentLeg, outcome: Outcome, policy: LegPolicy, isHold: boolean): Leg {
  const { firstSentAt, quietAt, taken, unproven } = leg;
  switch (outcome.type) {
    case 'done':
      return undone(outcome, taken);
    case 'rejected':
      if (isHold && isFree(outcome)) return free(taken);
      if (unproven && !policy.remembersRejections) return inDoubt(leg);
      return { state: 'undo_refused', taken, reason: outcome.reason };
    case 'pending':
      return { state: 'undo_pending', firstSentAt, quietAt, taken };
    case 'unknown':
      return inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : notGivenBack(leg, isHold);
    case 'misconfigured':
      return unproven || meetsItsKey(outcome) ? inDoubt(leg) : notGivenBack(leg, isHold);
  }
}

/** The key was met before, with other content: this request moved nothing, but something under its key may have. */
function meetsItsKey({ code }: Misconfigured): boolean {
  return code === 'key_reused';
}
