/**
 * What a remote tells by itself about one operation of a deduction. It proves what the same words in answer to a
 * look-up would, for every state of the leg; it may come before the answer to the call, twice, late and out of order.
 */
import type { Decimal } from 'decimal.js';
import type { CallbackHint, Done, Pending, Rejected } from '@points-hub/adapters';
import { contradicted, withoutSetUp } from './attend.ts';
import type { CaseChange, Told } from './case.ts';
import { actionOfLookUp, type Direction } from './action.ts';
import type { Deduction, LegPolicy, Policies } from './deduction.ts';
import { contradictingPoints } from './late-truth.ts';
import { inDoubt, voidIfNothingTaken, type Leg } from './leg.ts';
import { legAfterFind } from './leg-after-find.ts';

/** A callback that was let in and kept, and whose operation is known. Only channels send them, so it is about points. */
export interface Callback {
  readonly id: string;
  readonly deductionId: string;
  /** Which operation of the deduction it is about. */
  readonly direction: Direction;
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
  const action = actionOfLookUp('query', direction);
  // A refusal that the remote does not stick to may be about an earlier request than the one that counts.
  if (said.type === 'hint' || (said.type === 'rejected' && !policy.remembersRejections)) {
    return isOpen(leg, direction) && policy.query === 'by-key'
      ? askedAgain(deduction)
      : nothingNew(deduction);
  }
  if (isOpen(leg, direction)) {
    if (said.type === 'pending' && isPending(leg)) return nothingNew(deduction);
    const found = { type: 'found', outcome: said } as const;
    const after = legAfterFind(inDoubt(leg), action, found, {
      policy,
      isHold: deduction.holds,
      intendedAt: receivedAt,
    });
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
  const points = contradiction(deduction, direction, told, said, policy, receivedAt);
  if (points === undefined) return nothingNew(deduction);
  return { deduction: contradicted(deduction, points, told, changes), effect: 'late_truth' };
}

/** Whether it is open what became of the leg's operation in this direction. */
function isOpen(leg: Leg, direction: Direction): boolean {
  switch (leg.state) {
    case 'sent':
    case 'pending':
    case 'in_doubt':
      return direction === 'deduct';
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
      return direction === 'confirm';
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return direction === 'give_back';
    case 'idle':
    case 'held':
    case 'confirm_refused':
    case 'applied':
    case 'refused':
    case 'void':
    case 'undone':
    case 'undo_refused':
      return false;
  }
}

function isPending({ state }: Leg): boolean {
  return state === 'pending' || state === 'confirm_pending' || state === 'undo_pending';
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
  { points: leg, holds }: Deduction,
  direction: Direction,
  { call, answer }: Told,
  said: Done | Rejected | Pending,
  policy: LegPolicy,
  receivedAt: Date,
): Decimal | undefined {
  const proven = provenBy(leg, direction, holds);
  switch (said.type) {
    case 'pending':
      // Out of order: it was accepted before it ended.
      return undefined;
    case 'rejected':
      return proven;
    case 'done':
      if (proven !== undefined && !said.points.equals(proven)) return said.points;
      // Known, and in a person's hands.
      if (leg.state === 'undo_refused' && leg.reason === 'another_amount') return undefined;
      if (leg.state === 'confirm_refused' && leg.reason === 'another_amount') return undefined;
      return contradictingPoints(leg, call, answer, { policy, isHold: holds, intendedAt: receivedAt });
  }
}

/** What is known to have moved by the operation in this direction, and to be so now. */
function provenBy(leg: Leg, direction: Direction, holds: boolean): Decimal | undefined {
  switch (direction) {
    case 'deduct':
      return leg.state === 'applied' || leg.state === 'held' ? leg.points : undefined;
    case 'confirm':
      return leg.state === 'applied' && holds ? leg.points : undefined;
    case 'give_back':
      return leg.state === 'undone' && !leg.points.isZero() ? leg.points : undefined;
  }
}
