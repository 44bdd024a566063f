import type { SqlConnection } from '@points-hub/outbox';
import type { Logger } from 'pino';
import type { Callback } from '../core/callback.ts';
import type { Deduction, Goal } from '../core/deduction.ts';
import type { Order, OrderStatus, Settlement } from '../core/order.ts';
import { Points } from '../core/points.ts';
import type { SettlementStore, Writes } from '../settlement/store-port.ts';
import type { MessageNames } from '../settlement/topology.ts';
import { attentionOfColumns, type AttentionColumns } from './attention-columns.ts';
import { forgetCallbacks, sweepCallbacks } from './callback-sweep.ts';
import { callbackStatements, keepCallback, unappliedCallbacks } from './callbacks.ts';
import { runStatements, type Database } from './database.ts';
import { lateCheckOfColumns, type LateCheckColumns } from './late-check-columns.ts';
import { awayTooLong, overdueOrders, wakeOverdue } from './overdue.ts';
import { patience } from './patience.ts';
import { reasonOfColumns, type ReasonColumns } from './reason-columns.ts';
import { legOfColumns, type LegColumns } from './leg-columns.ts';
import { settlementStatements } from './settlement-writes.ts';

export interface SettlementStoreOptions {
  readonly database: Database;
  readonly names: MessageNames;
  /** First delay of the sweeper's look at a deduction; doubles with each look that found nothing new, up to 32 times. */
  readonly wakeAfterMs: number;
  /** Work in hand waits for a database that is away, until this aborts; undefined: it fails at once. */
  readonly patienceUntil: AbortSignal | undefined;
  readonly log: Logger;
}

/** Settlement's memory in Postgres. */
export function settlementStore({
  database,
  names,
  wakeAfterMs,
  patienceUntil,
  log,
}: SettlementStoreOptions): SettlementStore {
  const patiently = patienceUntil === undefined ? atOnce : patience(patienceUntil, log);
  return {
    transact: (orderRowIds, think, listening = []) =>
      patiently(() =>
        database.transaction(async ({ lookAhead, finish }) => {
          // Two round trips: begin, locks and rows in one, what was decided and the commit in the other.
          const [{ settlements, now }, callbacks] = await Promise.all([
            lockSettlements({ query: lookAhead }, orderRowIds),
            listening.length === 0 ? noCallbacks : unappliedCallbacks({ query: lookAhead }, listening),
          ]);
          const { writes, result } = think(settlements, now, callbacks);
          await finish([
            ...settlementStatements(writes, names),
            ...callbackStatements(writes, wakeAfterMs, names),
          ]);
          return result;
        }, 'by_key'),
      ),
    wakeOverdue: (limit) => wakeOverdue(database, limit, wakeAfterMs, names),
    overdueOrders: (limit) => overdueOrders(database, limit),
    awayTooLong: (limit, awayMaxMs) => awayTooLong(database, limit, awayMaxMs),
    keepCallback: (callback) => keepCallback(database, callback, wakeAfterMs, names),
    sweepCallbacks: (limit, unmatchedAfterMs) =>
      database.transaction((connection) =>
        sweepCallbacks(connection, limit, wakeAfterMs, unmatchedAfterMs, names),
      ),
    forgetCallbacks: (limit, retentionMs) => forgetCallbacks(database, limit, retentionMs),
  };
}

const noCallbacks: ReadonlyMap<string, readonly Callback[]> = new Map();

function atOnce<Result>(work: () => Promise<Result>): Promise<Result> {
  return work();
}

interface OrderRow extends ReasonColumns {
  readonly id: string;
  readonly mall_id: string;
  readonly order_id: string;
  readonly user_id: string | null;
  readonly status: OrderStatus;
  readonly deadline_at: Date;
  readonly traceparent: string | null;
}

/** Locks each order row, in id order so that batches never deadlock. Index: the primary key. */
export const lockOrdersText = `
select id, mall_id, order_id, user_id, status, deadline_at, traceparent, reason_code, reason_channel, reason_leg
from hub.orders
where id = any ($1::bigint[])
order by id
for update`;

type LegColumnsOf<Name extends string> = {
  readonly [Column in keyof LegColumns as `${Name}_${Column}`]: LegColumns[Column];
};

interface DeductionRow
  extends LegColumnsOf<'points'>, LegColumnsOf<'quota'>, AttentionColumns, LateCheckColumns {
  readonly id: string;
  readonly order_id: string;
  readonly channel: string;
  readonly member_ref: string;
  readonly asked: string;
  readonly key_base: string;
  readonly refund_id: string | null;
  readonly holds: boolean;
  readonly goal: Goal;
  readonly failures: number;
  readonly not_before: Date | null;
  readonly lease_until: Date | null;
  readonly attempts: number;
  readonly wake_by: Date | null;
  readonly retried_at: Date | null;
  readonly now: Date;
}

/**
 * A statement of its own, so that its snapshot is taken after the orders' locks were granted. Index: the unique
 * one on (order_id, channel, refund_row_id).
 */
export const readDeductionsText = `
select
  id, order_id, channel, member_ref, asked, key_base,
  case
    when refund_row_id is not null then (select refund_id from hub.refunds where refunds.id = refund_row_id)
  end as refund_id,
  holds, goal, failures, not_before, lease_until, attempts, wake_by, retried_at, attention, attention_leg, attention_cause,
  late_check_at, late_check_from, late_check_until,
  points_state, points_first_sent_at, points_quiet_at, points_unproven, points_asked, points_moved, points_remote_id,
  points_refusal,
  quota_state, quota_first_sent_at, quota_quiet_at, quota_unproven, quota_asked, quota_moved, quota_remote_id,
  quota_refusal,
  clock_timestamp() as now
from hub.deductions
where order_id = any ($1::bigint[])
order by id`;

export async function lockSettlements(
  connection: SqlConnection,
  orderRowIds: readonly string[],
): Promise<{ settlements: Map<string, Settlement>; now: Date }> {
  const ids = [...new Set(orderRowIds)];
  const [{ rows: orders }, { rows: deductions }] = await Promise.all([
    connection.query<OrderRow>(lockOrdersText, [ids]),
    connection.query<DeductionRow>(readDeductionsText, [ids]),
  ]);
  const byOrder = new Map<string, Deduction[]>(orders.map(({ id }) => [id, []]));
  for (const [orderRowId, rows] of Map.groupBy(deductions, (row) => row.order_id)) {
    byOrder.set(
      orderRowId,
      rows.map((row) => deductionOfRow(row, rows)),
    );
  }
  const settlements = orders.map((row): [string, Settlement] => [
    row.id,
    { order: orderOfRow(row), deductions: byOrder.get(row.id) ?? [] },
  ]);
  return { settlements: new Map(settlements), now: deductions[0]?.now ?? new Date() };
}

function orderOfRow(row: OrderRow): Order {
  return {
    id: row.id,
    mallId: row.mall_id,
    orderId: row.order_id,
    userId: row.user_id ?? '',
    status: row.status,
    reason: reasonOfColumns(row),
    deadlineAt: row.deadline_at,
    traceparent: row.traceparent ?? undefined,
  };
}

/** @param ofOrder all rows of the same order: a refund line gives back a part of the deduction at its channel */
function deductionOfRow(row: DeductionRow, ofOrder: readonly DeductionRow[]): Deduction {
  const original = ofOrder.find(
    ({ channel, refund_id: refundId }) => channel === row.channel && refundId === null,
  );
  return {
    id: row.id,
    channel: row.channel,
    memberRef: row.member_ref,
    asked: new Points(row.asked),
    keyBase: row.key_base,
    refund:
      row.refund_id === null
        ? undefined
        : { refundId: row.refund_id, originalKeyBase: original?.key_base ?? row.key_base },
    holds: row.holds,
    goal: row.goal,
    points: legOfColumns({
      state: row.points_state,
      first_sent_at: row.points_first_sent_at,
      quiet_at: row.points_quiet_at,
      unproven: row.points_unproven,
      asked: row.points_asked,
      moved: row.points_moved,
      remote_id: row.points_remote_id,
      refusal: row.points_refusal,
    }),
    quota: legOfColumns({
      state: row.quota_state,
      first_sent_at: row.quota_first_sent_at,
      quiet_at: row.quota_quiet_at,
      unproven: row.quota_unproven,
      asked: row.quota_asked,
      moved: row.quota_moved,
      remote_id: row.quota_remote_id,
      refusal: row.quota_refusal,
    }),
    failures: row.failures,
    notBefore: row.not_before ?? undefined,
    lease: row.lease_until === null ? undefined : { token: row.attempts, until: row.lease_until },
    attempts: row.attempts,
    wakeBy: row.wake_by ?? undefined,
    attention: attentionOfColumns(row),
    retriedAt: row.retried_at ?? undefined,
    lateCheck: lateCheckOfColumns(row),
  };
}

/** Everything that one transaction decided, under the locks that `lockSettlements` took. */
export async function writeSettlements(
  connection: SqlConnection,
  writes: Writes,
  names: MessageNames,
): Promise<void> {
  await runStatements(connection, settlementStatements(writes, names));
}
