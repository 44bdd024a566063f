/** What operators may do to a deduction that waits for them. */
import { actionOfLookUp, directionOfAction, lookUpOfAction, type Direction } from './action.ts';
import type { Truth } from './case.ts';
import type { Call, Deduction, LegPolicy } from './deduction.ts';
import type { Leg, LegName, Taken } from './leg.ts';
import { latestLookUp, lookUpsOf } from './look-up.ts';

/** What a statement or a retry comes to. */
export type Resolution =
  | { readonly type: 'leg'; readonly leg: Leg }
  /** The leg is closed and stays so; these points are in effect beside it and have to go back. */
  | { readonly type: 'correction'; readonly taken: Taken }
  | { readonly type: 'refused'; readonly reason: string };

/** Which way the leg was going when it came to wait. */
export function directionOf(leg: Leg, goal: Deduction['goal']): Direction {
  if (leg.state.startsWith('undo_')) return 'give_back';
  return leg.state === 'applied' && goal === 'undo' ? 'give_back' : 'deduct';
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
    case 'give_back':
      return state === 'undo_in_doubt' || state === 'undo_pending';
  }
}

/**
 * The leg as an operator states it.
 *
 * @param direction which operation the truth is about
 * @param isLate the case is about an effect that contradicts the leg
 */
export function resolveLeg(
  { goal }: Deduction,
  leg: Leg,
  direction: Direction,
  truth: Truth,
  isLate: boolean,
  now: Date,
): Resolution {
  if (isLate && direction === 'give_back') return givenBackLate(leg, truth, now);
  switch (leg.state) {
    case 'idle':
      if (!isLate) return refused('nothing of this leg was sent: there is no truth to state');
      return forward(goal, truth);
    case 'sent':
    case 'pending':
    case 'in_doubt':
      return forward(goal, truth);
    case 'refused':
    case 'void':
    case 'undone':
      return beside(leg, truth, isLate);
    case 'applied':
      return direction === 'deduct' ? beside(leg, truth, isLate) : backward(leg, leg, truth, now);
    case 'undo_refused':
      if (leg.reason === 'another_amount' && !truth.tookEffect) {
        return refused('it is proven that something was given back');
      }
      return backward(leg, leg.taken, truth, now);
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return backward(leg, leg.taken, truth, now);
  }
}

/** What was said to have been given back, or not, is never a reason to give back once more. */
function givenBackLate(leg: Leg, truth: Truth, now: Date): Resolution {
  switch (leg.state) {
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
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
    case 'applied':
      return backward(leg, leg, truth, now);
    case 'undo_refused':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return backward(leg, leg.taken, truth, now);
  }
}

function forward(goal: Deduction['goal'], truth: Truth): Resolution {
  if (truth.tookEffect) {
    const { points, remoteId } = truth;
    return { type: 'leg', leg: { state: 'applied', points, remoteId } };
  }
  return { type: 'leg', leg: goal === 'settle' ? { state: 'idle' } : { state: 'void' } };
}

function beside(leg: Leg, truth: Truth, isLate: boolean): Resolution {
  if (!isLate) return refused('this leg is settled');
  if (!truth.tookEffect) return { type: 'leg', leg };
  const { points, remoteId } = truth;
  return { type: 'correction', taken: { points, remoteId } };
}

function backward(leg: Leg, taken: Taken | undefined, truth: Truth, now: Date): Resolution {
  if (!truth.tookEffect) return { type: 'leg', leg: notGivenBack(leg, taken, now) };
  if (taken !== undefined && !truth.points.equals(taken.points)) {
    return refused(
      `exactly ${taken.points.toFixed()} points were taken, so exactly these have to be given back`,
    );
  }
  return { type: 'leg', leg: { state: 'undone', points: truth.points } };
}

/** The leg before it was given back; where nothing is known of what was taken, that has to be found out. */
function notGivenBack(leg: Leg, taken: Taken | undefined, now: Date): Leg {
  if (taken !== undefined) return { state: 'applied', points: taken.points, remoteId: taken.remoteId };
  const { firstSentAt, quietAt } = 'firstSentAt' in leg ? leg : { firstSentAt: now, quietAt: now };
  return { state: 'in_doubt', firstSentAt, quietAt, asked: 'not_yet' };
}

/** The leg from which a fresh budget of attempts begins. */
export function legToRetry(leg: Leg, now: Date): Resolution {
  switch (leg.state) {
    case 'undo_refused':
      if (leg.reason === 'another_amount') {
        return refused('another amount was given back: a second try could give back too much');
      }
      return { type: 'leg', leg: notGivenBack(leg, leg.taken, now) };
    case 'in_doubt':
    case 'undo_in_doubt':
      return { type: 'leg', leg: { ...leg, asked: 'not_yet' } };
    case 'idle':
    case 'sent':
    case 'pending':
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
