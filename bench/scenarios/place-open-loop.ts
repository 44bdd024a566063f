import { setTimeout as delay } from 'node:timers/promises';
import { placeOrder } from '@points-hub/hub';
import { runOpenLoop } from '../open-loop.ts';
import { pairOfAll } from '../stand/load-orders.ts';
import { mallId, pointsOfDeduction, userOf } from '../stand/orders.ts';
import type { World } from '../stand/world.ts';
import { awaitSettled } from './drain.ts';

const lanesMax = 6;
const ordersPerTransactionMax = 20;

export interface OpenLoad {
  /** Orders are called so, and a number. */
  readonly name: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly channelsOf?: (index: number) => readonly string[];
  /** Whose latency is asked for. Default all. */
  readonly counts?: (index: number) => boolean;
  /** A channel whose orders do not end by themselves. Default none. */
  readonly butAt?: string;
}

/** Until one order had settled, in ms. */
export interface Latency {
  /** From when it was due to be placed: whatever kept the mall waiting is charged, too. */
  readonly sinceDueMs: number;
  /** From when the mall sent the COMMIT of its transaction. */
  readonly sinceCommitMs: number;
}

/**
 * Places orders at a fixed rate as a mall's own backend does, in transactions of its own, and waits until they have
 * ended. @returns the latencies of those that count
 */
export async function placeOpenLoop(world: World, load: OpenLoad): Promise<readonly Latency[]> {
  const { name, ratePerSecond, seconds, channelsOf = pairOfAll, counts = () => true, butAt } = load;
  const orderIdOf = (index: number): string => `${name}-${index}`;
  const count = Math.max(1, Math.round(ratePerSecond * seconds));
  // The wall clock's time by a clock that never jumps: the database writes ended_at by the same wall clock.
  const nowMs = (): number => performance.timeOrigin + performance.now();
  const commitMs: number[] = [];
  const place = async (indexes: readonly number[]): Promise<void> => {
    const client = await world.sql.connect();
    try {
      await client.query('begin');
      for (const index of indexes) {
        const deductions = channelsOf(index).map((channel) => ({ channel, points: pointsOfDeduction }));
        const order = { mallId, orderId: orderIdOf(index), userId: userOf(index), deductions };
        await placeOrder(client, order, { prefix: world.prefix, preparesStatements: true });
      }
      const sentMs = nowMs();
      await client.query('commit');
      for (const index of indexes) commitMs[index] = sentMs;
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
  const dueMs = await runOpenLoop({
    ratePerSecond,
    count,
    place,
    lanesMax,
    batchMax: ordersPerTransactionMax,
    nowMs,
    sleep: (ms) => delay(ms),
  });
  await awaitSettled(world, butAt);
  const { rows } = await world.sql.query<{ order_id: string; ended_ms: number | null }>(
    `select order_id, extract(epoch from ended_at)::float8 * 1000 as ended_ms
     from hub.orders
     where mall_id = $1 and order_id = any ($2::text[])`,
    [mallId, dueMs.flatMap((_, index) => (counts(index) ? [orderIdOf(index)] : []))],
  );
  return rows.map(({ order_id: orderId, ended_ms: endedMs }) => {
    const index = Number(orderId.slice(name.length + 1));
    const [due, committed] = [dueMs[index], commitMs[index]];
    if (due === undefined || committed === undefined || endedMs === null)
      throw new Error(`${world.name}: order ${orderId} has not ended`);
    return { sinceDueMs: endedMs - due, sinceCommitMs: endedMs - committed };
  });
}
