/**
 * The ceiling: what one process reaches that only makes the four HTTP calls of each order and one grouped update, with
 * no queue, no intents, no leases and no evidence. Same machine, same sandbox, same HTTP client as the hub's.
 *
 *   ceiling/main.ts --orders N --warm-up N
 *
 * Prints `{"ordersPerSecond":...,"cpuMsPerOrder":...}`.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openUndiciTransport, type HttpTransport } from '@points-hub/adapters';
import { readRemoteConfig, type RemoteConfig } from '@points-hub/hub';
import { pairOf, pointsOfDeduction, userOf } from '../stand/orders.ts';

/** As many deductions in hand as the hub's worker has: 64 at each of six channels. */
const ordersAtOnce = 192;
const callDeadlineMs = 5_000;
const sandboxUrl = process.env['SANDBOX_URL'] ?? '';
const bearer = `Bearer ${process.env['SANDBOX_TOKEN'] ?? ''}`;

const { values } = parseArgs({ options: { orders: { type: 'string' }, 'warm-up': { type: 'string' } } });
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 2 });
await pool.query('create table if not exists ceiling_orders (id bigint primary key, settled_at timestamptz)');
const config = readRemoteConfig(process.env['HUB_CONFIG'] ?? '');
const transports = openTransports(config);
const channelIds = [...config.channels.keys()];
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
await Promise.all([...transports.values()].map((transport) => transport.close()));
await pool.end();
process.stdout.write(
  JSON.stringify({
    ordersPerSecond: ids.length / seconds,
    cpuMsPerOrder: (user + system) / 1_000 / ids.length,
  }),
);

function openTransports({ portal, channels }: RemoteConfig): Map<string, HttpTransport> {
  const open = (
    path: string,
    { connectionsMax, connectTimeoutMs }: RemoteConfig['portal']['limits'],
  ): HttpTransport =>
    openUndiciTransport({ baseUrl: `${sandboxUrl}${path}`, connectionsMax, connectTimeoutMs });
  return new Map([
    ['portal', open('/portal', portal.limits)],
    ...[...channels].map(([id, { limits }]): [string, HttpTransport] => [
      id,
      open(`/channels/${id}`, limits),
    ]),
  ]);
}

async function addOrders(count: number): Promise<readonly number[]> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into ceiling_orders (id)
     select first + number
     from (select coalesce(max(id), 0) as first from ceiling_orders) as so_far, generate_series(1, $1) as number
     returning id`,
    [count],
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
      const member = userOf(id);
      await call(channel, '/v1/deductions', {
        key: `${orderId}-${channel}-p`,
        orderId,
        member,
        points: pointsOfDeduction,
      });
      await call('portal', '/v1/quota-deductions', {
        key: `${orderId}-${channel}-q`,
        channel,
        orderId,
        points: pointsOfDeduction,
      });
    }),
  );
  await settled(id);
}

async function call(remote: string, path: string, body: Readonly<Record<string, string>>): Promise<void> {
  const exchange = await transports.get(remote)?.exchange(
    {
      method: 'POST',
      path,
      headers: {
        accept: 'application/json',
        authorization: bearer,
        'content-type': 'application/json',
        'idempotency-key': `"${body['key']}"`,
      },
      body: JSON.stringify(body),
    },
    { deadlineMs: callDeadlineMs, maySend: () => true },
  );
  if (exchange?.type !== 'answer' || exchange.status !== 200)
    throw new Error(`${remote} answers ${JSON.stringify(exchange)}`);
  const { points } = JSON.parse(exchange.body) as { readonly points: string };
  if (points !== pointsOfDeduction) throw new Error(`${remote} took ${points}`);
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
        text: 'update ceiling_orders set settled_at = now() where id = any ($1::bigint[])',
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
