import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import knexModule from 'knex';
import {
  createTestDatabase,
  eventually,
  testAmqpUrl,
  uniquePrefix,
  type TestDatabase,
} from '../dev/testing/index.ts';
import { append, type NewMessage } from './append.ts';
import { createInProcessBroker } from './broker/in-process.ts';
import type { Broker, Topology } from './broker/port.ts';
import { readEnvelope } from './envelope.ts';
import { silentLog } from './log.ts';
import { migrateOutbox } from './migrations.ts';
import { startRelay, type Relay, type RelayOptions } from './relay.ts';
import { gate, Mailbox, type BrokerHarness } from './testing/index.ts';
import { rabbitMqHarness } from './testing/rabbitmq-harness.ts';

const quiet = { warn() {}, error() {}, debug() {}, deprecate() {} };

/** A door before the database: while it is shut, connections break and new ones are refused. */
async function doorTo(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = createConnection({ host: target.hostname, port: Number(target.port) });
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    inside.pipe(outside).pipe(inside);
  });
  let port = 0;
  const open = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  await open();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    open,
    shut: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const brokers: [string, (prefix: string) => BrokerHarness][] = [
  ['RabbitMQ', (prefix) => rabbitMqHarness(testAmqpUrl(), prefix)],
  [
    'the in-process broker',
    (prefix) => ({
      prefix,
      open: (topology) => Promise.resolve(createInProcessBroker({ topology })),
      dispose: () => Promise.resolve(),
    }),
  ],
];

describe.each(brokers)('a relay before %s', (_name, makeHarness) => {
  let database: TestDatabase;
  let harness: BrokerHarness;
  let broker: Broker;
  const relays: Relay[] = [];
  let exchange: string;
  let queue: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    await migrateOutbox(database.knex);
    harness = makeHarness(uniquePrefix('relay'));
    exchange = `${harness.prefix}.commands`;
    queue = `${harness.prefix}.work`;
    const topology: Topology = {
      exchanges: [{ name: exchange, kind: 'direct' }],
      queues: [{ queue, bindings: [{ exchange, routingKey: 'work' }] }],
    };
    broker = await harness.open(topology);
  });
  afterEach(async () => {
    await broker.close();
    await Promise.all(relays.splice(0).map((started) => started.stop()));
    await harness.dispose();
    await database.drop();
  });

  function relay(more: Partial<RelayOptions> = {}): Relay {
    const started = startRelay({ knex: database.knex, broker, source: '/shop', random: () => 0, ...more });
    relays.push(started);
    return started;
  }

  const work = (more: Partial<NewMessage> = {}): NewMessage => ({
    exchange,
    routingKey: 'work',
    type: 'work.due',
    data: { points: '12.50' },
    ...more,
  });

  async function commit(...messages: NewMessage[]): Promise<string[]> {
    return database.knex.transaction((transaction) => append(transaction, messages));
  }

  async function consume(mailbox: Mailbox): Promise<void> {
    await broker.consume({ queue, prefetch: 100, onDelivery: mailbox.onDelivery });
  }

  async function waitingIds(): Promise<string[]> {
    const rows = (await database.knex('outbox.messages').select('id').orderBy('id')) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  const outboxHolds = (ids: readonly string[]): Promise<true> =>
    eventually(`the outbox holds ${ids.length} messages`, async () => {
      expect(await waitingIds()).toEqual(ids);
      return true as const;
    });

  test('what is committed is published as an envelope and leaves the outbox; what is rolled back is never seen', async () => {
    const mailbox = new Mailbox();
    await consume(mailbox);
    const started = relay();
    const abandoned = await database.knex.transaction();
    await append(abandoned, [work({ subject: 'abandoned' })]);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const [id] = await commit(work({ subject: 'order-1', traceparent }));
    started.wake();
    await mailbox.received(1);
    await abandoned.rollback();
    await outboxHolds([]);

    expect(mailbox.ids()).toEqual([id]);
    const reading = readEnvelope(mailbox.deliveries[0]?.body ?? Buffer.alloc(0));
    expect(reading).toMatchObject({
      envelope: {
        id,
        source: '/shop',
        type: 'work.due',
        subject: 'order-1',
        traceparent,
        data: { points: '12.50' },
      },
    });
    await eventually('it is counted', () => Promise.resolve(started.counts().confirmed === 1));
  });

  test('two transactions that commit in reverse order lose nothing', async () => {
    const mailbox = new Mailbox();
    await consume(mailbox);
    relay();
    const slow = await database.knex.transaction();
    const [slowId] = await append(slow, [work()]);
    const [quickId] = await commit(work());
    await mailbox.received(1);
    expect(Number(slowId)).toBeLessThan(Number(quickId));
    expect(mailbox.ids()).toEqual([quickId]);
    await slow.commit();
    await mailbox.received(2);
    expect(mailbox.ids()).toEqual([quickId, slowId]);
  });

  test('an event without subscriber leaves the outbox', async () => {
    await commit(work({ routingKey: 'nobody', mandatory: false }));
    const started = relay();
    await outboxHolds([]);
    await started.stop();
    expect(started.counts()).toMatchObject({ confirmed: 1, unroutable: 0 });
  });

  test('a mandatory message that nothing routes stays, with its reason, and keeps no other waiting', async () => {
    const mailbox = new Mailbox();
    await consume(mailbox);
    const stuck = await commit(...Array.from({ length: 60 }, () => work({ routingKey: 'nobody' })));
    const [id] = await commit(work());
    relay({ batchMax: 10 });
    await mailbox.received(1);
    await outboxHolds(stuck);
    expect(mailbox.ids()).toEqual([id]);
    await eventually('every one of them was tried', async () => {
      const untried = await database
        .knex('outbox.messages')
        .where({ publish_failures: 0 })
        .count({ count: '*' });
      return untried[0]?.['count'] === '0';
    });
    const row = (await database.knex('outbox.messages').first()) as Record<string, unknown>;
    expect(row['last_failure']).toMatch(/^unroutable/);
    expect(row['claimed_until']).toBeNull();
    expect((row['available_at'] as Date).getTime()).toBeGreaterThan((row['created_at'] as Date).getTime());
  });

  test('a message that failed is tried again until it can be published', async () => {
    const [id] = await commit(work({ exchange: `${harness.prefix}.missing` }));
    relay();
    await eventually('it failed once', async () => {
      const row = (await database.knex('outbox.messages').first()) as Record<string, unknown>;
      return row['publish_failures'] !== 0;
    });
    const mailbox = new Mailbox();
    await consume(mailbox);
    await database.knex('outbox.messages').update({ exchange });
    await mailbox.received(1);
    expect(mailbox.ids()).toEqual([id]);
    await outboxHolds([]);
  });

  test('a delayed message is not published before its time', async () => {
    const mailbox = new Mailbox();
    await consume(mailbox);
    const [delayed] = await commit(work({ availableAt: new Date(Date.now() + 3_600_000) }), work());
    const started = relay();
    await mailbox.received(1);
    await outboxHolds([delayed ?? '']);
    expect(mailbox.ids()).not.toContain(delayed);
    await database.knex('outbox.messages').update({ available_at: database.knex.fn.now() });
    started.wake();
    await mailbox.received(2);
    expect(mailbox.ids()).toContain(delayed);
  });

  test('two relays share the work: every message is published, and none twice', async () => {
    const mailbox = new Mailbox();
    await consume(mailbox);
    const ids = await commit(...Array.from({ length: 3_000 }, () => work()));
    const [one, two] = [relay({ batchMax: 50 }), relay({ batchMax: 50 })];
    await outboxHolds([]);
    await mailbox.received(ids.length);
    expect(mailbox.ids()).toHaveLength(ids.length);
    expect(new Set(mailbox.ids())).toEqual(new Set(ids));
    await eventually('both have counted', () =>
      Promise.resolve(one.counts().confirmed + two.counts().confirmed === ids.length),
    );
  });

  test('stopping finishes what is in flight and takes nothing new', async () => {
    const stuck = gate();
    const mailbox = new Mailbox(() => stuck.opened.then(() => 'done' as const));
    await consume(mailbox);
    await commit(work());
    const started = relay();
    await mailbox.received(1);
    const stopped = started.stop();
    stuck.open();
    await stopped;
    const [late] = await commit(work());
    started.wake();
    expect(await waitingIds()).toEqual([late]);
    expect(started.counts().confirmed).toBe(1);
  });

  test('a relay whose database goes away lives on, and goes on when it is back', async () => {
    const mailbox = new Mailbox();
    await consume(mailbox);
    const door = await doorTo(database.url);
    const knex = knexModule({ client: 'pg', connection: door.url, pool: { min: 0, max: 4 }, log: quiet });
    const troubles: string[] = [];
    const log = { ...silentLog, warn: (_fields: unknown, text: string) => troubles.push(text) };
    const started = relay({ knex, log, pollMaxMs: 10 });
    await commit(work());
    await mailbox.received(1);
    await door.shut();
    await eventually('it notices', () => Promise.resolve(troubles.includes('relay: trying again')));
    const [id] = await commit(work());
    await door.open();
    await mailbox.received(2);
    await started.stop();
    await knex.destroy();
    await door.shut();
    expect(mailbox.ids()).toContain(id);
  });

  test('while the broker is not ready nothing is claimed', async () => {
    let isReady = false;
    let asked = 0;
    const publishes: string[] = [];
    const unready: Broker = {
      settlement: broker.settlement,
      consume: (options) => broker.consume(options),
      publish: (message) => {
        publishes.push(message.id);
        return broker.publish(message);
      },
      close: () => broker.close(),
      isReady: () => {
        asked += 1;
        return isReady;
      },
    };
    const mailbox = new Mailbox();
    await consume(mailbox);
    const [id] = await commit(work());
    relay({ broker: unready });
    await eventually('it was asked', () => Promise.resolve(asked > 2));
    expect(publishes).toEqual([]);
    isReady = true;
    await mailbox.received(1);
    expect(publishes).toEqual([id]);
  });
});
