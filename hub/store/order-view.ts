import type { SqlConnection } from '@points-hub/outbox';
import type { Direction } from '../core/action.ts';
import type { Callback, CallbackEffect } from '../core/callback.ts';
import type { Action, Goal } from '../core/deduction.ts';
import type { LegName, LegState } from '../core/leg.ts';
import type { CancelReason, OrderStatus } from '../core/order.ts';
import { reasonOfColumns, type ReasonColumns } from './reason-columns.ts';

/** An order as it stands, with what was done for it. Points are canonical decimal texts. */
export interface OrderView {
  readonly orderId: string;
  /** Undefined for an id that was cancelled before any order came with it. */
  readonly userId: string | undefined;
  readonly status: OrderStatus;
  readonly reason: CancelReason | undefined;
  readonly placedAt: Date;
  readonly deadlineAt: Date;
  readonly endedAt: Date | undefined;
  /** In the order of the request. */
  readonly deductions: readonly DeductionView[];
  /** In the order of their requests. */
  readonly refunds: readonly RefundView[];
}

export interface RefundView {
  readonly refundId: string;
  /** As Postgres writes it in JSON. */
  readonly requestedAt: string;
  readonly lines: readonly DeductionView[];
}

export interface DeductionView {
  readonly channel: string;
  readonly memberRef: string;
  readonly asked: string;
  readonly goal: Goal;
  readonly points: LegView;
  readonly quota: LegView;
  /** Remote calls so far. */
  readonly attempts: number;
  /** The latest of them, at most `historyMax`, oldest first. */
  readonly history: readonly AttemptView[];
  /** What the channel told by itself and is still kept, at most `historyMax`, oldest first. */
  readonly callbacks: readonly CallbackView[];
}

export interface LegView {
  readonly state: LegState;
  readonly moved: string | null;
  readonly refusal: string | null;
}

/** Times as Postgres writes them in JSON: ISO 8601 with an offset. */
export interface AttemptView {
  readonly at: string;
  readonly finishedAt: string | null;
  readonly leg: LegName;
  readonly action: Action;
  readonly outcome: string | null;
  readonly cause: string | null;
}

/** Times as of an attempt. */
export interface CallbackView {
  readonly at: string;
  readonly about: Direction;
  /** Its signature was verified, so it is worth a proof; any other is a hint to look. */
  readonly verified: boolean;
  readonly said: Callback['said']['type'];
  readonly points: string | null;
  readonly reason: string | null;
  /** Null until it is taken in. */
  readonly takenInAt: string | null;
  readonly effect: CallbackEffect | null;
}

/** Attempts, and callbacks, shown per deduction at most. */
export const historyMax = 100;

interface OrderViewRow extends ReasonColumns {
  readonly user_id: string | null;
  readonly status: OrderStatus;
  readonly placed_at: Date;
  readonly deadline_at: Date;
  readonly ended_at: Date | null;
  readonly parts: readonly (DeductionView & { readonly refundRowId: string | null })[];
  readonly refunds: readonly (Omit<RefundView, 'lines'> & { readonly id: string })[];
}

const readOrderViewText = `
select
  orders.user_id, orders.status, orders.placed_at, orders.deadline_at, orders.ended_at,
  orders.reason_code, orders.reason_channel, orders.reason_leg,
  asked_back.refunds,
  shown.parts
from hub.orders
cross join lateral (
  select coalesce(json_agg(json_build_object(
    'id', refunds.id::text,
    'refundId', refunds.refund_id,
    'requestedAt', refunds.requested_at
  ) order by refunds.id), '[]') as refunds
  from hub.refunds
  where refunds.order_id = orders.id
) as asked_back
cross join lateral (
  select coalesce(json_agg(json_build_object(
    'refundRowId', deductions.refund_row_id::text,
    'channel', deductions.channel,
    'memberRef', deductions.member_ref,
    'asked', trim_scale(deductions.asked)::text,
    'goal', deductions.goal,
    'points', json_build_object(
      'state', deductions.points_state,
      'moved', trim_scale(deductions.points_moved)::text,
      'refusal', deductions.points_refusal
    ),
    'quota', json_build_object(
      'state', deductions.quota_state,
      'moved', trim_scale(deductions.quota_moved)::text,
      'refusal', deductions.quota_refusal
    ),
    'attempts', deductions.attempts,
    'history', past.history,
    'callbacks', told.callbacks
  ) order by deductions.id), '[]') as parts
  from hub.deductions
  cross join lateral (
    select coalesce(json_agg(json_build_object(
      'at', latest.intended_at,
      'finishedAt', latest.finished_at,
      'leg', latest.leg,
      'action', latest.action,
      'outcome', latest.outcome,
      'cause', latest.cause
    ) order by latest.number), '[]') as history
    from (
      select number, intended_at, finished_at, leg, action, outcome, cause
      from hub.attempts
      where attempts.deduction_id = deductions.id
      order by number desc
      limit $3
    ) as latest
  ) as past
  cross join lateral (
    select coalesce(json_agg(json_build_object(
      'at', latest.received_at,
      'about', latest.direction,
      'verified', latest.is_signed,
      'said', latest.said,
      'points', trim_scale(latest.points)::text,
      'reason', latest.reason,
      'takenInAt', latest.applied_at,
      'effect', latest.effect
    ) order by latest.id), '[]') as callbacks
    from (
      select id, received_at, direction, is_signed, said, points, reason, applied_at, effect
      from hub.callbacks
      where callbacks.deduction_id = deductions.id
      order by id desc
      limit $3
    ) as latest
  ) as told
  where deductions.order_id = orders.id
) as shown
where orders.mall_id = $1 and orders.order_id = $2`;

/**
 * One order of one mall; undefined if that mall has no such order. Takes no lock. Indexes: the unique ones on
 * orders (mall_id, order_id) and deductions (order_id, channel, refund_row_id) and refunds, the primary key of attempts,
 * and callbacks_by_deduction.
 */
export async function readOrderView(
  connection: SqlConnection,
  mallId: string,
  orderId: string,
): Promise<OrderView | undefined> {
  const { rows } = await connection.query<OrderViewRow>(readOrderViewText, [mallId, orderId, historyMax]);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    orderId,
    userId: row.user_id ?? undefined,
    status: row.status,
    reason: reasonOfColumns(row),
    placedAt: row.placed_at,
    deadlineAt: row.deadline_at,
    endedAt: row.ended_at ?? undefined,
    deductions: row.parts.filter(({ refundRowId }) => refundRowId === null),
    refunds: row.refunds.map(({ id, refundId, requestedAt }) => ({
      refundId,
      requestedAt,
      lines: row.parts.filter(({ refundRowId }) => refundRowId === id),
    })),
  };
}

export interface OrderName {
  readonly mallId: string;
  readonly orderId: string;
}

const endedAmongText = `
select orders.mall_id as "mallId", orders.order_id as "orderId"
from unnest($1::text[], $2::text[]) as asked (mall_id, order_id)
join hub.orders on orders.mall_id = asked.mall_id and orders.order_id = asked.order_id
where orders.ended_at is not null`;

/** Those of the given orders that have ended. Index: the unique one on (mall_id, order_id). */
export async function readEndedAmong(
  connection: SqlConnection,
  orders: readonly OrderName[],
): Promise<readonly OrderName[]> {
  const { rows } = await connection.query<OrderName>(endedAmongText, [
    orders.map(({ mallId }) => mallId),
    orders.map(({ orderId }) => orderId),
  ]);
  return rows;
}
