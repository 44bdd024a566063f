import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { migrateHub } from '../../hub/store/migrate.ts';
import { checkout, createShop, type Cart } from './checkout.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  const { knex } = database;
  await migrateHub(knex);
  await createShop(knex);
  await knex('hub.malls').insert({ id: 'shop', name: 'A shop' });
  await knex('hub.channels').insert({ id: 'airmiles', scale: 2, points_max: '1000' });
  await knex('shop.stock').insert({ sku: 'teapot', left_over: 1 });
});
afterEach(() => database.drop());

const cart: Cart = {
  orderId: 'order-1',
  shopper: 'ada',
  goods: [{ sku: 'teapot', count: 1 }],
  payWith: [{ channel: 'airmiles', points: '120.00' }],
};

async function rows(): Promise<Record<string, number>> {
  const tables = ['shop.orders', 'hub.orders', 'hub.deductions', 'outbox.messages'];
  const counts = await Promise.all(
    tables.map(async (table) => {
      const [row] = await database.knex(table).count('* as count');
      return [table, Number((row as { count: string }).count)] as const;
    }),
  );
  return Object.fromEntries(counts);
}

const nothing = { 'shop.orders': 0, 'hub.orders': 0, 'hub.deductions': 0, 'outbox.messages': 0 };
const one = { 'shop.orders': 1, 'hub.orders': 1, 'hub.deductions': 1, 'outbox.messages': 1 };

test("the mall's order, the hub's order and its message commit together", async () => {
  await checkout(database.knex, 'shop', cart);
  expect(await rows()).toEqual(one);
});

test("rolling back the mall's transaction leaves no order and no message", async () => {
  const { knex } = database;
  await expect(
    knex.transaction(async (transaction) => {
      await checkout(transaction, 'shop', cart);
      expect(await transaction('hub.orders')).toHaveLength(1);
      throw new Error('the mall changed its mind');
    }),
  ).rejects.toThrow('the mall changed its mind');
  expect(await rows()).toEqual(nothing);
});

test("points that the hub refuses roll the mall's own rows back", async () => {
  const tooMuch = { ...cart, payWith: [{ channel: 'airmiles', points: '1000.01' }] };
  await expect(checkout(database.knex, 'shop', tooMuch)).rejects.toMatchObject({
    code: 'HUB_POINTS_INVALID',
  });
  expect(await rows()).toEqual(nothing);
  expect(await database.knex('shop.stock').first('left_over')).toEqual({ left_over: 1 });
});

test('a sale that the mall cannot make leaves no points order', async () => {
  await checkout(database.knex, 'shop', cart);
  await expect(checkout(database.knex, 'shop', { ...cart, orderId: 'order-2' })).rejects.toThrow('left_over');
  expect(await rows()).toEqual(one);
});
