import type { SqlConnection } from '@points-hub/outbox';
import type { Logger } from 'pino';
import type { Callback } from '../core/callback.ts';
import type { Deduction, Goal } from '../core/deduction.ts';
import type { Asked, LegState } from '../core/leg.ts';
import type { Order, OrderStatus, Settlement } from '../core/order.ts';
import { Points } from '../core/points.ts';
import type { SettlementStore, Writes } from '../settlement/store-port.ts';
import type { MessageNames } from '../settlement/topology.ts';
import { attentionOfColumns, type AttentionColumns } from './attention-columns.ts';
import { forgetCallbacks, sweepCallbacks } from './callback-sweep.ts';
import { callbackStatements, keepCallback, unappliedCallbacks } from './callbacks.ts';
import { runStatements, type Database } from './database.ts';
import { lateCheckOfColumns } from './late-check-columns.ts';
import { awayTooLong, overdueOrders, wakeOverdue } from './overdue.ts';
import { patience } from './patience.ts';
import { reasonOfColumns, type ReasonColumns } from './reason-columns.ts';
import { legOfColumns } from './leg-columns.ts';
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

type LegList = readonly [
  state: LegState,
  firstSentAt: Date | null,
  quietAt: Date | null,
  unproven: boolean | null,
  asked: Asked | null,
  moved: string | null,
  remoteId: string | null,
  refusal: string | null,
];

/** The columns of `readDeductionsText`, in their order. */
type DeductionRow = readonly [
  now: Date,
  id: string,
  orderRowId: string,
  channel: string,
  memberRef: string,
  asked: string,
  keyBase: string,
  refundId: string | null,
  holds: boolean,
  goal: Goal,
  failures: number,
  notBefore: Date | null,
  leaseUntil: Date | null,
  attempts: number,
  wakeBy: Date | null,
  retriedAt: Date | null,
  attention: AttentionColumns['attention'],
  attentionLeg: AttentionColumns['attention_leg'],
  attentionCause: AttentionColumns['attention_cause'],
  lateCheckAt: Date | null,
  lateCheckFrom: Date | null,
  lateCheckUntil: Date | null,
  ...points: LegList,
  ...quota: LegList,
];

/**
 * A statement of its own, so that its snapshot is taken after the orders' locks were granted. Index: the unique
 * one on (order_id, channel, refund_row_id).
 */
export const readDeductionsText = `
select
  clock_timestamp() as now, id, order_id, channel, member_ref, asked, key_base,
  case
    when refund_row_id is not null then (select refund_id from hub.refunds where refunds.id = refund_row_id)
  end as refund_id,
  holds, goal, failures, not_before, lease_until, attempts, wake_by, retried_at, attention, attention_leg, attention_cause,
  late_check_at, late_check_from, late_check_until,
  points_state, points_first_sent_at, points_quiet_at, points_unproven, points_asked, points_moved, points_remote_id,
  points_refusal,
  quota_state, quota_first_sent_at, quota_quiet_at, quota_unproven, quota_asked, quota_moved, quota_remote_id,
  quota_refusal
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
    connection.query<DeductionRow>(readDeductionsText, [ids], 'lists'),
  ]);
  const byOrder = new Map<string, Deduction[]>(orders.map(({ id }) => [id, []]));
  for (const [orderRowId, rows] of Map.groupBy(deductions, ([, , id]) => id)) {
    byOrder.set(
      orderRowId,
      rows.map((row) => deductionOfRow(row, rows)),
    );
  }
  const settlements = orders.map((row): [string, Settlement] => [
    row.id,
    { order: orderOfRow(row), deductions: byOrder.get(row.id) ?? [] },
  ]);
  return { settlements: new Map(settlements), now: deductions[0]?.[0] ?? new Date() };
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
  const [
    ,
    id,
    ,
    channel,
    memberRef,
    asked,
    keyBase,
    refundId,
    holds,
    goal,
    failures,
    notBefore,
    leaseUntil,
    attempts,
    wakeBy,
    retriedAt,
    attention,
    attentionLeg,
    attentionCause,
    lateCheckAt,
    lateCheckFrom,
    lateCheckUntil,
    pointsState,
    pointsFirstSentAt,
    pointsQuietAt,
    pointsUnproven,
    pointsAsked,
    pointsMoved,
    pointsRemoteId,
    pointsRefusal,
    quotaState,
    quotaFirstSentAt,
    quotaQuietAt,
    quotaUnproven,
    quotaAsked,
    quotaMoved,
    quotaRemoteId,
    quotaRefusal,
  ] = row;
  return {
    id,
    channel,
    memberRef,
    asked: new Points(asked),
    keyBase,
    refund: refundId === null ? undefined : { refundId, originalKeyBase: originalOf(row, ofOrder) },
    holds,
    goal,
    points: legOfColumns({
      state: pointsState,
      first_sent_at: pointsFirstSentAt,
      quiet_at: pointsQuietAt,
      unproven: pointsUnproven,
      asked: pointsAsked,
      moved: pointsMoved,
      remote_id: pointsRemoteId,
      refusal: pointsRefusal,
    }),
    quota: legOfColumns({
      state: quotaState,
      first_sent_at: quotaFirstSentAt,
      quiet_at: quotaQuietAt,
      unproven: quotaUnproven,
      asked: quotaAsked,
      moved: quotaMoved,
      remote_id: quotaRemoteId,
      refusal: quotaRefusal,
    }),
    failures,
    notBefore: notBefore ?? undefined,
    lease: leaseUntil === null ? undefined : { token: attempts, until: leaseUntil },
    attempts,
    wakeBy: wakeBy ?? undefined,
    attention: attentionOfColumns({
      attention,
      attention_leg: attentionLeg,
      attention_cause: attentionCause,
    }),
    retriedAt: retriedAt ?? undefined,
    lateCheck: lateCheckOfColumns({
      late_check_at: lateCheckAt,
      late_check_from: lateCheckFrom,
      late_check_until: lateCheckUntil,
    }),
  };
}

/** The key base of the deduction whose points a refund line gives back. */
function originalOf([, , , channel, , , keyBase]: DeductionRow, ofOrder: readonly DeductionRow[]): string {
  const original = ofOrder.find(([, , , its, , , , refundId]) => its === channel && refundId === null);
  return original?.[6] ?? keyBase;
}

/** Everything that one transaction decided, under the locks that `lockSettlements` took. */
export async function writeSettlements(
  connection: SqlConnection,
  writes: Writes,
  names: MessageNames,
): Promise<void> {
  await runStatements(connection, settlementStatements(writes, names));
}
