import type { Policies } from '../core/deduction.ts';
import type { LegName } from '../core/leg.ts';
import type { Correction } from '../core/operator.ts';
import type { Settlement } from '../core/order.ts';
import { correctionIdOf, hasCorrection } from '../core/refund.ts';
import { keyBaseOf } from '../intake/key-base.ts';
import type { Subject } from './subject.ts';

interface ToCorrect {
  readonly caseId: string;
  readonly deductionId: string;
  readonly leg: LegName;
  readonly taken: Correction;
}

/** Whether late truth that a person confirms is news: at a remote that knows its keys it may have been put right already. */
export function isNews(
  settlement: Settlement | undefined,
  deductionId: string,
  leg: LegName,
  policiesOf: (channel: string) => Policies,
): boolean {
  const deduction = settlement?.deductions.find(({ id }) => id === deductionId);
  if (settlement === undefined || deduction === undefined) return true;
  const { idempotency } = policiesOf(deduction.channel)[leg];
  return idempotency === 'none' || !hasCorrection(settlement, deduction, leg);
}

/** Gives back what turned out to be in effect beside a closed leg: as a refund of its own, once per case. */
export async function correct(
  { settlement, transaction }: Subject,
  { caseId, deductionId, leg, taken }: ToCorrect,
): Promise<void> {
  const channel = settlement?.deductions.find(({ id }) => id === deductionId)?.channel;
  if (settlement === undefined || channel === undefined) throw new Error(`deduction ${deductionId} vanished`);
  const { mallId, orderId, userId } = settlement.order;
  const refundId = correctionIdOf(caseId);
  await transaction.insertCorrection({
    deductionId,
    leg,
    points: taken.points.toFixed(),
    remoteId: taken.remoteId,
    isHeld: taken.isHeld,
    refundId,
    keyBase: keyBaseOf(mallId, orderId, channel, userId, refundId),
  });
}
