import type { SqlConnection } from '@points-hub/outbox';

export interface NewOrder {
  readonly mallId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly fingerprint: string;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string | undefined;
  /** 1 or more. */
  readonly deadlineSeconds: number;
  readonly deductions: readonly NewDeduction[];
}

export interface NewDeduction {
  readonly channel: string;
  readonly memberRef: string;
  readonly points: string;
  readonly keyBase: string;
}

export interface PlacedRow {
  /** The order's row id; null when this call placed nothing. */
  readonly id: string | null;
  readonly placed_at: Date | null;
}

/**
 * The whole local transaction of an accepted order in one statement: the order, its deductions, one outbox message per
 * deduction, and the idempotency key. Places nothing, and keeps no key, when the order id or the key is taken or the
 * mall unknown; `existingOrder` then says which. Locks: the new rows only; a concurrent twin waits for the first to
 * commit. Of two orders that race for one key the second fails on the key's primary key.
 */
const placeOrderText = `
with placed as (
  insert into hub.orders (mall_id, order_id, user_id, fingerprint, traceparent, deadline_at)
  select malls.id, $4, $5, $3, $6, now() + $14::integer * interval '1 s'
  from hub.malls
  where malls.id = $1
    and not exists (select from hub.idempotency_keys as keys where keys.mall_id = $1 and keys.key = $2)
  on conflict (mall_id, order_id) do nothing
  returning id, placed_at
), remembered_key as (
  insert into hub.idempotency_keys (mall_id, key, fingerprint, order_id)
  select $1, $2, $3, $4
  from placed
  where $2::text is not null
), parts as (
  insert into hub.deductions (order_id, channel, member_ref, asked, key_base, wake_by)
  select placed.id, part.channel, part.member_ref, part.asked, part.key_base, now() + $7::bigint * interval '1 ms'
  from placed
  cross join unnest($8::text[], $9::text[], $10::numeric[], $11::text[]) as part (channel, member_ref, asked, key_base)
  returning id, order_id, channel
), appended as (
  select outbox.append(
    $12, parts.channel, $13, parts.id::text,
    json_build_object('deductionId', parts.id::text, 'orderRowId', parts.order_id::text),
    now(), true, $6
  ) as message_id
  from parts
)
select
  (select id from placed) as id,
  (select placed_at from placed) as placed_at,
  (select count(message_id) from appended) as messages`;

/** Runs the statement above on the caller's connection. @throws Postgres's error when another order won the key. */
export async function insertOrder(
  connection: SqlConnection,
  order: NewOrder,
  message: { readonly exchange: string; readonly type: string; readonly wakeAfterMs: number },
): Promise<PlacedRow> {
  const { deductions } = order;
  const { rows } = await connection.query<PlacedRow>(placeOrderText, [
    order.mallId,
    order.idempotencyKey ?? null,
    order.fingerprint,
    order.orderId,
    order.userId,
    order.traceparent ?? null,
    message.wakeAfterMs,
    deductions.map(({ channel }) => channel),
    deductions.map(({ memberRef }) => memberRef),
    deductions.map(({ points }) => points),
    deductions.map(({ keyBase }) => keyBase),
    message.exchange,
    message.type,
    order.deadlineSeconds,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement that places an order always returns one row');
  return row;
}

export interface ExistingOrder {
  readonly mall_known: boolean;
  readonly id: string | null;
  readonly placed_at: Date | null;
  readonly fingerprint: string | null;
  readonly is_tombstone: boolean;
  readonly key_fingerprint: string | null;
}

const existingOrderText = `
select
  exists (select from hub.malls where malls.id = $1) as mall_known,
  orders.id, orders.placed_at, orders.fingerprint,
  orders.id is not null and orders.user_id is null as is_tombstone,
  (select keys.fingerprint from hub.idempotency_keys as keys where keys.mall_id = $1 and keys.key = $3) as key_fingerprint
from (values (1)) as always
left join hub.orders on orders.mall_id = $1 and orders.order_id = $2`;

/** Why an order was not placed: what already stands under its id and its idempotency key. Takes no lock. */
export async function existingOrder(
  connection: SqlConnection,
  { mallId, orderId, idempotencyKey }: Pick<NewOrder, 'mallId' | 'orderId' | 'idempotencyKey'>,
): Promise<ExistingOrder> {
  const { rows } = await connection.query<ExistingOrder>(existingOrderText, [
    mallId,
    orderId,
    idempotencyKey ?? null,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement that looks for an order always returns one row');
  return row;
}

/** Whether placing failed because another order took the idempotency key at the same moment. */
export function isKeyTaken(error: unknown): boolean {
  return Error.isError(error) && 'constraint' in error && error.constraint === 'idempotency_keys_pkey';
}
