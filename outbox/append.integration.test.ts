import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../dev/testing/index.ts';
import { append, type NewMessage } from './append.ts';
import { migrateOutbox } from './migrations.ts';
import { sqlConnection, type Transaction } from './sql-connection.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateOutbox(database.knex);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await database.knex.raw('create table shop_orders (id text primary key)');
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});
beforeEach(async () => {
  await database.knex.raw('truncate outbox.messages, shop_orders');
});

const settled: NewMessage = {
  exchange: 'events',
  routingKey: 'order.settled',
  type: 'order.settled',
  data: { id: 1 },
};

async function stored(): Promise<Record<string, unknown>[]> {
  const { rows } = await database.knex.raw<{ rows: Record<string, unknown>[] }>(
    'select * from outbox.messages order by id',
  );
  return rows;
}

class ChangedItsMind extends Error {}

describe('a message is stored if and only if its transaction commits:', () => {
  const ways: [string, (end: 'commit' | 'rollback') => Promise<void>][] = [
    [
      'a knex transaction',
      async (end) => {
        await database.knex
          .transaction(async (transaction) => {
            await append(transaction, [settled]);
            if (end === 'rollback') throw new ChangedItsMind();
          })
          .catch((error: unknown) => {
            if (!(error instanceof ChangedItsMind)) throw error;
          });
      },
    ],
    [
      'a pg client',
      async (end) => {
        await client.query('begin');
        await append(client, [settled]);
        await client.query(end);
      },
    ],
    [
      'the SQL function, inside a statement of the shop',
      async (end) => {
        await client.query(
          `begin;
           with placed as (insert into shop_orders (id) values ('order-1') returning id)
           select outbox.append('events', 'order.settled', 'order.settled', id, json_build_object('id', 1))
           from placed;
           ${end}`,
        );
      },
    ],
  ];

  test.each(ways)('%s', async (_, appendAndEnd) => {
    await appendAndEnd('rollback');
    expect(await stored()).toEqual([]);
    await appendAndEnd('commit');
    expect(await stored()).toMatchObject([
      { exchange: 'events', routing_key: 'order.settled', data: { id: 1 } },
    ]);
  });

  test('a savepoint that is rolled back takes its message along', async () => {
    await database.knex.transaction(async (transaction) => {
      await append(transaction, [{ ...settled, subject: 'outer' }]);
      await transaction
        .transaction(async (inner) => {
          await append(inner, [{ ...settled, subject: 'inner' }]);
          throw new ChangedItsMind();
        })
        .catch(() => undefined);
    });
    expect(await stored()).toMatchObject([{ subject: 'outer' }]);
  });
});

describe('appending', () => {
  async function appendAll(messages: readonly NewMessage[]): Promise<string[]> {
    return database.knex.transaction((transaction) => append(transaction, messages));
  }

  test('gives the ids in the order of the messages', async () => {
    const messages = Array.from({ length: 1_000 }, (_, index) => ({ ...settled, subject: `n-${index}` }));
    const ids = await appendAll(messages);
    const subjects = new Map((await stored()).map((row) => [row['id'], row['subject']]));
    expect(ids.map((id) => subjects.get(id))).toEqual(messages.map(({ subject }) => subject));
  });

  test('keeps what the message says, and its defaults', async () => {
    const availableAt = new Date('2030-01-01T00:00:00.123Z');
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await appendAll([
      { ...settled, subject: 'é ? $1 \'"\\', availableAt, mandatory: false, traceparent },
      settled,
    ]);
    expect(await stored()).toMatchObject([
      {
        subject: 'é ? $1 \'"\\',
        available_at: availableAt,
        mandatory: false,
        traceparent,
        publish_failures: 0,
      },
      { subject: null, mandatory: true, traceparent: null, claimed_until: null, last_failure: null },
    ]);
  });

  test('drops a malformed traceparent, in TypeScript and in SQL', async () => {
    await appendAll([{ ...settled, traceparent: '00-nonsense' }]);
    await client.query(`select outbox.append('e', 'k', 't', null, '{}', now(), true, '00-nonsense')`);
    expect(await stored()).toMatchObject([{ traceparent: null }, { traceparent: null }]);
  });

  test('takes the time from the database in SQL, when it is told none', async () => {
    await client.query(`select outbox.append('e', 'k', 't', null, '{}', available_at => null)`);
    const [row] = await stored();
    expect(row?.['available_at']).toEqual(row?.['created_at']);
  });

  test('no messages is no statement', async () => {
    expect(await appendAll([])).toEqual([]);
  });

  test.each<[string, Partial<NewMessage>]>([
    ['an exchange without name', { exchange: '' }],
    ['an exchange longer than AMQP allows', { exchange: 'x'.repeat(256) }],
    ['a routing key longer than AMQP allows', { routingKey: 'é'.repeat(128) }],
    ['no type', { type: '' }],
    ['an empty subject', { subject: '' }],
    ['more than 65,536 octets of data', { data: 'x'.repeat(65_535) }],
  ])('%s is refused by the table', async (_, wrong) => {
    await expect(appendAll([{ ...settled, ...wrong }])).rejects.toThrow(/violates check constraint/);
  });

  test.each([undefined, () => 1])(
    'data that JSON cannot hold is an error of the program (%s)',
    async (data) => {
      await expect(appendAll([{ ...settled, data }])).rejects.toThrow(TypeError);
    },
  );
});

describe('what is no transaction is refused:', () => {
  const refused: [string, () => Transaction][] = [
    ['a knex instance', () => database.knex as unknown as Transaction],
    ['a pg client outside a transaction', () => client],
    ['a pg pool', () => new pg.Pool({ connectionString: database.url }) as unknown as Transaction],
  ];

  test.each(refused)('%s', async (_, make) => {
    await expect(append(make(), [settled])).rejects.toThrow(TypeError);
  });

  test('a knex transaction that is over', async () => {
    const transaction = await database.knex.transaction();
    await transaction.commit();
    await expect(append(transaction, [settled])).rejects.toThrow(TypeError);
  });
});

describe('SQL in a transaction', () => {
  const text = `select $2::int + $2::int as twice, $1::text[] as words, '{"a":1}'::jsonb ? 'a' as has, '$1 ?' as literal`;
  const expected = [{ twice: 6, words: ['x', 'y?'], has: true, literal: '$1 ?' }];

  test('reads the same over knex and over pg', async () => {
    const values = [['x', 'y?'], 3];
    const overKnex = await database.knex.transaction((transaction) =>
      sqlConnection(transaction).query(text, values),
    );
    await client.query('begin');
    const overPg = await sqlConnection(client).query(text, values);
    await client.query('rollback');
    expect([overKnex.rows, overPg.rows]).toEqual([expected, expected]);
    expect([overKnex.rowCount, overPg.rowCount]).toEqual([1, 1]);
  });

  test('has rows as lists where that is asked for, over knex and over pg', async () => {
    const lists = async (transaction: Transaction): Promise<unknown> =>
      (await sqlConnection(transaction).query('select $1::int as one, null, $2', [1, 'x'], 'lists')).rows;
    await client.query('begin');
    expect(await lists(client)).toEqual([[1, null, 'x']]);
    await client.query('rollback');
    expect(await database.knex.transaction(lists)).toEqual([[1, null, 'x']]);
  });

  test('is parsed once per session where that is asked for, over knex and over pg', async () => {
    const preparedText = 'select count(*)::int as count from pg_prepared_statements where statement = $1';
    const countAfter = async (transaction: Transaction): Promise<unknown> => {
      const connection = sqlConnection(transaction, { prepares: true });
      for (let time = 0; time < 2; time += 1) await connection.query(text, [['x', 'y?'], 3]);
      return (await sqlConnection(transaction).query(preparedText, [text])).rows[0];
    };
    await client.query('begin');
    expect((await sqlConnection(client).query(preparedText, [text])).rows).toEqual([{ count: 0 }]);
    expect(await countAfter(client)).toEqual({ count: 1 });
    await client.query('rollback');
    expect(await database.knex.transaction(countAfter)).toEqual({ count: 1 });
  });
});
