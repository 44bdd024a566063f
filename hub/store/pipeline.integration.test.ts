import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@points-hub/dev/testing';
import { openDatabase, type Database } from './database.ts';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await createTestDatabase();
  database = openDatabase({ url: own.url, applicationName: 'test', poolMax: 2 });
  await database.query('create table numbers (number integer primary key)');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const pidText = 'select pg_backend_pid() as pid';
const insertText = 'insert into numbers values ($1) returning pg_backend_pid() as pid';

async function pidOf(text: string, ...values: readonly unknown[]): Promise<number | undefined> {
  return (await database.pipeline.query<{ pid: number }>(text, values)).rows[0]?.pid;
}

describe('the pipeline', () => {
  test('takes one connection for all that come at the same time, and gives it back', async () => {
    const pids = await Promise.all(Array.from({ length: 20 }, () => pidOf(pidText)));
    expect(new Set(pids).size).toBe(1);
    const both = await Promise.all([database.query(pidText), database.query(pidText), pidOf(pidText)]);
    expect(both).toHaveLength(3);
  });

  test('has rows as lists where that is asked for, like the database itself', async () => {
    for (const connection of [database.pipeline, database])
      expect((await connection.query('select 1 as one, 2 as two', [], 'lists')).rows).toEqual([[1, 2]]);
  });

  test('keeps what was written beside a statement that failed', async () => {
    const outcomes = await Promise.allSettled([1, 2, 1, 3].map((number) => pidOf(insertText, number)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const { rows } = await database.query('select number from numbers order by number');
    expect(rows).toEqual([1, 2, 3].map((number) => ({ number })));
  });

  test('has another connection for who comes after a failure: it may have been the connection that failed', async () => {
    const failing = pidOf(insertText, 1);
    const slow = pidOf('select pg_backend_pid() as pid from pg_sleep(0.2)');
    await expect(failing).rejects.toThrow('numbers_pkey');
    expect(await pidOf(pidText)).not.toBe(await slow);
  });

  test('has another connection for who comes when a statement has waited for long', async () => {
    const holding = await own.knex.transaction();
    await holding.raw('select pg_advisory_xact_lock(1)');
    const waiting = pidOf('select pg_backend_pid() as pid from pg_advisory_xact_lock(1)');
    const behind = pidOf(pidText);
    await delay(100);
    const next = await pidOf(pidText);
    await holding.commit();
    expect(await behind).toBe(await waiting);
    expect(next).not.toBe(await waiting);
  });

  test('fails those whose connection dies, and serves who comes after them', async () => {
    const dying = Promise.allSettled([1, 2, 3].map(() => pidOf('select pg_sleep(60)')));
    await eventually('they sleep', async () => {
      const text = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)' and pid <> pg_backend_pid()`;
      return (await own.knex.raw<{ rows: unknown[] }>(text)).rows.length === 1;
    });
    expect((await dying).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await pidOf(insertText, 4)).toEqual(expect.any(Number));
  });

  test('fails all that wait for a connection which cannot be had, and tries anew for the next', async () => {
    const elsewhere = openDatabase({
      url: own.url.replace(/:\d+\//, ':1/'),
      applicationName: 'test',
      poolMax: 1,
    });
    const outcomes = await Promise.allSettled([1, 2].map(() => elsewhere.pipeline.query(pidText)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(elsewhere.pipeline.query(pidText)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await elsewhere.close();
  });
});
