/** Orders as operators look for them. No statement here takes a lock. */
import type { SqlConnection } from '@points-hub/outbox';
import type { OrderStatus } from '../core/order.ts';
import { summaryColumns, type CaseSummary } from './cases.ts';

/** An order in a list: nothing of the user. */
export interface OrderSummary {
  /** Of the hub's own row: names one order of all malls. */
  readonly id: string;
  readonly mallId: string;
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly placedAt: Date;
  readonly endedAt: Date | null;
}

const columns = `
  orders.id, orders.mall_id as "mallId", orders.order_id as "orderId", orders.status,
  orders.placed_at as "placedAt", orders.ended_at as "endedAt"`;

/**
 * Asks each mall for its order of that id: there are few malls, and an index over all orders by id alone would cost
 * every order. Indexes: the primary key of malls, and the unique one on orders (mall_id, order_id).
 */
const findText = `
select ${columns}
from hub.malls
cross join lateral (
  select * from hub.orders where orders.mall_id = malls.id and orders.order_id = $1
) as orders
where $2::text is null or malls.id = $2
order by orders.mall_id
limit $3`;

/** The orders that malls know by this id, at most `limit`. @param mallId undefined: of whatever mall */
export async function findOrders(
  connection: SqlConnection,
  orderId: string,
  mallId: string | undefined,
  limit: number,
): Promise<readonly OrderSummary[]> {
  return (await connection.query<OrderSummary>(findText, [orderId, mallId ?? null, limit])).rows;
}

const readText = `select ${columns} from hub.orders where orders.id = $1`;

/** Index: the primary key. */
export async function readOrderSummary(
  connection: SqlConnection,
  id: string,
): Promise<OrderSummary | undefined> {
  return (await connection.query<OrderSummary>(readText, [id])).rows[0];
}

const casesText = `
select ${summaryColumns}
from hub.cases
where cases.mall_order_id = $1 and cases.mall_id = $2
order by cases.first_seen_at desc, cases.id desc
limit $3`;

/** Cases of one order, the newest first. Index: cases_by_order. */
export async function listCasesOfOrder(
  connection: SqlConnection,
  { orderId, mallId }: Pick<OrderSummary, 'orderId' | 'mallId'>,
  limit: number,
): Promise<readonly CaseSummary[]> {
  return (await connection.query<CaseSummary>(casesText, [orderId, mallId, limit])).rows;
}
