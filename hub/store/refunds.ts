import type { SqlConnection } from '@points-hub/outbox';

export interface StoredRefund {
  readonly id: string;
  readonly fingerprint: string;
  readonly requested_at: Date;
}

const findRefundText = `
select id, fingerprint, requested_at
from hub.refunds
where order_id = $1 and refund_id = $2`;

/** The refund with this id, if it was asked for before. Index: the unique one on (order_id, refund_id). */
export async function findRefund(
  connection: SqlConnection,
  orderRowId: string,
  refundId: string,
): Promise<StoredRefund | undefined> {
  const { rows } = await connection.query<StoredRefund>(findRefundText, [orderRowId, refundId]);
  return rows[0];
}

export interface NewRefund {
  readonly orderRowId: string;
  readonly refundId: string;
  readonly fingerprint: string;
  readonly traceparent: string | undefined;
  readonly lines: readonly {
    /** Row id of the settled deduction. */
    readonly deductionId: string;
    readonly points: string;
    readonly keyBase: string;
  }[];
}

/**
 * The refund, its lines, and a message for each. A line's legs begin where those of the settled deduction stand, with
 * the line's points. The caller holds the order's lock.
 */
const insertRefundText = `
with refund as (
  insert into hub.refunds (order_id, refund_id, fingerprint)
  values ($1, $2, $3)
  returning id, order_id, requested_at
), lines as (
  insert into hub.deductions (
    order_id, refund_row_id, channel, member_ref, asked, key_base, goal, wake_by,
    points_state, points_moved, points_remote_id, quota_state, quota_moved, quota_remote_id
  )
  select
    refund.order_id, refund.id, original.channel, original.member_ref, line.points, line.key_base, 'undo',
    now() + $4::bigint * interval '1 ms',
    'applied', line.points, original.points_remote_id, 'applied', line.points, original.quota_remote_id
  from refund
  cross join unnest($5::bigint[], $6::numeric[], $7::text[]) with ordinality
    as line (deduction_id, points, key_base, position)
  join hub.deductions as original on original.id = line.deduction_id
  order by line.position
  returning id, order_id, channel
), appended as (
  select outbox.append(
    $8, lines.channel, $9, lines.id::text,
    json_build_object('deductionId', lines.id::text, 'orderRowId', lines.order_id::text),
    now(), true, $10
  ) as message_id
  from lines
)
select
  (select requested_at from refund) as requested_at,
  (select count(message_id) from appended) as messages`;

/** Writes a refund that was planned under the order's lock. @returns when it was asked for */
export async function insertRefund(
  connection: SqlConnection,
  { orderRowId, refundId, fingerprint, traceparent, lines }: NewRefund,
  message: { readonly exchange: string; readonly type: string; readonly wakeAfterMs: number },
): Promise<Date> {
  const { rows } = await connection.query<{ requested_at: Date }>(insertRefundText, [
    orderRowId,
    refundId,
    fingerprint,
    message.wakeAfterMs,
    lines.map(({ deductionId }) => deductionId),
    lines.map(({ points }) => points),
    lines.map(({ keyBase }) => keyBase),
    message.exchange,
    message.type,
    traceparent ?? null,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement that writes a refund always returns one row');
  return row.requested_at;
}

/** The row of a mall's order; undefined if that mall has no such order. Index: the unique one on orders. */
export async function findOrderRow(
  connection: SqlConnection,
  mallId: string,
  orderId: string,
): Promise<string | undefined> {
  const { rows } = await connection.query<{ id: string }>(
    'select id from hub.orders where mall_id = $1 and order_id = $2',
    [mallId, orderId],
  );
  return rows[0]?.id;
}
