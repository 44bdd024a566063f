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
  readonly holds: boolean;
}

export interface PlacedRow {
  readonly mall_id: string;
  readonly order_id: string;
  readonly placed_at: Date;
}

/**
 * The whole local transaction of accepted orders in one statement, for any number of them: the orders, their deductions,
 * one outbox message per deduction, and the idempotency keys. An order whose id or key is taken or whose mall is unknown
 * places nothing, keeps no key, and is not among the rows that come back; `existingOrder` then says why. Locks: the new
 * rows only, in the order of the orders' ids, so that two groups never wait for each other in a ring; a concurrent twin
 * waits for the first to commit. Of two orders that race for one key the second fails on the key's primary key.
 *
 * A group gives up when one of its orders has a twin in a transaction that stays open: `lock_timeout` is set for this
 * transaction, before the first row is written. A lone order waits as long as its caller's settings let it.
 *
 * The outbox is written by a plain insert, not by outbox.append, which is called row by row: that would cost as much
 * as the order itself.
 */
const placeOrdersText = `
with asked as (
  select asked.*
  from (select set_config('lock_timeout', coalesce($11, current_setting('lock_timeout')), true)) as patience,
    unnest($12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::integer[], $18::text[])
      as asked (mall_id, order_id, user_id, fingerprint, traceparent, deadline_seconds, key)
), placed as (
  insert into hub.orders (mall_id, order_id, user_id, fingerprint, traceparent, deadline_at)
  select malls.id, asked.order_id, user_id, fingerprint, traceparent, now() + deadline_seconds * interval '1 s'
  from asked
  join hub.malls on malls.id = asked.mall_id
  where not exists (
    select from hub.idempotency_keys as keys where keys.mall_id = asked.mall_id and keys.key = asked.key
  )
  order by asked.mall_id, asked.order_id
  on conflict (mall_id, order_id) do nothing
  returning id, mall_id, order_id, placed_at, traceparent
), remembered_keys as (
  insert into hub.idempotency_keys (mall_id, key, fingerprint, order_id)
  select mall_id, key, fingerprint, order_id
  from placed
  join asked using (mall_id, order_id)
  where key is not null
), parts as (
  insert into hub.deductions (order_id, channel, member_ref, asked, key_base, holds, wake_by)
  select placed.id, part.channel, part.member_ref, part.asked, part.key_base, part.holds, now() + $3::bigint * interval '1 ms'
  from unnest($4::text[], $5::text[], $6::numeric[], $7::text[], $8::boolean[], $9::text[], $10::text[])
    with ordinality as part (channel, member_ref, asked, key_base, holds, mall_id, order_id, place)
  join placed using (mall_id, order_id)
  order by part.place -- an order shows its deductions as they were asked for, which is by their ids
  returning id, order_id, channel
), appended as (
  insert into outbox.messages (exchange, routing_key, type, subject, data, mandatory, traceparent)
  select
    $1, parts.channel, $2, parts.id::text,
    json_build_object('deductionId', parts.id::text, 'orderRowId', parts.order_id::text), true,
    case when traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then traceparent end
  from parts
  join placed on placed.id = parts.order_id
)
select mall_id, order_id, placed_at
from placed`;

/**
 * The same for one order without an idempotency key, as a mall's own backend places it: without joins, and without a write
 * of no keys, it costs Postgres a fifth less. It waits for a twin as long as its caller's settings let it.
 */
const placeOrderText = `
with placed as (
  insert into hub.orders (mall_id, order_id, user_id, fingerprint, traceparent, deadline_at)
  select malls.id, $10, $11, $12, $13, now() + $14::integer * interval '1 s'
  from hub.malls
  where malls.id = $9
  on conflict (mall_id, order_id) do nothing
  returning id, mall_id, order_id, placed_at
), parts as (
  insert into hub.deductions (order_id, channel, member_ref, asked, key_base, holds, wake_by)
  select placed.id, part.channel, part.member_ref, part.asked, part.key_base, part.holds, now() + $3::bigint * interval '1 ms'
  from placed
  cross join unnest($4::text[], $5::text[], $6::numeric[], $7::text[], $8::boolean[])
    with ordinality as part (channel, member_ref, asked, key_base, holds, place)
  order by part.place
  returning id, order_id, channel
), appended as (
  insert into outbox.messages (exchange, routing_key, type, subject, data, mandatory, traceparent)
  select
    $1, parts.channel, $2, parts.id::text,
    json_build_object('deductionId', parts.id::text, 'orderRowId', parts.order_id::text), true,
    case when $13::text ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then $13::text end
  from parts
)
select mall_id, order_id, placed_at
from placed`;

/** How long a group waits for somebody else's transaction: much longer than one takes, much shorter than one that hangs. */
const groupWait = '200ms';

/**
 * Runs one of the statements above on the caller's connection. No two of `orders` may have the same mall and id.
 *
 * @returns the orders that were placed @throws Postgres's error when another order won a key
 */
export async function insertOrders(
  connection: SqlConnection,
  orders: readonly NewOrder[],
  message: { readonly exchange: string; readonly type: string; readonly wakeAfterMs: number },
): Promise<readonly PlacedRow[]> {
  const parts = orders.flatMap(({ mallId, orderId, deductions }) =>
    deductions.map((deduction) => ({ mallId, orderId, ...deduction })),
  );
  const messageAndParts = [
    message.exchange,
    message.type,
    message.wakeAfterMs,
    parts.map(({ channel }) => channel),
    parts.map(({ memberRef }) => memberRef),
    parts.map(({ points }) => points),
    parts.map(({ keyBase }) => keyBase),
    parts.map(({ holds }) => holds),
  ];
  const [first] = orders;
  if (orders.length === 1 && first !== undefined && first.idempotencyKey === undefined) {
    const { mallId, orderId, userId, fingerprint, traceparent, deadlineSeconds } = first;
    const order = [mallId, orderId, userId, fingerprint, traceparent ?? null, deadlineSeconds];
    return (await connection.query<PlacedRow>(placeOrderText, [...messageAndParts, ...order])).rows;
  }
  const { rows } = await connection.query<PlacedRow>(placeOrdersText, [
    ...messageAndParts,
    parts.map(({ mallId }) => mallId),
    parts.map(({ orderId }) => orderId),
    orders.length === 1 ? null : groupWait,
    orders.map(({ mallId }) => mallId),
    orders.map(({ orderId }) => orderId),
    orders.map(({ userId }) => userId),
    orders.map(({ fingerprint }) => fingerprint),
    orders.map(({ traceparent }) => traceparent ?? null),
    orders.map(({ deadlineSeconds }) => deadlineSeconds),
    orders.map(({ idempotencyKey }) => idempotencyKey ?? null),
  ]);
  return rows;
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
