import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { openDatabase, type Database } from './database.ts';
import { migrateHub } from './migrate.ts';
import { writingText } from './settlement-writes.ts';
import { lockOrdersText, readDeductionsText } from './settlements.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
  database = openDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1 });
  await database.query(`
    with placed as (
      insert into hub.orders (mall_id, order_id, user_id, fingerprint, deadline_at)
      select 'shop', 'order-' || n, 'ada', '', now()
      from generate_series(1, 4000) as n
      returning id
    )
    insert into hub.deductions (order_id, channel, member_ref, asked, key_base)
    select id, channel, 'ada', 5, repeat('A', 26)
    from placed
    cross join unnest(array['airmiles', 'telco']) as channel`);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

/** A group; what is written to it does not matter to the plan. */
const ids = Array.from({ length: 90 }, (_, index) => index + 1);

test.each([
  ['locking a group', lockOrdersText, [ids], ['orders']],
  ['reading a group', readDeductionsText, [ids], ['deductions', 'refunds']],
  [
    'writing a group',
    writingText(['orders', 'deductions', 'attempts', 'finished', 'messages']),
    ['[]', ids, '[]', ids, '[]', '[]', ids, '[]'],
    ['orders', 'deductions', 'attempts'],
  ],
  ['beginning a group', writingText(['deductions', 'attempts']), ['[]', ids, '[]'], ['deductions']],
])('%s reaches its rows by their keys, even before there are statistics', async (_, text, values, tables) => {
  const used = await database.transaction(async (connection) => {
    const { rows } = await connection.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (format json) ${text}`,
      values,
    );
    return rows.flatMap(({ 'QUERY PLAN': [{ Plan: plan }] }) => nodes(plan));
  }, 'by_key');
  const reads = used.filter((node) => /Scan/.test(node['Node Type']) && node['Relation Name'] !== undefined);
  expect(reads.map((node) => node['Relation Name'] ?? '').toSorted()).toEqual(tables.toSorted());
  const byKey = ['Index Scan', 'Bitmap Heap Scan'];
  expect(reads.map((node) => node['Node Type']).filter((type) => !byKey.includes(type))).toEqual([]);
  expect(used.map((node) => node['Node Type'])).not.toContain('Nested Loop');
});
