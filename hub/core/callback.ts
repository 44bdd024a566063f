/**
 * What a remote tells by itself about one operation of a deduction. It proves what the same words in answer to a
 * look-up would, for every state of the leg; it may come before the answer to the call, twice, late and out of order.
 */
import type { Decimal } from 'decimal.js';
import type { CallbackHint, Done, Pending, Rejected } from '@points-hub/adapters';
import { contradicted, withoutSetUp } from './attend.ts';
import type { CaseChange, Told } from './case.ts';
import type { Action, Deduction, LegPolicy, Policies } from './deduction.ts';
import { contradictingPoints } from './late-truth.ts';
import { inDoubt, voidIfNothingTaken, type Leg } from './leg.ts';
import { legAfterFind } from './outcome.ts';

/** A callback that was let in and kept, and whose operation is known. Only channels send them, so it is about points. */
export interface Callback {
  readonly id: string;
  readonly deductionId: string;
  /** Which operation of the deduction it is about. */
  readonly direction: 'deduct' | 'give_back';
  readonly said: Done | Rejected | Pending | CallbackHint;
  readonly receivedAt: Date;
}

/** What a callback may come to. */
export const callbackEffects = [
  /** The leg is proven. */
  'moved',
  /** Nothing is proven; the leg is looked up at once. */
  'asked',
  /** A proof contradicts the leg: a case is open. */
  'late_truth',
  /** The leg was known to be so already, or nothing about it is open. */
  'nothing_new',
] as const;
export type CallbackEffect = (typeof callbackEffects)[number];

export interface Heard {
  readonly deduction: Deduction;
  readonly effect: CallbackEffect;
}

/** The deduction after a callback about it, while nobody is calling for it. */
export function hear(
  deduction: Deduction,
  { direction, said, receivedAt }: Callback,
  { points: policy }: Policies,
  changes: CaseChange[],
): Heard {
  const leg = deduction.points;
  const action: Action = direction === 'deduct' ? 'find_deduct' : 'find_give_back';
  // A refusal that the remote does not stick to may be about an earlier request than the one that counts.
  if (said.type === 'hint' || (said.type === 'rejected' && !policy.remembersRejections)) {
    return isOpen(leg, direction) && policy.query === 'by-key'
      ? askedAgain(deduction)
      : nothingNew(deduction);
  }
  if (isOpen(leg, direction)) {
    if (said.type === 'pending' && isPending(leg)) return nothingNew(deduction);
    const found = { type: 'found', outcome: said } as const;
    const after = legAfterFind(inDoubt(leg), action, found, policy, receivedAt);
    const proven = {
      ...withoutSetUp(deduction, 'points', changes),
      points: deduction.goal === 'undo' ? voidIfNothingTaken(after) : after,
      failures: 0,
      notBefore: undefined,
    };
    return { deduction: proven, effect: 'moved' };
  }
  const told: Told = {
    call: { leg: 'points', action },
    answer: { type: 'found_out', outcome: { type: 'found', outcome: said } },
  };
  const points = contradiction(leg, told, said, policy, receivedAt);
  if (points === undefined) return nothingNew(deduction);
  return { deduction: contradicted(deduction, points, told, changes), effect: 'late_truth' };
}

/** Whether it is open what became of the leg's operation in this direction. */
function isOpen(leg: Leg, direction: Callback['direction']): boolean {
  switch (leg.state) {
    case 'sent':
    case 'pending':
    case 'in_doubt':
      return direction === 'deduct';
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return direction === 'give_back';
    case 'idle':
    case 'applied':
    case 'refused':
    case 'void':
    case 'undone':
    case 'undo_refused':
      return false;
  }
}

function isPending({ state }: Leg): boolean {
  return state === 'pending' || state === 'undo_pending';
}

/** Looked up without any pause; a deduction that waits for a person goes on waiting. */
function askedAgain(deduction: Deduction): Heard {
  if (deduction.attention?.type === 'held') return nothingNew(deduction);
  const leg = inDoubt(deduction.points);
  const points: Leg = 'asked' in leg ? { ...leg, asked: 'not_yet' } : leg;
  return { deduction: { ...deduction, points, notBefore: undefined }, effect: 'asked' };
}

function nothingNew(deduction: Deduction): Heard {
  return { deduction, effect: 'nothing_new' };
}

/** The points by which a proof contradicts a leg that is not open to it; undefined where it agrees. */
function contradiction(
  leg: Leg,
  { call, answer }: Told,
  said: Done | Rejected | Pending,
  policy: LegPolicy,
  receivedAt: Date,
): Decimal | undefined {
  const isForward = call.action === 'find_deduct';
  switch (said.type) {
    case 'pending':
      // Out of order: it was accepted before it ended.
      return undefined;
    case 'rejected':
      if (leg.state === 'applied' && isForward) return leg.points;
      return leg.state === 'undone' && !isForward && !leg.points.isZero() ? leg.points : undefined;
    case 'done': {
      const isProven =
        (leg.state === 'applied' && isForward) ||
        (leg.state === 'undone' && !isForward && !leg.points.isZero());
      if (isProven && !said.points.equals(leg.points)) return said.points;
      // Known, and in a person's hands.
      if (leg.state === 'undo_refused' && leg.reason === 'another_amount') return undefined;
      return contradictingPoints(leg, call, answer, policy, receivedAt);
    }
  }
}
