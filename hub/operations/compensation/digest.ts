import { createHash } from 'node:crypto';
import type { CompensationPlan } from '../../core/compensation.ts';
import type { Settlement } from '../../core/order.ts';
import { writePoints } from '../../core/points.ts';
import type { Compensation } from '../../store/compensations.ts';

/** What a compensation would do if it were approved now, in words for the approver. */
export interface Effect {
  /** Undefined where it would be refused. */
  readonly points: string | undefined;
  readonly orderStatus: string;
  readonly legBefore: string;
  readonly does: string;
}

export function effectOf(
  settlement: Settlement,
  { deductionId, leg }: Pick<Compensation, 'deductionId' | 'leg'>,
  plan: CompensationPlan,
): Effect {
  const deduction = settlement.deductions.find(({ id }) => id === deductionId);
  const shown = { orderStatus: settlement.order.status, legBefore: deduction?.[leg].state ?? 'gone' };
  switch (plan.type) {
    case 'give_back':
      return { ...shown, points: writePoints(plan.points), does: 'gives back' };
    case 'state': {
      const { truth, late } = plan;
      const stated = truth.tookEffect ? 'states that it took effect' : 'states that it did not take effect';
      const isGivenBack = late !== undefined && late !== 'give_back' && truth.tookEffect;
      return {
        ...shown,
        points: writePoints(plan.points),
        does: `${stated}${isGivenBack ? ', and gives that back' : ''}`,
      };
    }
    case 'exceeds':
      return { ...shown, points: undefined, does: `is refused: only ${writePoints(plan.left)} are left` };
    case 'refused':
      return { ...shown, points: undefined, does: `is refused: ${plan.reason}` };
  }
}

/**
 * What an approver approves: the request with all its texts and its effect as things stand. It is made here, from what is
 * stored, and made anew under the order's lock when it comes back: if anything differs, nothing is approved.
 */
export function digestOf(compensation: Compensation, effect: Effect): string {
  const { id, caseId, mallId, orderId, channel, leg, kind, points, remoteId } = compensation;
  const { reasonCode, reason, evidence, requestedBy, expiresAt } = compensation;
  const what = [id, caseId, mallId, orderId, channel, leg, kind, points, remoteId];
  const why = [reasonCode, reason, evidence, requestedBy, expiresAt.toISOString()];
  const { orderStatus, legBefore, does } = effect;
  const signed = JSON.stringify([...what, ...why, effect.points ?? null, orderStatus, legBefore, does]);
  return createHash('sha256').update(signed).digest('hex');
}
