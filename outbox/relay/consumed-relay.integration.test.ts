import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '../../dev/testing/index.ts';
import { append } from '../append.ts';
import { createInProcessBroker } from '../broker/in-process.ts';
import type { Broker } from '../broker/port.ts';
import { migrateOutbox } from '../migrations.ts';
import { startRelay, type Relay, type RelayOptions } from '../relay.ts';
import { gate, Mailbox } from '../testing/index.ts';

let database: TestDatabase;
let broker: Broker;
const relays: Relay[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrateOutbox(database.knex);
  broker = createInProcessBroker({
    topology: {
      exchanges: [{ name: 'commands', kind: 'direct' }],
      queues: ['slow', 'quick'].map((queue) => ({
        queue,
        bindings: [{ exchange: 'commands', routingKey: queue }],
      })),
    },
  });
});
afterEach(async () => {
  await broker.close();
  await Promise.all(relays.splice(0).map((started) => started.stop()));
  await database.drop();
});

async function commit(count: number, routingKey: string): Promise<string[]> {
  const messages = Array.from({ length: count }, () => ({
    exchange: 'commands',
    routingKey,
    type: 'work.due',
    data: {},
  }));
  return database.knex.transaction((transaction) => append(transaction, messages));
}

async function consume(queue: string, mailbox: Mailbox): Promise<void> {
  await broker.consume({ queue, prefetch: 10, onDelivery: mailbox.onDelivery });
}

function relay(more: Partial<RelayOptions> = {}): Relay {
  const started = startRelay({ knex: database.knex, broker, source: '/shop', random: () => 0, ...more });
  relays.push(started);
  return started;
}

async function claimedUntil(id: string | undefined): Promise<Date | null | undefined> {
  const row = await database
    .knex<{ id: string; claimed_until: Date | null }>('outbox.messages')
    .where('id', id ?? '')
    .first('claimed_until');
  return row?.claimed_until;
}

describe('a relay that holds its rows by claims', () => {
  test('a slow route holds up no other, however many messages wait for it', async () => {
    const stuck = gate();
    const slow = new Mailbox(() => stuck.opened.then(() => 'done' as const));
    const quick = new Mailbox();
    await consume('slow', slow);
    await consume('quick', quick);
    const slowIds = await commit(500, 'slow');
    const quickIds = await commit(50, 'quick');
    relay({ routeWindowMax: 20 });
    await quick.received(quickIds.length);
    const claimed = await database
      .knex('outbox.messages')
      .whereNotNull('claimed_until')
      .count({ count: '*' });
    expect(Number(claimed[0]?.['count'])).toBeLessThan(100);
    stuck.open();
    await slow.received(slowIds.length);
    expect(new Set(slow.ids())).toEqual(new Set(slowIds));
    expect(slow.ids()).toHaveLength(slowIds.length);
  });

  test('a claim lasts as long as its handler needs, and nobody else delivers the message', async () => {
    const stuck = gate();
    const slow = new Mailbox(() => stuck.opened.then(() => 'done' as const));
    await consume('slow', slow);
    const [id] = await commit(1, 'slow');
    relay({ claimMs: 300 });
    relay({ claimMs: 300 });
    await slow.received(1);
    const first = (await claimedUntil(id)) ?? new Date(0);
    await eventually('the claim was renewed twice', async () => {
      const now = (await claimedUntil(id)) ?? new Date(0);
      return now.getTime() > first.getTime() + 300;
    });
    stuck.open();
    await eventually('it is gone', async () => (await claimedUntil(id)) === undefined);
    expect(slow.ids()).toEqual([id]);
  });

  test('what a dead relay had claimed is delivered once the claim has expired', async () => {
    const quick = new Mailbox();
    await consume('quick', quick);
    const [expired, held] = await commit(2, 'quick');
    const raw = (text: string, id: string | undefined) => database.knex.raw(text, [id ?? '']);
    await raw(`update outbox.messages set claimed_until = now() - interval '1 second' where id = ?`, expired);
    await raw(`update outbox.messages set claimed_until = now() + interval '1 hour' where id = ?`, held);
    relay();
    await quick.received(1);
    await eventually('it is gone', async () => (await claimedUntil(expired)) === undefined);
    expect(quick.ids()).toEqual([expired]);
  });

  test('a message that nobody consumes waits in the outbox until somebody does', async () => {
    const [id] = await commit(1, 'quick');
    relay();
    await eventually('it was refused', async () => {
      const row = (await database.knex('outbox.messages').first()) as Record<string, unknown>;
      return row['last_failure'] === 'refused: queue "quick" has no consumer';
    });
    expect(await claimedUntil(id)).toBeNull();
    const quick = new Mailbox();
    await consume('quick', quick);
    await quick.received(1);
    expect(quick.ids()).toEqual([id]);
  });

  test('stopping gives back what handlers will not finish in time', async () => {
    const stuck = gate();
    const slow = new Mailbox(() => stuck.opened.then(() => 'done' as const));
    await consume('slow', slow);
    const ids = await commit(3, 'slow');
    const started = relay({ stopTimeoutMs: 50 });
    await slow.received(3);
    await started.stop();
    expect(await Promise.all(ids.map((id) => claimedUntil(id)))).toEqual([null, null, null]);
    stuck.open();
  });
});
