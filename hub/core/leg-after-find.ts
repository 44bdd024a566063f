/** What a look-up makes of the leg that is looked up. */
import type { LookUpOutcome } from '@points-hub/adapters';
import { directionOfAction, lookUpOfAction, type LookUp } from './action.ts';
import type { Action, LegPolicy } from './deduction.ts';
import {
  finalAt,
  type ConfirmInDoubtLeg,
  type ConfirmPendingLeg,
  type InDoubtLeg,
  type Leg,
  type PendingLeg,
  type Sending,
  type UndoInDoubtLeg,
  type UndoPendingLeg,
} from './leg.ts';
import { askedAfter, provesAbsence } from './look-up.ts';
import { confirmed, effectOf, free, isFree, notGivenBack, undone } from './proof.ts';

/** The leg after a look-up, or after what the remote told by itself, which is worth the same. */
export function legAfterFind(
  leg: Leg,
  action: Action,
  outcome: LookUpOutcome,
  facts: Omit<FindFacts, 'lookUp'>,
): Leg {
  const lookUp = lookUpOfAction(action);
  if (lookUp !== undefined) {
    switch (directionOfAction(action)) {
      case 'deduct':
        if (leg.state === 'in_doubt' || leg.state === 'pending')
          return legAfterFindDeduct(leg, outcome, { ...facts, lookUp });
        break;
      case 'confirm':
        if (leg.state === 'confirm_in_doubt' || leg.state === 'confirm_pending')
          return legAfterFindConfirm(leg, outcome, { ...facts, lookUp });
        break;
      case 'give_back':
        if (leg.state === 'undo_in_doubt' || leg.state === 'undo_pending') {
          return legAfterFindGiveBack(leg, outcome, { ...facts, lookUp });
        }
        break;
    }
  }
  throw new Error(`an outcome of ${action} cannot belong to a leg that is ${leg.state}`);
}

interface FindFacts {
  readonly lookUp: LookUp;
  readonly policy: LegPolicy;
  /** What the leg takes is held at first. */
  readonly isHold: boolean;
  readonly intendedAt: Date;
}

function legAfterFindDeduct(
  leg: InDoubtLeg | PendingLeg,
  outcome: LookUpOutcome,
  { lookUp, policy, isHold, intendedAt }: FindFacts,
): Leg {
  const { firstSentAt, quietAt } = leg;
  switch (outcome.type) {
    case 'found': {
      const found = outcome.outcome;
      switch (found.type) {
        case 'done':
          return effectOf(found, isHold);
        case 'rejected':
          if (refusalIsFinal(leg, policy, intendedAt)) return { state: 'refused', reason: found.reason };
          return leg.state === 'pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'not_found') };
        case 'pending':
          return { state: 'pending', firstSentAt, quietAt, remoteId: found.remoteId };
      }
    }
    case 'not_found':
      // What the remote has accepted is not undone by its not finding it.
      if (leg.state === 'pending') return leg;
      return provesAbsence(leg, policy, [lookUp, 'deduct'], intendedAt)
        ? { state: 'idle' }
        : { ...leg, asked: askedAfter(lookUp, 'not_found') };
    case 'incomplete':
    case 'open':
      return leg.state === 'pending' ? leg : { ...leg, asked: askedAfter(lookUp, outcome.type) };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return leg.state === 'pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'no_answer') };
  }
}

function legAfterFindConfirm(
  leg: ConfirmInDoubtLeg | ConfirmPendingLeg,
  outcome: LookUpOutcome,
  { lookUp, policy, intendedAt }: FindFacts,
): Leg {
  const { firstSentAt, quietAt, taken } = leg;
  switch (outcome.type) {
    case 'found': {
      const found = outcome.outcome;
      switch (found.type) {
        case 'done':
          return confirmed(found, taken);
        case 'rejected':
          if (refusalIsFinal(leg, policy, intendedAt)) {
            return { state: 'confirm_refused', taken, reason: found.reason };
          }
          return leg.state === 'confirm_pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'not_found') };
        case 'pending':
          return { state: 'confirm_pending', firstSentAt, quietAt, taken };
      }
    }
    case 'not_found':
      if (leg.state === 'confirm_pending') return leg;
      return provesAbsence(leg, policy, [lookUp, 'confirm'], intendedAt)
        ? { state: 'held', ...taken }
        : { ...leg, asked: askedAfter(lookUp, 'not_found') };
    case 'incomplete':
    case 'open':
      return leg.state === 'confirm_pending' ? leg : { ...leg, asked: askedAfter(lookUp, outcome.type) };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return leg.state === 'confirm_pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'no_answer') };
  }
}

function legAfterFindGiveBack(
  leg: UndoInDoubtLeg | UndoPendingLeg,
  outcome: LookUpOutcome,
  { lookUp, policy, isHold, intendedAt }: FindFacts,
): Leg {
  const { firstSentAt, quietAt, taken } = leg;
  switch (outcome.type) {
    case 'found': {
      const found = outcome.outcome;
      switch (found.type) {
        case 'done':
          return undone(found, taken);
        case 'rejected':
          if (isHold && isFree(found)) return free(taken);
          if (refusalIsFinal(leg, policy, intendedAt)) {
            return { state: 'undo_refused', taken, reason: found.reason };
          }
          return leg.state === 'undo_pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'not_found') };
        case 'pending':
          return { state: 'undo_pending', firstSentAt, quietAt, taken };
      }
    }
    case 'not_found':
      if (leg.state === 'undo_pending') return leg;
      return provesAbsence(leg, policy, [lookUp, 'give_back'], intendedAt)
        ? notGivenBack(leg, isHold)
        : { ...leg, asked: askedAfter(lookUp, 'not_found') };
    case 'incomplete':
    case 'open':
      return leg.state === 'undo_pending' ? leg : { ...leg, asked: askedAfter(lookUp, outcome.type) };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return leg.state === 'undo_pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'no_answer') };
  }
}

/**
 * Whether a recorded refusal speaks for every request sent: the remote sticks to it, or no request can arrive any
 * more. A remote that would decide anew may still grant a request that is on its way.
 */
function refusalIsFinal(sending: Sending, policy: LegPolicy, askedAt: Date): boolean {
  return policy.remembersRejections || askedAt >= finalAt(sending, policy.notFoundFinalAfterMs);
}
