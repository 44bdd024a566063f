import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import knexModule from 'knex';
import { createTestDatabase, type TestDatabase } from '../dev/testing/index.ts';
import { migrate, migrateOutbox } from './migrations.ts';

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
const run = (): Promise<string[]> => migrate(database.knex, { schema: 'shop', directory });

test('several processes may migrate at once, each with a single connection: one does it, all end well', async () => {
  const pools = Array.from({ length: 5 }, () =>
    knexModule({ client: 'pg', connection: database.url, pool: { min: 0, max: 1 } }),
  );
  const ran = await Promise.all(pools.map((pool) => migrateOutbox(pool)));
  await Promise.all(pools.map((pool) => pool.destroy()));
  expect(ran.flat()).toEqual(['0001_outbox.sql', '0002_message_checks.sql']);
});

test('only new migrations run, in the order of their numbers', async () => {
  await write('0001_orders.sql', `create table shop.orders (note jsonb, check (note ? 'a'));`);
  expect(await run()).toEqual(['0001_orders.sql']);
  await write('0003_third.sql', `insert into shop.orders values ('{"a":3}');`);
  await write('0002_second.sql', `insert into shop.orders values ('{"a":2}');`);
  expect(await run()).toEqual(['0002_second.sql', '0003_third.sql']);
  expect(await run()).toEqual([]);
});

test('a migration that fails leaves nothing behind, and the next start tries again', async () => {
  await write('0001_orders.sql', 'create table shop.orders (id int);');
  await write('0002_broken.sql', 'create table shop.lines (id int); select nonsense;');
  await expect(run()).rejects.toThrow(/nonsense/);
  expect(await database.knex.schema.withSchema('shop').hasTable('orders')).toBe(false);
  await write('0002_broken.sql', 'create table shop.lines (id int);');
  expect(await run()).toEqual(['0001_orders.sql', '0002_broken.sql']);
});

test('a migration that was edited after it ran is refused', async () => {
  await write('0001_orders.sql', 'create table shop.orders (id int);');
  await run();
  await write('0001_orders.sql', 'create table shop.orders (id bigint);');
  await expect(run()).rejects.toThrow('shop/0001_orders.sql was edited after it had run here');
});

test.each(['0003_gap.sql', '0002-dash.sql', '2_short.sql', '0001_twice.sql'])(
  'a file named %s is refused',
  async (name) => {
    await write('0001_orders.sql', 'select 1;');
    await write(name, 'select 1;');
    await expect(run()).rejects.toThrow(/expected a migration named/);
  },
);
