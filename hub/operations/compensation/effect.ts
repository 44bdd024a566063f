import type { SqlConnection } from '@points-hub/outbox';
import type { Input, Verdict } from '../../core/advance.ts';
import type { CompensationPlan } from '../../core/compensation.ts';
import type { Settlement } from '../../core/order.ts';
import { keyBaseOf } from '../../intake/key-base.ts';
import { deductionDueType } from '../../settlement/topology.ts';
import {
  changeCase,
  insertCorrection,
  insertOperation,
  type LockedCase,
} from '../../store/case-operations.ts';
import { findLine, type Compensation } from '../../store/compensations.ts';
import type { SubjectOptions } from '../subject.ts';
import { accepted, only } from '../verdicts.ts';

/** What a compensation takes effect on, under its locks. */
export interface Ground {
  readonly settlement: Settlement;
  readonly locked: LockedCase | undefined;
  readonly compensation: Compensation;
  let(inputs: readonly Input[]): Promise<readonly Verdict[]>;
}

/** Does what was planned under the same locks. @returns the line that gives back, where one does */
export async function takeEffect(
  connection: SqlConnection,
  ground: Ground,
  plan: Extract<CompensationPlan, { type: 'give_back' | 'state' }>,
  approvedBy: string,
  options: SubjectOptions,
): Promise<string | undefined> {
  const { compensation, locked } = ground;
  const { deductionId, leg } = compensation;
  if (plan.type === 'give_back') return giveBack(connection, ground, plan, options);
  const { truth, isLate } = plan;
  const input = { type: 'resolve', deductionId, leg, truth, isLate } as const;
  const { correction } = accepted(only(await ground.let([input])));
  if (locked !== undefined) await closeCase(connection, compensation, locked, truth.tookEffect, approvedBy);
  return correction && giveBack(connection, ground, correction, options);
}

/** As a refund of its own of the one leg, by a key of its own. */
async function giveBack(
  connection: SqlConnection,
  { settlement, compensation }: Ground,
  { points, remoteId }: Pick<Extract<CompensationPlan, { type: 'give_back' }>, 'points' | 'remoteId'>,
  { names }: SubjectOptions,
): Promise<string> {
  const { deductionId, leg, orderRowId, channel } = compensation;
  const { mallId, orderId, userId } = settlement.order;
  const refundId = `compensation ${compensation.id}`;
  const keyBase = keyBaseOf(mallId, orderId, channel, userId, refundId);
  await insertCorrection(
    connection,
    { deductionId, leg, points: points.toFixed(), remoteId, refundId, keyBase },
    { exchange: names.deductions, type: deductionDueType },
  );
  const lineId = await findLine(connection, orderRowId, refundId);
  if (lineId === undefined) throw new Error(`the line of compensation ${compensation.id} is not there`);
  return lineId;
}

async function closeCase(
  connection: SqlConnection,
  { id, requestedBy, reason, evidence }: Compensation,
  locked: LockedCase,
  tookEffect: boolean,
  approvedBy: string,
): Promise<void> {
  await insertOperation(connection, {
    caseId: locked.id,
    kind: 'resolve',
    operator: requestedBy,
    reason,
    details: { compensationId: id, approvedBy, evidence },
    outcome: tookEffect ? 'took effect' : 'did not take effect',
    expiresAt: undefined,
  });
  await changeCase(connection, locked.id, 'resolved');
}
