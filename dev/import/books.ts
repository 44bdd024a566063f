import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Points } from '@points-hub/hub';
import type { Decimal } from 'decimal.js';
import knexFactory from 'knex';

/** Per channel, for the orders of one file. */
export interface ChannelSums {
  readonly deducted: Decimal;
  readonly quotaUsed: Decimal;
}

/**
 * What the sandbox's own books say moved for these orders: deductions minus refunds, quota taken minus quota returned.
 * Read line by line, so the books may be of any length.
 */
export async function sumSandboxBooks(
  sandboxUrl: string,
  orderIds: ReadonlySet<string>,
): Promise<Map<string, ChannelSums>> {
  const answer = await fetch(`${sandboxUrl}/books/entries`);
  if (!answer.ok || answer.body === null)
    throw new Error(`the sandbox answers ${answer.status} for its books`);
  const sums = new Map<string, { deducted: Decimal; quotaUsed: Decimal }>();
  const nothing = new Points(0);
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    const { channel, kind, orderId, points } = JSON.parse(line) as Record<
      'channel' | 'kind' | 'orderId' | 'points',
      string
    >;
    if (!orderIds.has(orderId)) continue;
    const sum = sums.get(channel) ?? { deducted: nothing, quotaUsed: nothing };
    if (kind === 'deduction') sum.deducted = sum.deducted.plus(points);
    else if (kind === 'refund') sum.deducted = sum.deducted.minus(points);
    else if (kind === 'quota-deduction') sum.quotaUsed = sum.quotaUsed.plus(points);
    else if (kind === 'quota-return') sum.quotaUsed = sum.quotaUsed.minus(points);
    else throw new Error(`the sandbox's books know a kind "${kind}" that the import does not`);
    sums.set(channel, sum);
  }
  return sums;
}

/** What the hub's tables say these orders of one mall took; refunds after settlement are not counted. */
export async function sumHubTables(
  databaseUrl: string,
  mallId: string,
  orderIds: readonly string[],
): Promise<Map<string, ChannelSums>> {
  const knex = knexFactory({ client: 'pg', connection: databaseUrl, pool: { min: 0, max: 1 } });
  try {
    const { rows } = await knex.raw<{ rows: { channel: string; deducted: string; quota_used: string }[] }>(
      `select channel,
              coalesce(sum(points_moved) filter (where points_state = 'applied'), 0) as deducted,
              coalesce(sum(quota_moved) filter (where quota_state = 'applied'), 0) as quota_used
       from hub.orders
       join hub.deductions on deductions.order_id = orders.id
       where deductions.refund_row_id is null and orders.mall_id = ? and orders.order_id = any (?::text[])
       group by channel`,
      [mallId, [...orderIds]],
    );
    return new Map(
      rows.map(({ channel, deducted, quota_used: quotaUsed }) => [
        channel,
        { deducted: new Points(deducted), quotaUsed: new Points(quotaUsed) },
      ]),
    );
  } finally {
    await knex.destroy();
  }
}
