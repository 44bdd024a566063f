/** What a proof makes of a leg. */
import type { Done, Rejected } from '@points-hub/adapters';
import type { Leg, Taken, UndoInDoubtLeg, UndoSentLeg } from './leg.ts';
import { Points } from './points.ts';

/** @param isHold what the leg takes is held at first */
export function effectOf({ points, remoteId }: Done, isHold: boolean): Leg {
  return { state: isHold ? 'held' : 'applied', points, remoteId };
}

/** Confirming another amount than is held settles nothing. The remote may have an id of its own for it. */
export function confirmed({ points, remoteId }: Done, taken: Taken): Leg {
  return points.equals(taken.points)
    ? { state: 'applied', points, remoteId: remoteId ?? taken.remoteId }
    : { state: 'confirm_refused', taken, reason: 'another_amount' };
}

/** A hold that expired, or is released already, cannot be released: its points are back, which is all that was wanted. */
export function isFree({ reason }: Rejected): boolean {
  return reason === 'hold_expired' || reason === 'hold_released';
}

export function free(taken: Taken | undefined): Leg {
  return { state: 'undone', points: taken?.points ?? new Points(0) };
}

/** Giving back another amount than was taken settles nothing; where the taking was in doubt, any amount is its truth. */
export function undone({ points }: Done, taken: Taken | undefined): Leg {
  if (taken !== undefined && !points.equals(taken.points)) {
    return { state: 'undo_refused', taken, reason: 'another_amount' };
  }
  return { state: 'undone', points };
}

/** The leg before it was given back. */
export function notGivenBack(
  { firstSentAt, quietAt, taken }: Pick<UndoSentLeg | UndoInDoubtLeg, 'firstSentAt' | 'quietAt' | 'taken'>,
  isHold: boolean,
): Leg {
  if (taken === undefined) return { state: 'in_doubt', firstSentAt, quietAt, asked: 'not_yet' };
  return { state: isHold ? 'held' : 'applied', ...taken };
}
