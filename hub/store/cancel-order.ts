import type { SqlConnection } from '@points-hub/outbox';

/** What stands under an order id once it has been looked up for cancelling. */
export interface OrderToCancel {
  readonly id: string;
  /** Just made by this call: no order had come with the id, and none can any more. */
  readonly isBuried: boolean;
}

/**
 * Locks: the new row only. A placing of the same id at the same moment goes first or finds the tombstone; the unique
 * index on (mall_id, order_id) decides.
 */
const findOrBuryText = `
with buried as (
  insert into hub.orders (mall_id, order_id, fingerprint, status, reason_code, deadline_at, ended_at)
  values ($1, $2, '', 'cancelled', 'cancelled_by_mall', now(), now())
  on conflict (mall_id, order_id) do nothing
  returning id
)
select id, true as is_buried from buried
union all
select id, false from hub.orders where mall_id = $1 and order_id = $2`;

/** Finds an order of a mall that exists; an id that was never seen gets a tombstone. */
export async function findOrBury(
  connection: SqlConnection,
  mallId: string,
  orderId: string,
): Promise<OrderToCancel> {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const { rows } = await connection.query<{ id: string; is_buried: boolean }>(findOrBuryText, [
      mallId,
      orderId,
    ]);
    const [row] = rows;
    if (row !== undefined) return { id: row.id, isBuried: row.is_buried };
    // An order with this id was committed after this statement's snapshot was taken; the next one sees it.
  }
  throw new Error(`order ${orderId} is neither there nor can its tombstone be written`);
}

const triesMax = 3;
