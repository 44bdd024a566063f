/** What operators may do to a deduction that waits for them. */
import type { RejectionReason } from '@points-hub/adapters';
import { actionOfLookUp, directionOfAction, lookUpOfAction, type Direction } from './action.ts';
import type { Truth } from './case.ts';
import type { Call, Deduction, LegPolicy } from './deduction.ts';
import type { ConfirmRefusedLeg, Leg, LegName, Taken } from './leg.ts';
import { latestLookUp, lookUpsOf } from './look-up.ts';
import { notGivenBack } from './proof.ts';

/** What a statement or a retry comes to. */
export type Resolution =
  | { readonly type: 'leg'; readonly leg: Leg }
  /** What is held never will be confirmed: its order cannot settle. */
  | { readonly type: 'abandoned'; readonly leg: Leg; readonly reason: RejectionReason }
  /** The leg is closed and stays so; these points are in effect beside it and have to go back. */
  | { readonly type: 'correction'; readonly taken: Correction }
  | { readonly type: 'refused'; readonly reason: string };

/** What is in effect beside a closed leg and has to go back. */
export interface Correction extends Taken {
  /** It is held, not taken for good: it is released. */
  readonly isHeld: boolean;
}

/** Which way the leg was going when it came to wait. */
export function directionOf(leg: Leg, goal: Deduction['goal']): Direction {
  switch (leg.state) {
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return 'give_back';
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
      return 'confirm';
    case 'held':
      return goal === 'undo' ? 'give_back' : 'confirm';
    case 'confirm_refused':
      return goal === 'undo' && leg.reason !== 'another_amount' ? 'give_back' : 'confirm';
    case 'applied':
      return goal === 'undo' ? 'give_back' : 'deduct';
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'refused':
    case 'void':
    case 'undone':
      return 'deduct';
  }
}

/**
 * The look-up that tells an operator what became of a leg: in the way that was tried last, else in the first that there
 * is. A remote that promises none is asked by key all the same: it may answer.
 */
export function lookUpOf(name: LegName, leg: Leg, direction: Direction, policy: LegPolicy): Call {
  const possible = lookUpsOf(policy);
  const latest = 'asked' in leg ? latestLookUp(leg.asked)?.lookUp : undefined;
  const lookUp = possible.find((one) => one === latest) ?? possible[0] ?? 'query';
  return { leg: name, action: actionOfLookUp(lookUp, direction) };
}

/** Whether the outcome of a look-up can change this leg; of any other it is evidence only. */
export function isOpenTo({ leg: name, action }: Call, deduction: Deduction): boolean {
  const { state } = deduction[name];
  if (lookUpOfAction(action) === undefined) return false;
  switch (directionOfAction(action)) {
    case 'deduct':
      return state === 'in_doubt' || state === 'pending';
    case 'confirm':
      return state === 'confirm_in_doubt' || state === 'confirm_pending';
    case 'give_back':
      return state === 'undo_in_doubt' || state === 'undo_pending';
  }
}

/** What a person states about a leg, and about which of its operations. */
export interface Statement {
  readonly goal: Deduction['goal'];
  /** What the leg takes is held at first. */
  readonly isHold: boolean;
  /** Which operation the truth is about. */
  readonly direction: Direction;
  readonly truth: Truth;
  /** The case is about an effect that contradicts the leg. */
  readonly isLate: boolean;
  readonly now: Date;
}

/** The leg as an operator states it. */
export function resolveLeg(leg: Leg, statement: Statement): Resolution {
  const { direction, truth, isLate } = statement;
  if (isLate && direction === 'give_back') return givenBackLate(leg, statement);
  switch (leg.state) {
    case 'idle':
      if (!isLate) return refused('nothing of this leg was sent: there is no truth to state');
      return forward(statement);
    case 'sent':
    case 'pending':
    case 'in_doubt':
      return forward(statement);
    case 'refused':
    case 'void':
    case 'undone':
      return beside(leg, statement);
    case 'applied':
      return direction === 'give_back' ? backward(leg, leg, statement) : beside(leg, statement);
    case 'held':
      return taking(leg, leg, statement, leg);
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
      return taking(leg, leg.taken, statement, { state: 'held', ...leg.taken });
    case 'confirm_refused':
      return refusedToConfirm(leg, statement);
    case 'undo_refused':
      if (leg.reason === 'another_amount' && !truth.tookEffect) {
        return refused('it is proven that something was given back');
      }
      return undoing(leg, statement);
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return undoing(leg, statement);
  }
}

/** Of what is held: it is confirmed, it is given back, or there is something beside it. */
function taking(leg: Leg, taken: Taken, statement: Statement, unconfirmed: Leg): Resolution {
  switch (statement.direction) {
    case 'deduct':
      return beside(leg, statement);
    case 'confirm':
      return confirmed(taken, statement.truth, unconfirmed);
    case 'give_back':
      return backward(leg, taken, statement);
  }
}

function refusedToConfirm(leg: ConfirmRefusedLeg, statement: Statement): Resolution {
  const { direction, truth } = statement;
  if (direction !== 'confirm' || truth.tookEffect) return taking(leg, leg.taken, statement, leg);
  if (leg.reason === 'another_amount') return refused('it is proven that something was confirmed');
  return { type: 'abandoned', leg: { state: 'held', ...leg.taken }, reason: leg.reason };
}

function undoing(leg: Extract<Leg, { readonly taken: Taken | undefined }>, statement: Statement): Resolution {
  const { direction, truth } = statement;
  if (direction !== 'confirm') return backward(leg, leg.taken, statement);
  return leg.taken === undefined ? beside(leg, statement) : confirmed(leg.taken, truth, leg);
}

/** What is confirmed after all while it is being released has to be given back. */
function confirmed(taken: Taken, truth: Truth, unconfirmed: Leg): Resolution {
  if (!truth.tookEffect) return { type: 'leg', leg: unconfirmed };
  if (!truth.points.equals(taken.points)) {
    return refused(`exactly ${taken.points.toFixed()} points are held, so exactly these can be confirmed`);
  }
  const remoteId = truth.remoteId ?? taken.remoteId;
  return { type: 'leg', leg: { state: 'applied', points: truth.points, remoteId } };
}

/** What was said to have been given back, or not, is never a reason to give back once more. */
function givenBackLate(leg: Leg, statement: Statement): Resolution {
  const { truth } = statement;
  switch (leg.state) {
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'refused':
    case 'void':
      return { type: 'leg', leg };
    case 'undone': {
      const isSo = truth.tookEffect ? truth.points.equals(leg.points) : leg.points.isZero();
      return isSo
        ? { type: 'leg', leg }
        : refused(
            `${leg.points.toFixed()} points were given back as far as is known: settle the difference with the channel`,
          );
    }
    case 'held':
    case 'applied':
      return backward(leg, leg, statement);
    case 'undo_refused':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return backward(leg, leg.taken, statement);
  }
}

function forward({ goal, truth, direction, isHold }: Statement): Resolution {
  if (truth.tookEffect) {
    const { points, remoteId } = truth;
    const state = isHold && direction === 'deduct' ? 'held' : 'applied';
    return { type: 'leg', leg: { state, points, remoteId } };
  }
  return { type: 'leg', leg: goal === 'settle' ? { state: 'idle' } : { state: 'void' } };
}

function beside(leg: Leg, { truth, isLate, isHold, direction }: Statement): Resolution {
  if (!isLate) return refused('this leg is settled');
  if (!truth.tookEffect) return { type: 'leg', leg };
  const { points, remoteId } = truth;
  return { type: 'correction', taken: { points, remoteId, isHeld: isHold && direction === 'deduct' } };
}

function backward(leg: Leg, taken: Taken | undefined, { truth, isHold, now }: Statement): Resolution {
  if (!truth.tookEffect) return { type: 'leg', leg: standing(leg, taken, isHold, now) };
  if (taken !== undefined && !truth.points.equals(taken.points)) {
    return refused(
      `exactly ${taken.points.toFixed()} points were taken, so exactly these have to be given back`,
    );
  }
  return { type: 'leg', leg: { state: 'undone', points: truth.points } };
}

/** The leg before it was given back; where nothing is known of what was taken, that has to be found out. */
function standing(leg: Leg, taken: Taken | undefined, isHold: boolean, now: Date): Leg {
  // What is confirmed is not held any more.
  const isHeld = isHold && leg.state !== 'applied';
  const { firstSentAt, quietAt } = 'firstSentAt' in leg ? leg : { firstSentAt: now, quietAt: now };
  return notGivenBack({ firstSentAt, quietAt, taken }, isHeld);
}

/**
 * The leg from which a fresh budget of attempts begins.
 *
 * @param isHold what the leg takes is held at first
 */
export function legToRetry(leg: Leg, isHold: boolean, now: Date): Resolution {
  switch (leg.state) {
    case 'undo_refused':
      if (leg.reason === 'another_amount') {
        return refused('another amount was given back: a second try could give back too much');
      }
      return { type: 'leg', leg: standing(leg, leg.taken, isHold, now) };
    case 'confirm_refused':
      if (leg.reason === 'another_amount') {
        return refused(
          'another amount was confirmed: settle the difference with the channel, then state the truth',
        );
      }
      return { type: 'leg', leg: { state: 'held', ...leg.taken } };
    case 'confirm_in_doubt':
    case 'in_doubt':
    case 'undo_in_doubt':
      return { type: 'leg', leg: { ...leg, asked: 'not_yet' } };
    case 'idle':
    case 'sent':
    case 'pending':
    case 'held':
    case 'confirm_sent':
    case 'confirm_pending':
    case 'applied':
    case 'refused':
    case 'void':
    case 'undo_sent':
    case 'undo_pending':
    case 'undone':
      return { type: 'leg', leg };
  }
}

function refused(reason: string): Resolution {
  return { type: 'refused', reason };
}
