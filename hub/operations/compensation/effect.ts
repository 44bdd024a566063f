import type { Input, Verdict } from '../../core/advance.ts';
import type { CompensationPlan } from '../../core/compensation.ts';
import type { Policies } from '../../core/deduction.ts';
import type { Correction } from '../../core/operator.ts';
import type { Settlement } from '../../core/order.ts';
import { compensationRefundIdOf, correctionIdOf } from '../../core/refund.ts';
import { keyBaseOf } from '../../intake/key-base.ts';
import type { LockedCase } from '../../store/case-operations.ts';
import type { Compensation } from '../../store/compensations.ts';
import type { CaseTransaction } from '../case-store-port.ts';
import { isNews } from '../correction.ts';
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
  policiesOf: (channel: string) => Policies,
): Promise<string | undefined> {
  const { compensation, locked, settlement } = ground;
  const { deductionId, leg } = compensation;
  if (plan.type === 'give_back') {
    const { points, remoteId } = plan;
    return giveBack(ground, { points, remoteId, isHeld: false }, compensationRefundIdOf(compensation.id));
  }
  const { truth, late } = plan;
  const input = { type: 'resolve', deductionId, leg, truth, late } as const;
  const { correction } = accepted(only(await ground.let([input])));
  if (locked === undefined) return undefined;
  await closeCase(ground, locked, truth.tookEffect, approvedBy);
  if (!isNews(settlement, deductionId, leg, policiesOf)) return undefined;
  return correction && giveBack(ground, correction, correctionIdOf(locked.id));
}

/** As a refund of its own of the one leg, by a key of its own. */
async function giveBack(
  { settlement, transaction, compensation: { deductionId, leg, channel } }: Ground,
  { points, remoteId, isHeld }: Correction,
  refundId: string,
): Promise<string> {
  const { mallId, orderId, userId } = settlement.order;
  const keyBase = keyBaseOf(mallId, orderId, channel, userId, refundId);
  await transaction.insertCorrection({
    deductionId,
    leg,
    points: points.toFixed(),
    remoteId,
    isHeld,
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
