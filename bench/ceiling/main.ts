/**
 * The ceiling: what one process reaches that only makes the four HTTP calls of each order and one grouped update, with
 * no queue, no intents, no leases and nothing kept of the calls. Same machine, same sandbox; the calls are those of the hub's
 * own adapters, so each is written, sent, read and classified as the hub's are.
 *
 *   ceiling/main.ts --orders N --warm-up N
 *
 * Prints `{"ordersPerSecond":...,"cpuMsPerOrder":...}`.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import {
  openChannel,
  openPortal,
  type CallContext,
  type ChannelAdapter,
  type Outcome,
} from '@points-hub/adapters';
import { Points, readRemoteConfig } from '@points-hub/hub';
import { mallId, pairOf, pointsOfDeduction, userOf } from '../stand/orders.ts';

/** As many deductions in hand as the hub's worker has: 64 at each of six channels. */
const ordersAtOnce = 192;
const context: CallContext = { deadlineMs: 5_000, maySend: () => true };
const points = new Points(pointsOfDeduction);

const { values } = parseArgs({ options: { orders: { type: 'string' }, 'warm-up': { type: 'string' } } });
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 2 });
const config = readRemoteConfig(process.env['HUB_CONFIG'] ?? '');
const portal = openPortal(config.portal, process.env);
const channels = new Map(
  [...config.channels].map(([id, channel]): [string, ChannelAdapter] => [
    id,
    openChannel(channel, process.env),
  ]),
);
const channelIds = [...channels.keys()];
/** No two runs share a key. */
const run = randomUUID().slice(0, 8);
const settled = groupedUpdate();

await settleAll(await addOrders(Number(values['warm-up'])));
const ids = await addOrders(Number(values.orders));
const cpuBefore = process.cpuUsage();
const startedAtMs = performance.now();
await settleAll(ids);
const seconds = (performance.now() - startedAtMs) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
await Promise.all([portal, ...channels.values()].map((remote) => remote.close()));
await pool.end();
process.stdout.write(
  JSON.stringify({
    ordersPerSecond: ids.length / seconds,
    cpuMsPerOrder: (user + system) / 1_000 / ids.length,
  }),
);

/** Rows of the hub's own table. */
async function addOrders(count: number): Promise<readonly number[]> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into hub.orders (mall_id, order_id, user_id, fingerprint, deadline_at)
     select $1, gen_random_uuid()::text, 'user', 'bench', now() + interval '1 day'
     from generate_series(1, $2::integer)
     returning id`,
    [mallId, count],
  );
  return rows.map(({ id }) => Number(id));
}

async function settleAll(orders: readonly number[]): Promise<void> {
  const rest = orders.values();
  await Promise.all(
    Array.from({ length: ordersAtOnce }, async () => {
      for (const id of rest) await settle(id);
    }),
  );
}

async function settle(id: number): Promise<void> {
  const orderId = `${run}-${id}`;
  await Promise.all(
    pairOf(id, channelIds).map(async (channel) => {
      const key = `${orderId}-${channel}`;
      const adapter = channels.get(channel) as ChannelAdapter;
      expectDone(await adapter.deduct({ key: `${key}-p`, orderId, memberRef: userOf(id), points }, context));
      expectDone(await portal.deduct({ key: `${key}-q`, orderId, channel, points }, context));
    }),
  );
  await settled(id);
}

function expectDone(outcome: Outcome): void {
  if (outcome.type !== 'done' || !outcome.points.equals(points))
    throw new Error(`a deduction ended as ${JSON.stringify(outcome)}`);
}

/** While one update is under way those that come meanwhile wait and share the next. */
function groupedUpdate(): (id: number) => Promise<void> {
  let waiting: {
    readonly id: number;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  let isUnderWay = false;
  const update = async (): Promise<void> => {
    if (isUnderWay || waiting.length === 0) return;
    isUnderWay = true;
    const group = waiting;
    waiting = [];
    try {
      await pool.query({
        name: 'settled',
        text: `update hub.orders set status = 'settled', ended_at = clock_timestamp() where id = any ($1::bigint[])`,
        values: [group.map(({ id }) => id)],
      });
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    isUnderWay = false;
    void update();
  };
  return (id) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject });
      queueMicrotask(() => void update());
    });
}
