import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { openDatabase, type Database } from './database.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1 });
  await database.query('create table notes (id integer primary key)');
});
beforeEach(async () => {
  await database.query('delete from notes');
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const note = (id: number) => ({ text: 'insert into notes values ($1)', values: [id] });

async function notes(): Promise<number[]> {
  const { rows } = await database.query<{ id: number }>('select id from notes order by id');
  return rows.map(({ id }) => id);
}

test('what is finished with is committed, in the order in which it was asked for', async () => {
  const seen = await database.transaction(async ({ lookAhead, finish }) => {
    const [begun, read] = await Promise.all([
      lookAhead('select pg_sleep(0.01)'),
      lookAhead<{ id: number }>('select id from notes for update'),
    ]);
    await finish([note(1), { text: 'update notes set id = id + 1', values: [] }, note(1)]);
    return [begun.rows.length, read.rows.length];
  });
  expect(seen).toEqual([1, 0]);
  expect(await notes()).toEqual([1, 2]);
});

test('of the last statements the first that fails is told, and nothing is committed', async () => {
  const failing = database.transaction(({ finish }) => finish([note(1), note(1), note(2)]));
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(await notes()).toEqual([]);
});

test('a look ahead that fails ends the transaction with its own error', async () => {
  const failing = database.transaction(async ({ lookAhead, finish }) => {
    await Promise.all([lookAhead('select 1 / 0'), lookAhead('select id from notes')]);
    await finish([note(1)]);
  });
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  expect(await notes()).toEqual([]);
});

test('who goes on after a failed statement is told that nothing was committed', async () => {
  const going = database.transaction(async (transaction) => {
    await transaction.query('insert into notes values (1)');
    await transaction.query('select 1 / 0').catch(() => undefined);
  });
  await expect(going).rejects.toThrow('Postgres answered the commit with ROLLBACK');
  expect(await notes()).toEqual([]);
});

test('nothing can be asked for once the commit is on its way', async () => {
  const late = database.transaction(async (transaction) => {
    await transaction.finish([note(1)]);
    await transaction.query('insert into notes values (2)');
  });
  await expect(late).rejects.toThrow('the transaction is committed already');
  expect(await notes()).toEqual([1]);
});
