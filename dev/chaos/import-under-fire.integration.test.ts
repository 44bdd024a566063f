/**
 * The import goes on while processes die: what was placed settles once, to the last hundredth.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createSandbox, type Sandbox } from '@points-hub/adapters/sandbox';
import { Points, type OrderRequest } from '@points-hub/hub';
import { openDatabase } from '../../hub/store/database.ts';
import { createApiKey } from '../../hub/store/malls.ts';
import { migrateHub } from '../../hub/store/migrate.ts';
import { sumHubTables, sumSandboxBooks } from '../import/books.ts';
import { forEachAtOnce } from '../import/for-each-at-once.ts';
import { mallClient, type MallClient } from '../import/mall-client.ts';
import { reportLines } from '../import/report.ts';
import { freePort } from '../ports.ts';
import {
  createTestDatabase,
  startPrivateRabbitMq,
  type PrivateRabbitMq,
  type TestDatabase,
} from '../testing/index.ts';
import { hubProcess, type HubProcess } from './hub-process.ts';

const channels = ['airmiles', 'bankplus', 'coffeeclub', 'fuelcard', 'groceryone', 'telcostars'];
const ordersCount = 400;
const patienceMs = 120_000;
const callbackSecret = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

/** One channel ends its operations by callback, too early, twice, or when the hub is dead. */
function faultsTelling(port: number) {
  const on = ['deductions'];
  return {
    channels: {
      telcostars: {
        callback: { url: `http://127.0.0.1:${port}/v1/callbacks/telcostars`, secret: callbackSecret },
        faults: [
          { kind: 'async', on, probability: 1, afterMs: 50 },
          { kind: 'callback-early', on, probability: 0.2 },
          { kind: 'callback-duplicated', on, probability: 0.3 },
        ],
      },
    },
  };
}

let folder: string;
let database: TestDatabase;
let rabbitMq: PrivateRabbitMq;
let sandbox: Sandbox;
let hub: HubProcess;
let mall: MallClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'points-hub-chaos-'));
  database = await createTestDatabase();
  rabbitMq = await startPrivateRabbitMq();
  const port = await freePort();
  sandbox = await createSandbox({ channels, latencyMs: 5, faults: faultsTelling(port) });
  await migrateHub(database.knex);
  const connection = openDatabase({ url: database.url, applicationName: 'test', poolMax: 1 });
  const { apiKey } = await createApiKey(connection, { mallId: 'demo', label: 'test', ratePerSecond: 10_000 });
  await connection.close();
  const environment = {
    ...process.env,
    DATABASE_URL: database.url,
    AMQP_URL: rabbitMq.url,
    SANDBOX_URL: sandbox.url,
    SANDBOX_TOKEN: 'unused',
    SANDBOX_CALLBACK_SECRET: callbackSecret,
    LOG_LEVEL: 'info',
  };
  hub = hubProcess({ environment, folder, port });
  await hub.start();
  mall = mallClient(hub.url, apiKey, patienceMs);
}, 60_000);

afterEach(async () => {
  mall.close();
  await hub.stop();
  await sandbox.close();
  await rabbitMq.dispose();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const orders = Array.from({ length: ordersCount }, (_, index): OrderRequest => {
  const at = (offset: number): string => channels[(index + offset) % channels.length] ?? '';
  const hundredths = String((index * 37) % 100).padStart(2, '0');
  return {
    orderId: `order-${index}`,
    userId: `user-${index % 40}`,
    deductions: [
      { channel: at(0), points: `${1 + (index % 90)}.${hundredths}` },
      { channel: at(2), points: `0.${String(1 + (index % 99)).padStart(2, '0')}` },
    ],
  };
});

/** Sums per channel: what was asked for, and whether hub, channels and portal all say the same. */
async function comparison(): Promise<unknown> {
  const ids = orders.map(({ orderId }) => orderId);
  const asked = new Map<string, InstanceType<typeof Points>>();
  for (const { channel, points } of orders.flatMap(({ deductions }) => deductions)) {
    asked.set(channel, (asked.get(channel) ?? new Points(0)).plus(points));
  }
  const lines = reportLines(
    asked,
    await sumHubTables(database.url, 'demo', ids),
    await sumSandboxBooks(sandbox.url, new Set(ids)),
  );
  return lines.filter(({ agrees }) => !agrees).map((line) => ({ ...line }));
}

/** Places orders, 16 at a time; calls `at` with the number placed after each. */
async function place(
  some: readonly OrderRequest[],
  at: (placed: number) => Promise<void> | void = () => undefined,
): Promise<void> {
  let placed = 0;
  await forEachAtOnce(some, 16, async (order) => {
    await mall.place(order);
    placed += 1;
    await at(placed);
  });
}

/** Waits for the ends of all orders. @returns every status met */
async function ends(): Promise<Set<string>> {
  const statuses = new Set<string>();
  await forEachAtOnce(
    orders,
    16,
    async ({ orderId }) => void statuses.add((await mall.ended(orderId)).status),
  );
  return statuses;
}

test('a hub that is killed in the middle of the import, twice, loses and doubles nothing', async () => {
  await place(orders, async (placed) => {
    if (placed === 120 || placed === 260) {
      await hub.kill();
      await hub.start();
    }
  });
  expect(await ends()).toEqual(new Set(['settled']));
  expect(await comparison()).toEqual([]);
}, 180_000);

test('while RabbitMQ is away orders are accepted, and settle when it is back', async () => {
  await place(orders.slice(0, 100));
  await rabbitMq.stop();
  await place(orders.slice(100));
  await rabbitMq.start();
  expect(await ends()).toEqual(new Set(['settled']));
  expect(await comparison()).toEqual([]);
}, 180_000);

test('a RabbitMQ that is killed in mid-flight and started again loses nothing', async () => {
  await place(orders, async (placed) => {
    if (placed === 150) {
      await rabbitMq.kill();
      await rabbitMq.start();
    }
  });
  expect(await ends()).toEqual(new Set(['settled']));
  expect(await comparison()).toEqual([]);
}, 180_000);
