import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../dev/testing/index.ts';
import { migrateOutbox } from '../migrations.ts';
import { sqlConnection } from '../sql-connection.ts';
import { claimAvailableText, lockAvailableText } from './statements.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateOutbox(database.knex);
  await database.knex.raw(`
    insert into outbox.messages (exchange, routing_key, type, data, mandatory, available_at, claimed_until)
    select 'commands', 'channel-' || n % 6, 'work.due', '{}', true,
      now() + (n - 50000) * interval '1 second',
      case when n % 50 = 0 then now() + interval '1 hour' end
    from generate_series(1, 100000) as n`);
  await database.knex.raw('analyze outbox.messages');
});
afterAll(async () => {
  await database.drop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap((inner) => nodes(inner))];
}

test.each([
  ['lockAvailable', lockAvailableText, [500]],
  ['claimAvailable', claimAvailableText, [100, 10_000, ['commands'], ['channel-1']]],
])('%s reads the partial index in its order: no sort, no sequential scan', async (_, text, values) => {
  const plan = await database.knex.transaction(async (transaction) => {
    const explain = `explain (format json) ${text}`;
    const { rows } = await sqlConnection(transaction).query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      explain,
      values,
    );
    return rows[0]?.['QUERY PLAN'][0].Plan;
  });
  const used = plan === undefined ? [] : nodes(plan);
  expect(used.map((node) => node['Index Name'])).toContain('messages_claimable');
  const types = used.map((node) => node['Node Type']);
  expect(
    types.filter((type) => ['Sort', 'Incremental Sort', 'Seq Scan', 'Bitmap Heap Scan'].includes(type)),
  ).toEqual([]);
});
