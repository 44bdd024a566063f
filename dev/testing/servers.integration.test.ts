import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'amqplib';
import {
  createTestDatabase,
  eventually,
  startPrivateRabbitMq,
  type TestDatabase,
  testAmqpUrl,
  uniquePrefix,
} from './index.ts';

describe('a test database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test('is a real Postgres 18, empty, and commits', async () => {
    const version = await database.knex.raw<{ rows: { server_version: string }[] }>('show server_version');
    expect(version.rows[0]?.server_version).toMatch(/^18/);
    await database.knex.transaction((transaction) => transaction.raw('create table proof (n integer)'));
    await database.knex.raw('insert into proof (n) values (?)', [7]);
    await expect(database.knex('proof').select('n')).resolves.toEqual([{ n: 7 }]);
  });

  test('is another one each time, and gone after drop', async () => {
    const other = await createTestDatabase();
    await expect(other.knex.schema.hasTable('proof')).resolves.toBe(false);
    await other.drop();
    const name = new URL(other.url).pathname.slice(1);
    const rows = await database.knex('pg_database').where({ datname: name }).select('datname');
    expect(rows).toEqual([]);
  });
});

describe('the shared RabbitMQ', () => {
  test('keeps a confirmed persistent message in a quorum queue', async () => {
    const connection = await connect(testAmqpUrl());
    const channel = await connection.createConfirmChannel();
    const queue = uniquePrefix('servers');
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue(queue, Buffer.from('proof'), { persistent: true });
    await channel.waitForConfirms();
    const message = await eventually('the message arrives', () => channel.get(queue, { noAck: true }));
    expect(message.content.toString()).toBe('proof');
    await channel.deleteQueue(queue);
    await connection.close();
  });
});

describe('a private RabbitMQ', () => {
  test('killed and started again keeps its confirmed messages, on the same port', async () => {
    const broker = await startPrivateRabbitMq();
    try {
      const queue = uniquePrefix('private');
      const before = await connect(broker.url);
      before.on('error', () => undefined);
      const closed = new Promise((resolve) => before.once('close', resolve));
      const sending = await before.createConfirmChannel();
      sending.on('error', () => undefined);
      await sending.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      sending.sendToQueue(queue, Buffer.from('survives'), { persistent: true });
      await sending.waitForConfirms();

      await broker.kill();
      await closed;
      await expect(connect(broker.url)).rejects.toThrow('ECONNREFUSED');
      await broker.start();

      const after = await connect(broker.url);
      const receiving = await after.createChannel();
      const message = await eventually('the message is there', () => receiving.get(queue, { noAck: true }));
      expect(message.content.toString()).toBe('survives');
      await after.close();
    } finally {
      await broker.dispose();
    }
  }, 60_000);
});

describe('eventually', () => {
  test('says what did not happen and why', async () => {
    const probe = (): Promise<false> => Promise.reject(new Error('no such row'));
    const failure = await eventually('the row appears', probe, 50).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: 'not within 50 ms: the row appears',
      cause: { message: 'no such row' },
    });
  });
});
