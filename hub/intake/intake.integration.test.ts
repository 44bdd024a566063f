import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@points-hub/dev/testing';
import pg from 'pg';
import { Points } from '../core/points.ts';
import { messageNames } from '../settlement/topology.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { createApiKey } from '../store/malls.ts';
import { migrateHub } from '../store/migrate.ts';
import { readOrderRequest } from './order-request.ts';
import { openIntake, placeOrder, type Intake, type MallOrder, type Placement } from './place-order.ts';
import { rulesFreshMs, writeChannelRules } from '../store/channels.ts';

let testDatabase: TestDatabase;
let database: Database;
let intake: Intake;
const rules = new Map(
  ['airmiles', 'telco'].map((id) => [
    id,
    { scale: 2, max: new Points('50000'), givesBack: true, holdsForMs: 0 },
  ]),
);

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
  database = openDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 4 });
  await createApiKey(database, { mallId: 'shop', ratePerSecond: 10 });
  await writeChannelRules(database, rules);
});
beforeEach(() => {
  intake = openIntake(database, { names: messageNames(), wakeAfterMs: 30_000 });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

function request(orderId: string, points = '5') {
  return {
    orderId,
    userId: 'ada',
    deductions: ['airmiles', 'telco'].map((channel) => ({ channel, points })),
  };
}

function placement(orderId: string, points?: string, more: Partial<Placement> = {}): Placement {
  const reading = readOrderRequest(request(orderId, points), rules);
  return { mallId: 'shop', reading, idempotencyKey: undefined, traceparent: undefined, ...more };
}

/** What became of each, as a word. */
async function placeTogether(placements: readonly Placement[]): Promise<readonly string[]> {
  const placed = await Promise.allSettled(placements.map((one) => intake.place(one)));
  return placed.map((result) =>
    result.status === 'fulfilled' ? result.value.type : (result.reason as { code: string }).code,
  );
}

/** Points asked for, per message that waits for the deductions of this order. */
async function messagesOf(orderId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ asked: string }>(
    `select trim_scale(asked)::text as asked
     from outbox.messages
     join hub.deductions on deductions.id::text = subject and data ->> 'orderRowId' = deductions.order_id::text
     join hub.orders on orders.id = deductions.order_id and orders.order_id = $1
     where routing_key = channel`,
    [orderId],
  );
  return rows.map(({ asked }) => asked);
}

describe('orders that come together', () => {
  test('share one statement, and each is stored whole', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `together-${index}`);
    await database.query('select');
    const query = jest.spyOn(pg.Client.prototype, 'query');
    expect(await placeTogether(ids.map((id) => placement(id)))).toEqual(ids.map(() => 'placed'));
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    for (const id of ids) expect(await messagesOf(id)).toEqual(['5', '5']);
  });

  test('wait for each other while a commit is under way', async () => {
    const placing: Promise<unknown>[] = [];
    const placeSome = async (name: string, count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1)
        placing.push(intake.place(placement(`${name}-${index}`)));
      // Microtasks only: the commit that is under way cannot end meanwhile.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    };
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await placeSome('first', 1);
    for (const name of ['few', 'more']) await placeSome(name, 10);
    await Promise.all(placing);
    const deductionsOf = ([asked]: readonly unknown[]): number =>
      (asked as { readonly values: readonly (readonly unknown[])[] }).values[3]?.length ?? 0;
    expect(query.mock.calls.map(deductionsOf)).toEqual([2, 40]);
    query.mockRestore();
  });

  test('have an outcome each: new, the same again, another content, an unknown mall, a cancelled id', async () => {
    await intake.place(placement('known'));
    await database.query(
      `insert into hub.orders (mall_id, order_id, fingerprint, status, ended_at, deadline_at, reason_code)
       values ('shop', 'cancelled', '', 'cancelled', now(), now(), 'cancelled_by_mall')`,
    );
    const outcomes = await placeTogether([
      placement('new'),
      placement('known'),
      placement('new'),
      placement('known', '6'),
      placement('new', '7'),
      placement('elsewhere', '5', { mallId: 'nowhere' }),
      placement('cancelled'),
    ]);
    expect(outcomes).toEqual([
      'placed',
      'already_placed',
      'already_placed',
      'HUB_ORDER_CONFLICT',
      'HUB_ORDER_CONFLICT',
      'HUB_MALL_UNKNOWN',
      'HUB_ORDER_CANCELLED',
    ]);
    expect(await messagesOf('new')).toEqual(['5', '5']);
    expect(await messagesOf('elsewhere')).toEqual([]);
  });

  test('may not share an idempotency key: one of them has it, whatever the others do', async () => {
    const idempotencyKey = 'one-key';
    const outcomes = await placeTogether([
      placement('key-1', '5', { idempotencyKey }),
      placement('key-2', '5', { idempotencyKey }),
      placement('no-key'),
    ]);
    expect(outcomes.toSorted()).toEqual(['HUB_IDEMPOTENCY_KEY_REUSED', 'placed', 'placed']);
    expect(outcomes[2]).toBe('placed');
  });

  test('keep a key each, and one of them that came with another order before places nothing', async () => {
    await intake.place(placement('keyed', '5', { idempotencyKey: 'known-key' }));
    const outcomes = await placeTogether([
      placement('keyed-1', '5', { idempotencyKey: 'own-key-1' }),
      placement('keyed-2', '5', { idempotencyKey: 'known-key' }),
      placement('keyed-3', '5', { idempotencyKey: 'own-key-3' }),
      placement('keyed-4'),
    ]);
    expect(outcomes).toEqual(['placed', 'HUB_IDEMPOTENCY_KEY_REUSED', 'placed', 'placed']);
    const { rows } = await database.query(
      `select key, order_id from hub.idempotency_keys where order_id like 'keyed%' order by order_id`,
    );
    expect(rows).toEqual([
      { key: 'known-key', order_id: 'keyed' },
      { key: 'own-key-1', order_id: 'keyed-1' },
      { key: 'own-key-3', order_id: 'keyed-3' },
    ]);
  });

  test('do not wait for the same order twice over, whose twin is in a transaction that stays open', async () => {
    const transaction = await testDatabase.knex.transaction();
    await placeOrder(transaction, { mallId: 'shop', ...request('asked-twice') });
    const held = ['asked-twice', 'asked-twice'].map((id) => intake.place(placement(id)));
    await eventually('they wait', async () => {
      const { rows } = await database.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0]?.waiting === 1;
    });
    const others = await placeTogether(['free-3', 'free-4'].map((id) => placement(id)));
    expect(others).toEqual(['placed', 'placed']);
    await transaction.commit();
    expect(await Promise.all(held)).toMatchObject([{ type: 'already_placed' }, { type: 'already_placed' }]);
  });

  test('do not wait for one whose twin is in a transaction that stays open', async () => {
    const transaction = await testDatabase.knex.transaction();
    await placeOrder(transaction, { mallId: 'shop', ...request('twin') });
    const [held, ...others] = ['twin', 'free-1', 'free-2'].map((id) => intake.place(placement(id)));
    const placed = await Promise.all(others);
    expect(placed.map(({ type }) => type)).toEqual(['placed', 'placed']);
    await transaction.commit();
    expect(await held).toMatchObject({ type: 'already_placed' });
  });
});

describe('a mall that places order after order', () => {
  let client: pg.Client;

  beforeEach(async () => {
    client = new pg.Client(testDatabase.url);
    await client.connect();
  });
  afterEach(() => client.end());

  const places = {
    knex: (order: MallOrder) =>
      testDatabase.knex.transaction((transaction) => placeOrder(transaction, order)),
    pg: async (order: MallOrder) => {
      await client.query('begin');
      try {
        return await placeOrder(client, order);
      } finally {
        await client.query('commit');
      }
    },
  };

  function orderOf(orderId: string, channel = 'airmiles', points = '5'): MallOrder {
    return { mallId: 'shop', orderId, userId: 'ada', deductions: [{ channel, points }] };
  }

  test.each(['knex', 'pg'] as const)(
    'over %s asks for the rules of its channels once, and is never refused by those of before',
    async (way) => {
      const place = places[way];
      const query = jest.spyOn(pg.Client.prototype, 'query');
      const timesRead = (): number =>
        query.mock.calls.filter(([asked]) => JSON.stringify(asked).includes('from hub.channels')).length;
      try {
        // What an earlier test had read is too old by then.
        const beganMs = performance.now() + rulesFreshMs;
        const now = jest.spyOn(performance, 'now').mockReturnValue(beganMs);
        await place(orderOf(`${way}-1`));
        await place(orderOf(`${way}-2`));
        expect(timesRead()).toBe(1);
        await expect(place(orderOf(`${way}-3`, `${way}-channel`))).rejects.toMatchObject({
          code: 'HUB_CHANNEL_UNKNOWN',
        });
        const rule = { scale: 2, max: new Points('50000'), givesBack: true, holdsForMs: 0 };
        await writeChannelRules(database, new Map([[`${way}-channel`, rule]]));
        expect(await place(orderOf(`${way}-3`, `${way}-channel`))).toMatchObject({ type: 'placed' });
        await writeChannelRules(database, new Map([[`${way}-channel`, { ...rule, scale: 0 }]]));
        now.mockReturnValue(beganMs + rulesFreshMs);
        await expect(place(orderOf(`${way}-4`, `${way}-channel`, '5.5'))).rejects.toMatchObject({
          code: 'HUB_POINTS_INVALID',
        });
      } finally {
        jest.restoreAllMocks();
      }
    },
  );
});
