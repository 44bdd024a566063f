/** What a transaction changes of orders and deductions, as the columns that keep it. */
import type { Deduction } from '../core/deduction.ts';
import type { Order } from '../core/order.ts';
import { columnsOfAttention } from './attention-columns.ts';
import { columnsOfLateCheck } from './late-check-columns.ts';
import { columnsOfLeg, type LegColumns } from './leg-columns.ts';
import { columnsOfReason } from './reason-columns.ts';
import { writeTimestamp } from './timestamps.ts';

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
    not_before: deduction.notBefore && writeTimestamp(deduction.notBefore),
    lease_until: deduction.lease && writeTimestamp(deduction.lease.until),
    wake_by: deduction.wakeBy && writeTimestamp(deduction.wakeBy),
    retried_at: deduction.retriedAt && writeTimestamp(deduction.retriedAt),
    ...(deduction.lateCheck && columnsOfLateCheck(deduction.lateCheck)),
    ...(deduction.attention && columnsOfAttention(deduction.attention)),
    ...columnsOfPoints(columnsOfLeg(deduction.points)),
    ...columnsOfQuota(columnsOfLeg(deduction.quota)),
  };
}

// Null becomes undefined, which JSON leaves out: json_to_recordset reads what is not there as null, and half of all columns
// are. Names are written out, since putting them together for every row was 4 % of what the worker threw away.

type Written<Value> = Value extends Date ? string : Value extends null ? undefined : Value;

type Named<Name extends string> = {
  readonly [Column in keyof LegColumns as `${Name}_${Column}`]: Written<LegColumns[Column]>;
};

function columnsOfPoints(leg: LegColumns): Named<'points'> {
  return {
    points_state: leg.state,
    points_first_sent_at: leg.first_sent_at ? writeTimestamp(leg.first_sent_at) : undefined,
    points_quiet_at: leg.quiet_at ? writeTimestamp(leg.quiet_at) : undefined,
    points_unproven: leg.unproven ?? undefined,
    points_asked: leg.asked ?? undefined,
    points_moved: leg.moved ?? undefined,
    points_remote_id: leg.remote_id ?? undefined,
    points_refusal: leg.refusal ?? undefined,
  };
}

function columnsOfQuota(leg: LegColumns): Named<'quota'> {
  return {
    quota_state: leg.state,
    quota_first_sent_at: leg.first_sent_at ? writeTimestamp(leg.first_sent_at) : undefined,
    quota_quiet_at: leg.quiet_at ? writeTimestamp(leg.quiet_at) : undefined,
    quota_unproven: leg.unproven ?? undefined,
    quota_asked: leg.asked ?? undefined,
    quota_moved: leg.moved ?? undefined,
    quota_remote_id: leg.remote_id ?? undefined,
    quota_refusal: leg.refusal ?? undefined,
  };
}
