/** An outcome under a stale token: evidence, and sometimes proof that what is known of its leg is wrong. */
import type { Decimal } from 'decimal.js';
import type { Done } from '@points-hub/adapters';
import { directionOfAction } from './action.ts';
import type { Answer, Call, LegPolicy } from './deduction.ts';
import type { Leg, Sending } from './leg.ts';

export interface LateTruthFacts {
  readonly policy: Pick<LegPolicy, 'idempotency'>;
  /** What undoes the leg is a release; no longer so once what was confirmed has begun to be given back. */
  readonly isHold: boolean;
  /** When the call was intended whose outcome this is. */
  readonly intendedAt: Date;
}

/**
 * The points of an effect that contradicts `leg`; undefined where the outcome proves no effect or agrees with the leg.
 * A leg that is still open agrees, unless its sending began only after this request: then the effect of this one was
 * held to be disproven.
 */
export function contradictingPoints(
  leg: Leg,
  { action }: Call,
  answer: Answer,
  { policy: { idempotency }, isHold, intendedAt }: LateTruthFacts,
): Decimal | undefined {
  const effect = effectOf(answer);
  if (effect === undefined || effect.points.isZero()) return undefined;
  switch (directionOfAction(action)) {
    case 'deduct':
      return contradictsForward(leg, effect, idempotency, intendedAt) ? effect.points : undefined;
    case 'confirm':
      return contradictsConfirming(leg, isHold, intendedAt) ? effect.points : undefined;
    case 'give_back':
      return contradictsBackward(leg, intendedAt) ? effect.points : undefined;
  }
}

function effectOf({ outcome }: Answer): Done | undefined {
  if (outcome.type === 'done') return outcome;
  return outcome.type === 'found' && outcome.outcome.type === 'done' ? outcome.outcome : undefined;
}

function contradictsForward(
  leg: Leg,
  effect: Done,
  idempotency: LegPolicy['idempotency'],
  intendedAt: Date,
): boolean {
  switch (leg.state) {
    case 'idle':
    case 'refused':
    case 'void':
      return true;
    case 'undone':
      return leg.points.isZero();
    case 'sent':
    case 'pending':
    case 'in_doubt':
      return beganAfter(leg, intendedAt);
    case 'held':
    case 'applied':
      // Two transactions at a remote that does not know one key from the other.
      return (
        idempotency === 'none' &&
        leg.remoteId !== undefined &&
        effect.remoteId !== undefined &&
        leg.remoteId !== effect.remoteId
      );
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return false;
  }
}

/** What is confirmed cannot be released, and is to be confirmed no more; it can be given back. */
function contradictsConfirming(leg: Leg, isHold: boolean, intendedAt: Date): boolean {
  switch (leg.state) {
    case 'idle':
    case 'held':
    case 'confirm_refused':
    case 'refused':
    case 'void':
      return true;
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return isHold;
    case 'undone':
      return isHold && !leg.points.isZero();
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
      return beganAfter(leg, intendedAt);
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'applied':
      return false;
  }
}

function contradictsBackward(leg: Leg, intendedAt: Date): boolean {
  switch (leg.state) {
    case 'held':
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'applied':
    case 'undo_refused':
      return true;
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
      return beganAfter(leg, intendedAt);
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'refused':
    case 'void':
    case 'undone':
      return false;
  }
}

function beganAfter({ firstSentAt }: Sending, intendedAt: Date): boolean {
  return firstSentAt > intendedAt;
}
