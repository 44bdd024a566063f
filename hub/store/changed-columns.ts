/** What a transaction changes of orders and deductions, as the columns that keep it. */
import type { Deduction } from '../core/deduction.ts';
import type { Order } from '../core/order.ts';
import { columnsOfAttention } from './attention-columns.ts';
import { columnsOfLateCheck } from './late-check-columns.ts';
import { columnsOfLeg, type LegColumns } from './leg-columns.ts';
import { columnsOfReason } from './reason-columns.ts';

export function columnsOfOrder({ id, status, reason }: Order) {
  return { id, status, ...columnsOfReason(reason) };
}

export function columnsOfDeduction(deduction: Deduction) {
  return {
    id: deduction.id,
    holds: deduction.holds,
    goal: deduction.goal,
    failures: Math.min(deduction.failures, 32_767),
    attempts: deduction.attempts,
    not_before: deduction.notBefore,
    lease_until: deduction.lease?.until,
    wake_by: deduction.wakeBy,
    retried_at: deduction.retriedAt,
    ...(deduction.lateCheck && columnsOfLateCheck(deduction.lateCheck)),
    ...(deduction.attention && columnsOfAttention(deduction.attention)),
    ...prefixed('points', columnsOfLeg(deduction.points)),
    ...prefixed('quota', columnsOfLeg(deduction.quota)),
  };
}

/** Without what is null: json_to_recordset reads what is not there as null, and half of all columns are. */
function prefixed(name: 'points' | 'quota', columns: LegColumns): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(columns))
    if (value !== null) named[`${name}_${column}`] = value;
  return named;
}
