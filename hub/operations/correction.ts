import type { LegName, Taken } from '../core/leg.ts';
import { correctionIdOf } from '../core/refund.ts';
import { keyBaseOf } from '../intake/key-base.ts';
import type { Subject } from './subject.ts';

interface ToCorrect {
  readonly caseId: string;
  readonly deductionId: string;
  readonly leg: LegName;
  readonly taken: Taken;
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
    refundId,
    keyBase: keyBaseOf(mallId, orderId, channel, userId, refundId),
  });
}
