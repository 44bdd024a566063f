/** The dead-letter queue against a real broker and Postgres, broken at exactly one point each. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectRabbitMq, createInProcessBroker, type Broker } from '@points-hub/outbox';
import {
  createTestDatabase,
  eventually,
  testAmqpUrl,
  uniquePrefix,
  type TestDatabase,
} from '@points-hub/dev/testing';
import amqp from 'amqplib';
import { pino } from 'pino';
import { openDatabase, type Database } from '../store/database.ts';
import { openMessageCase, type DeadMessage } from '../store/message-cases.ts';
import { migrateHub } from '../store/migrate.ts';
import { hubUnderTest } from '../testing/hub-under-test.ts';
import { startDeadLetterDrain, type DeadLetterOptions } from './dead-letters.ts';
import { deductionDueType, messageNames, topology, type MessageNames } from './topology.ts';

const log = pino({ level: 'silent' });

let testDatabase: TestDatabase;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
  database = openDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 2 });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

async function cases(): Promise<readonly { cause: string; count: number; message_key: string }[]> {
  const { rows } = await database.query<{ cause: string; count: number; message_key: string }>(
    'select cause, count, message_key from hub.cases order by id',
  );
  return rows;
}

describe.each(['rabbitmq', 'in-process'] as const)('dead letters on %s', (kind) => {
  // Of its own for each test: what one leaves in its queue would become a case in the next.
  let names: MessageNames;
  let broker: Broker;
  beforeEach(async () => {
    names = messageNames(uniquePrefix('drain'));
    const layout = topology(names, ['airmiles']);
    broker =
      kind === 'rabbitmq'
        ? await connectRabbitMq({ url: testAmqpUrl(), topology: layout, redeliveryDelayMs: 20 })
        : createInProcessBroker({ topology: layout, redeliveryDelayMs: 20 });
  });
  afterEach(() => broker.close());

  const giveUp = (): Promise<'unknown'> => Promise.resolve('unknown');
  function drain(openCase: DeadLetterOptions['openCase']) {
    return startDeadLetterDrain({ broker, names, settler: { giveUp }, openCase, log });
  }
  function publish(id: string, body = `not JSON ${id}`) {
    const { deadLetters: exchange } = names;
    return broker.publish({ id, exchange, routingKey: exchange, mandatory: true, body });
  }

  test('a drain that dies before its commit loses nothing', async () => {
    let tries = 0;
    await drain(async (message) => {
      tries += 1;
      if (tries < 3) throw new Error('died before the commit');
      return openMessageCase(database, message);
    });
    await publish('1');
    await eventually('the message is a case', async () => (await cases()).length === 1);
    expect(tries).toBe(3);
  });

  test('a drain that dies between commit and acknowledgement makes no second case', async () => {
    const isNew: boolean[] = [];
    await drain(async (message: DeadMessage) => {
      isNew.push(await openMessageCase(database, message));
      if (isNew.length === 1) throw new Error('died after the commit');
      return false;
    });
    await publish('1');
    await eventually('the message came again', () => Promise.resolve(isNew.length === 2));
    expect(isNew).toEqual([true, false]);
    expect(await cases()).toMatchObject([{ cause: 'unreadable_message', count: 1 }]);
  });

  test('two messages under one id are two cases, and one message twice is one', async () => {
    await drain((message) => openMessageCase(database, message));
    await publish('7', 'one');
    await publish('7', 'one');
    await publish('7', 'two');
    await eventually('both are cases', async () => (await cases()).length === 2);
  });

  test('a message of anything, even of NUL octets and halves of characters, becomes a case', async () => {
    await drain((message) => openMessageCase(database, message));
    await publish('9', '\0\ud800 {"memberRef":"M-77","phone":"123"}'.repeat(2_000));
    const [only] = await eventually('it is a case', async () => {
      const { rows } = await database.query<{ evidence: { beginning: string } }>(
        'select evidence from hub.cases',
      );
      return rows.length === 1 && rows;
    });
    expect(only?.evidence.beginning).not.toContain('M-77');
  });

  test('a message that names no deduction is a case', async () => {
    await drain((message) => openMessageCase(database, message));
    const data = { deductionId: '1', orderRowId: '1' };
    const envelope = { specversion: '1.0', id: '1', source: '/x', type: deductionDueType, data };
    await publish('1', JSON.stringify(envelope));
    await eventually('it is a case', async () => (await cases())[0]?.cause === 'unreadable_message');
  });
});

test('a message given up by the broker holds its deduction, and those who listen are told', async () => {
  const hub = await hubUnderTest('rabbitmq');
  const connection = await amqp.connect(testAmqpUrl());
  try {
    await hub.place({ orderId: 'o-1', userId: 'ada', deductions: [{ channel: 'airmiles', points: '5' }] });
    // Its own message is lost, so that only the dead letter speaks of it.
    await hub.database.knex('outbox.messages').delete();
    await hub.start({ roles: new Set(['relay', 'worker']) });
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const names = messageNames(hub.prefix);
    // The last of them: a queue is declared after the exchanges and the dead-letter queue that it needs.
    await eventually('everything is declared', async () => {
      const probe = await connection.createChannel();
      probe.on('error', () => undefined);
      await probe.checkQueue(names.queueOf('telcostars'));
      await probe.close();
      return true;
    });
    await channel.bindQueue(queue, names.events, 'deduction.*');
    const row = await hub.database
      .knex<{ id: string; order_id: string }>('hub.deductions')
      .first('id', 'order_id');
    const data = { deductionId: row?.id, orderRowId: row?.order_id };
    const envelope = { specversion: '1.0', id: '1', source: '/x', type: deductionDueType, data };
    const body = Buffer.from(JSON.stringify(envelope));
    // The same dead letter twice: as after a drain that died between commit and acknowledgement.
    for (let times = 0; times < 2; times += 1) channel.publish(names.deadLetters, names.deadLetters, body);
    await channel.waitForConfirms();
    const told = await eventually('somebody is told', async () => channel.get(queue, { noAck: true }));
    const event = JSON.parse(told.content.toString()) as { data: unknown };
    expect(event.data).toEqual({
      mallId: 'shop',
      orderId: 'o-1',
      channel: 'airmiles',
      leg: 'points',
      cause: 'crash_loop',
    });
    const rows: unknown = await hub.database.knex('hub.cases').select('cause', 'state', 'count');
    expect(rows).toEqual([{ cause: 'crash_loop', state: 'open', count: 1 }]);
    expect(hub.sandbox.books().channels['airmiles']?.net).toBe('0');
  } finally {
    await connection.close();
    await hub.close();
  }
});
