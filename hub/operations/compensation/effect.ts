import type { Input, Verdict } from '../../core/advance.ts';
import type { CompensationPlan } from '../../core/compensation.ts';
import type { Settlement } from '../../core/order.ts';
import { compensationRefundIdOf, correctionIdOf } from '../../core/refund.ts';
import { keyBaseOf } from '../../intake/key-base.ts';
import type { LockedCase } from '../../store/case-operations.ts';
import type { Compensation } from '../../store/compensations.ts';
import type { CaseTransaction } from '../case-store-port.ts';
import { accepted, only } from '../verdicts.ts';

/** What a compensation takes effect on, under its locks. */
export interface Ground {
  readonly transaction: Pick<CaseTransaction, 'insertOperation' | 'changeCase' | 'insertCorrection'>;
  readonly settlement: Settlement;
  readonly locked: LockedCase | undefined;
  readonly compensation: Pick<
    Compensation,
    'id' | 'deductionId' | 'leg' | 'channel' | 'requestedBy' | 'reason' | 'evidence'
  >;
  let(inputs: readonly Input[]): Promise<readonly Verdict[]>;
}

/** Does what was planned under the same locks. @returns the id of the refund that gives back, where one does */
export async function takeEffect(
  ground: Ground,
  plan: Extract<CompensationPlan, { type: 'give_back' | 'state' }>,
  approvedBy: string,
): Promise<string | undefined> {
  const { compensation, locked } = ground;
  const { deductionId, leg } = compensation;
  if (plan.type === 'give_back') return giveBack(ground, plan, compensationRefundIdOf(compensation.id));
  const { truth, isLate } = plan;
  const input = { type: 'resolve', deductionId, leg, truth, isLate } as const;
  const { correction } = accepted(only(await ground.let([input])));
  if (locked === undefined) return undefined;
  await closeCase(ground, locked, truth.tookEffect, approvedBy);
  return correction && giveBack(ground, correction, correctionIdOf(locked.id));
}

/** As a refund of its own of the one leg, by a key of its own. */
async function giveBack(
  { settlement, transaction, compensation: { deductionId, leg, channel } }: Ground,
  { points, remoteId }: Pick<Extract<CompensationPlan, { type: 'give_back' }>, 'points' | 'remoteId'>,
  refundId: string,
): Promise<string> {
  const { mallId, orderId, userId } = settlement.order;
  const keyBase = keyBaseOf(mallId, orderId, channel, userId, refundId);
  await transaction.insertCorrection({
    deductionId,
    leg,
    points: points.toFixed(),
    remoteId,
    refundId,
    keyBase,
  });
  return refundId;
}

async function closeCase(
  { transaction, compensation: { id, requestedBy, reason, evidence } }: Ground,
  locked: LockedCase,
  tookEffect: boolean,
  approvedBy: string,
): Promise<void> {
  await transaction.insertOperation({
    caseId: locked.id,
    kind: 'resolve',
    operator: requestedBy,
    reason,
    details: { compensationId: id, approvedBy, evidence },
    outcome: tookEffect ? 'took effect' : 'did not take effect',
    expiresAt: undefined,
  });
  await transaction.changeCase(locked.id, 'resolved');
}
