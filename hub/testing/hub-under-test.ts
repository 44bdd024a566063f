/**
 * A hub as `main.ts` wires it, on a database and a prefix of its own, with the sandbox as its channels and portal.
 */
import { join } from 'node:path';
import type { Environment } from '@points-hub/adapters';
import { createSandbox, type Sandbox, type SandboxOptions } from '@points-hub/adapters/sandbox';
import {
  createTestDatabase,
  eventually,
  testAmqpUrl,
  uniquePrefix,
  type TestDatabase,
} from '@points-hub/dev/testing';
import { pino } from 'pino';
import { placeOrder, type MallOrder } from '../intake/place-order.ts';
import type { Faces } from '../operations/face.ts';
import { startHub, type Hub } from '../run.ts';
import type { Settings } from '../settings.ts';
import { migrateHub } from '../store/migrate.ts';

export const channelIds = [
  'airmiles',
  'bankplus',
  'coffeeclub',
  'fuelcard',
  'groceryone',
  'telcostars',
] as const;

/** What the sandbox may sign its callbacks with. */
export const callbackSecret = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

export interface HubUnderTest {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly prefix: string;
  /** Starts one more process's worth of hub inside this process; stopped by `close`. */
  start(settings?: Partial<Settings>, faces?: Faces, environment?: Environment): Promise<Hub>;
  /** Places an order of the mall `shop` in a transaction of its own. */
  place(order: Omit<MallOrder, 'mallId'>): Promise<void>;
  /** Resolves with the order's status once it has ended. */
  ended(orderId: string): Promise<string>;
  /** Resolves once every order has settled. */
  allSettled(): Promise<void>;
  close(): Promise<void>;
}

/** @param broker whether messages go through the shared RabbitMQ or stay in the process */
export async function hubUnderTest(
  broker: 'rabbitmq' | 'in-process',
  sandboxOptions: Partial<SandboxOptions> = {},
  /** Between the hub and the sandbox, given the sandbox's URL. */
  openLine?: (url: string) => Promise<{ readonly url: string; close(): Promise<void> }>,
): Promise<HubUnderTest> {
  const database = await createTestDatabase();
  const sandbox = await createSandbox({ channels: [...channelIds], port: 0, ...sandboxOptions });
  const line = await openLine?.(sandbox.url);
  const prefix = uniquePrefix('hub');
  await migrateHub(database.knex);
  await database
    .knex('hub.channels')
    .insert(channelIds.map((id) => ({ id, scale: 2, points_max: '100000' })));
  await database.knex.raw(`insert into hub.malls (id, name) values ('shop', 'A shop')`);
  const hubs: Hub[] = [];
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

  async function start(
    settings: Partial<Settings> = {},
    faces: Faces = {},
    environment: Environment = {},
  ): Promise<Hub> {
    const hub = await startHub(
      {
        roles: new Set(['relay', 'worker', 'sweeper']),
        databaseUrl: database.url,
        amqpUrl: broker === 'rabbitmq' ? testAmqpUrl() : undefined,
        configFolder: join(import.meta.dirname, '../../dev/config'),
        host: '127.0.0.1',
        port: 0,
        trustProxy: undefined,
        channels: undefined,
        prefix,
        wakeAfterMs: 30_000,
        sweepIntervalMs: 1_000,
        unmatchedAfterMs: 3_600_000,
        awayMaxMs: 86_400_000,
        callbackRetentionMs: 86_400_000,
        poolMax: 8,
        applicationRole: undefined,
        logLevel: 'silent',
        console: undefined,
        ...settings,
      },
      {
        SANDBOX_URL: line?.url ?? sandbox.url,
        SANDBOX_TOKEN: 'unused',
        SANDBOX_CALLBACK_SECRET: callbackSecret,
        ...environment,
      },
      log,
      faces,
    );
    hubs.push(hub);
    return hub;
  }

  return {
    database,
    sandbox,
    prefix,
    start,
    place: async (order) => {
      await database.knex.transaction((transaction) =>
        placeOrder(transaction, { mallId: 'shop', ...order }, { prefix }),
      );
    },
    ended: (orderId) =>
      eventually(`order ${orderId} ends`, async () => {
        const row = await database
          .knex<{ order_id: string; status: string }>('hub.orders')
          .whereIn('status', ['settled', 'cancelled'])
          .where({ order_id: orderId })
          .first('status');
        return row?.status;
      }),
    allSettled: async () => {
      await eventually(
        'every order has settled',
        async () =>
          (await database.knex('hub.orders').whereNot({ status: 'settled' }).first('id')) === undefined,
        40_000,
      );
    },
    close: async () => {
      for (const hub of hubs) await hub.stop();
      await line?.close();
      await sandbox.close();
      await database.drop();
    },
  };
}
