import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { openDatabase, type Database } from './database.ts';
import { migrateHub } from './migrate.ts';
import { lockOrdersText, readDeductionsText, writeText } from './settlements.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
  database = openDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 1 });
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

test.each([
  ['locking a group', lockOrdersText, 1, ['orders']],
  ['reading a group', readDeductionsText, 1, ['deductions', 'refunds']],
  ['writing a group', writeText, 8, ['orders', 'deductions', 'attempts']],
])(
  '%s reaches its rows by their keys, even planned while the tables are empty',
  async (_, text, values, tables) => {
    const used = await database.transaction(async (connection) => {
      const { rows } = await connection.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `explain (generic_plan, format json) ${text}`,
        Array.from({ length: values }, () => null),
      );
      return rows.flatMap(({ 'QUERY PLAN': [{ Plan: plan }] }) => nodes(plan));
    }, 'by_key');
    const reads = used.filter(
      (node) => /Scan/.test(node['Node Type']) && node['Relation Name'] !== undefined,
    );
    expect(reads.map((node) => node['Relation Name'] ?? '').toSorted()).toEqual(tables.toSorted());
    const byKey = ['Index Scan', 'Bitmap Heap Scan'];
    expect(reads.map((node) => node['Node Type']).filter((type) => !byKey.includes(type))).toEqual([]);
    expect(used.map((node) => node['Node Type'])).not.toContain('Nested Loop');
  },
);
