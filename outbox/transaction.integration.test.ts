import knexFactory, { type Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../dev/testing/index.ts';
import { onConnection, runTransaction, type SqlTransaction } from './transaction.ts';

let testDatabase: TestDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await testDatabase.knex.raw('create table notes (id integer primary key)');
});
beforeEach(async () => {
  await testDatabase.knex('notes').delete();
});
afterAll(async () => {
  await testDatabase.drop();
});

const note = (id: number) => ({ text: 'insert into notes values ($1)', values: [id] });

async function notes(): Promise<number[]> {
  return (await testDatabase.knex<{ id: number }>('notes').select('id').orderBy('id')).map(({ id }) => id);
}

test('a transaction of knex lends no connection', async () => {
  const lending = testDatabase.knex.transaction((transaction) =>
    onConnection(transaction, () => Promise.resolve()),
  );
  await expect(lending).rejects.toThrow(TypeError);
});

describe.each([
  ['sends ahead', true],
  ['waits for each answer', false],
])('a transaction on a connection that %s', (_, pipeline) => {
  let knex: Knex;

  beforeAll(() => {
    const connection = { connectionString: testDatabase.url, pipeline };
    knex = knexFactory({ client: 'pg', connection, pool: { min: 0, max: 1 } });
  });
  afterAll(async () => {
    await knex.destroy();
  });

  function transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result> {
    return onConnection(knex, (client) => runTransaction(client, 'begin', work));
  }

  test('what is finished with is committed, in the order in which it was asked for', async () => {
    const seen = await transaction(async ({ lookAhead, finish }) => {
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

  test('rows come as lists where that is asked for, ahead and later', async () => {
    const seen = await transaction(async ({ lookAhead, query }) => {
      const ahead = await lookAhead('select 1 as one, 2 as two', [], 'lists');
      return [...ahead.rows, ...(await query('select 3 as three', [], 'lists')).rows];
    });
    expect(seen).toEqual([[1, 2], [3]]);
  });

  test('of the last statements the first that fails is told, and nothing is committed', async () => {
    const failing = transaction(({ finish }) => finish([note(1), note(1), note(2)]));
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await notes()).toEqual([]);
  });

  test('a look ahead that fails ends the transaction with its own error', async () => {
    const failing = transaction(async ({ lookAhead, finish }) => {
      await Promise.all([lookAhead('select 1 / 0'), lookAhead('select id from notes')]);
      await finish([note(1)]);
    });
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await notes()).toEqual([]);
  });

  test('who goes on after a failed statement is told that nothing was committed', async () => {
    const going = transaction(async ({ query }) => {
      await query('insert into notes values (1)');
      await query('select 1 / 0').catch(() => undefined);
    });
    await expect(going).rejects.toThrow('Postgres answered the commit with ROLLBACK');
    expect(await notes()).toEqual([]);
  });

  test('where the begin fails nothing is written, whatever was sent ahead', async () => {
    const failing = onConnection(knex, (client) =>
      runTransaction(client, 'begin nonsense', async ({ lookAhead, finish }) => {
        await lookAhead('select id from notes for update');
        await finish([note(1)]);
      }),
    );
    await expect(failing).rejects.toMatchObject({ code: '42601' });
    expect(await notes()).toEqual([]);
  });

  test('nothing can be asked for once the commit is on its way', async () => {
    const late = transaction(async ({ query, finish }) => {
      await finish([note(1)]);
      await query('insert into notes values (2)');
    });
    await expect(late).rejects.toThrow('the transaction is committed already');
    const again = transaction(async ({ lookAhead, finish }) => {
      await finish([note(2)]);
      await expect(lookAhead('select 1')).rejects.toThrow('the transaction is committed already');
      await finish([note(3)]);
    });
    await expect(again).rejects.toThrow('the transaction is committed already');
    expect(await notes()).toEqual([1, 2]);
  });
});
