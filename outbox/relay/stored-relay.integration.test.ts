import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createTestDatabase,
  eventually,
  startPrivateRabbitMq,
  testAmqpUrl,
  uniquePrefix,
  type TestDatabase,
} from '../../dev/testing/index.ts';
import { append } from '../append.ts';
import type { Broker, Topology } from '../broker/port.ts';
import { connectRabbitMq } from '../broker/rabbitmq.ts';
import { queueArguments } from '../broker/rabbitmq-topology.ts';
import { migrateOutbox } from '../migrations.ts';
import { startRelay } from '../relay.ts';
import { gate, Mailbox } from '../testing/index.ts';
import { onChannel, removeTopology } from '../testing/rabbitmq-harness.ts';

let database: TestDatabase;
let topology: Topology;
let exchange: string;
let queue: string;

beforeEach(async () => {
  database = await createTestDatabase();
  await migrateOutbox(database.knex);
  exchange = uniquePrefix('exchange');
  queue = uniquePrefix('queue');
  topology = {
    exchanges: [{ name: exchange, kind: 'direct' }],
    queues: [{ queue, bindings: [{ exchange, routingKey: 'work' }] }],
  };
});
afterEach(async () => {
  await database.drop();
});

async function commit(count: number, routingKey = 'work'): Promise<string[]> {
  const messages = Array.from({ length: count }, () => ({
    exchange,
    routingKey,
    type: 'work.due',
    data: {},
  }));
  return database.knex.transaction((transaction) => append(transaction, messages));
}

async function outboxIsEmpty(deadlineMs?: number): Promise<void> {
  const isEmpty = async (): Promise<boolean> =>
    (await database.knex('outbox.messages').first()) === undefined;
  await eventually('the outbox is empty', isEmpty, deadlineMs);
}

function publishingBy(broker: Broker, publish: Broker['publish']): Broker {
  return {
    settlement: broker.settlement,
    publish,
    consume: (options) => broker.consume(options),
    isReady: () => broker.isReady(),
    close: () => broker.close(),
  };
}

describe('a relay that holds its rows by a transaction', () => {
  let broker: Broker;

  beforeEach(async () => {
    broker = await connectRabbitMq({ url: testAmqpUrl(), topology });
  });
  afterEach(async () => {
    await broker.close();
    await removeTopology(testAmqpUrl(), topology);
  });

  test('loses nothing when its backend is terminated in the middle of a batch', async () => {
    const mailbox = new Mailbox();
    await broker.consume({ queue, prefetch: 100, onDelivery: mailbox.onDelivery });
    const ids = await commit(100);
    const reached = gate();
    const terminated = gate();
    const interrupted = publishingBy(broker, async (message) => {
      if (message.id === ids[50]) {
        reached.open();
        await terminated.opened;
      }
      return broker.publish(message);
    });
    const relay = startRelay({ knex: database.knex, broker: interrupted, source: '/shop' });
    await reached.opened;
    await database.knex.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and state = 'idle in transaction'`,
    );
    terminated.open();
    await outboxIsEmpty();
    await eventually('all have arrived', () => Promise.resolve(new Set(mailbox.ids()).size === ids.length));
    await relay.stop();
    expect(new Set(mailbox.ids())).toEqual(new Set(ids));
  });

  test('is not held up by a full queue, whose messages wait in the outbox', async () => {
    const full = uniquePrefix('full');
    await onChannel(testAmqpUrl(), async (channel) => {
      const declaration = { queue: full, bindings: [] };
      await channel.assertQueue(full, { arguments: { ...queueArguments(declaration), 'x-max-length': 1 } });
      await channel.bindQueue(full, exchange, 'full');
    });
    const mailbox = new Mailbox();
    await broker.consume({ queue, prefetch: 100, onDelivery: mailbox.onDelivery });
    await commit(200, 'full');
    const ids = await commit(20);
    const relay = startRelay({ knex: database.knex, broker, source: '/shop', batchMax: 20 });
    await mailbox.received(ids.length);
    expect(new Set(mailbox.ids())).toEqual(new Set(ids));
    await eventually('refusals are recorded', async () => {
      const row = await database
        .knex<{ last_failure: string }>('outbox.messages')
        .whereNotNull('last_failure')
        .first('last_failure');
      return row?.last_failure.startsWith('refused');
    });
    await relay.stop();
    await onChannel(testAmqpUrl(), (channel) => channel.deleteQueue(full));
  });
});

test('killing and restarting the broker in the middle of a drain loses nothing', async () => {
  const server = await startPrivateRabbitMq();
  try {
    const broker = await connectRabbitMq({ url: server.url, topology });
    const mailbox = new Mailbox();
    await broker.consume({ queue, prefetch: 500, onDelivery: mailbox.onDelivery });
    let inFlight = 0;
    const counted = publishingBy(broker, async (message) => {
      inFlight += 1;
      const outcome = await broker.publish(message);
      inFlight -= 1;
      return outcome;
    });
    const relay = startRelay({ knex: database.knex, broker: counted, source: '/shop', batchMax: 100 });
    const committed = new Set<string>();
    const over = new AbortController();
    const committing = (async () => {
      while (!over.signal.aborted && committed.size < 15_000)
        for (const id of await commit(10)) committed.add(id);
    })();
    await mailbox.received(1_000);
    await server.freeze();
    over.abort();
    await committing;
    for (const id of await commit(1_000)) committed.add(id);
    await eventually('messages are in flight that nobody will confirm', async () => {
      // Confirms from before the freeze are read while the database answers.
      await database.knex.raw('select 1');
      return inFlight > 0;
    });
    await server.kill();
    await server.start();
    await eventually('it is ready', () => Promise.resolve(broker.isReady()), 30_000);
    for (const id of await commit(1_000)) committed.add(id);
    await eventually(
      'the outbox is empty',
      async () => {
        // What failed meanwhile waits for its next turn; nothing is gained by waiting with it.
        await database.knex.raw('update outbox.messages set available_at = now() where available_at > now()');
        return (await database.knex('outbox.messages').first()) === undefined;
      },
      60_000,
    );
    const haveArrived = (): Promise<boolean> =>
      Promise.resolve(new Set(mailbox.ids()).size === committed.size);
    await eventually('all have arrived', haveArrived, 30_000);
    await relay.stop();
    await broker.close();

    expect(new Set(mailbox.ids())).toEqual(committed);
    expect(relay.counts().confirmed).toBeGreaterThanOrEqual(committed.size);
    expect(relay.counts().unconfirmed).toBeGreaterThan(0);
  } finally {
    await server.dispose();
  }
}, 120_000);
