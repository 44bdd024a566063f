import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../dev/testing/index.ts';
import { migrateOutbox } from '../migrations.ts';
import { sqlConnection, statementName, type SqlConnection } from '../sql-connection.ts';
import { onConnection, runStatements, runTransaction } from '../transaction.ts';
import {
  boundedBegin,
  claimAvailableText,
  deletePublishedText,
  lockAvailable,
  lockAvailableText,
  oldestAvailableText,
  resultStatements,
} from './statements.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrateOutbox(database.knex);
  await fill(database);
  await database.knex.raw('analyze outbox.messages');
});
afterAll(async () => {
  await database.drop();
});

async function fill({ knex }: TestDatabase): Promise<void> {
  await knex.raw(`
    insert into outbox.messages (exchange, routing_key, type, data, mandatory, available_at, claimed_until)
    select 'commands', 'channel-' || n % 6, 'work.due', '{}', true,
      now() + (n - 50000) * interval '1 second',
      case when n % 50 = 0 then now() + interval '1 hour' end
    from generate_series(1, 100000) as n`);
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap((inner) => nodes(inner))];
}

async function planOf(connection: SqlConnection, text: string, values: readonly unknown[]): Promise<Plan[]> {
  const explain = `explain (format json) ${text}`;
  const { rows } = await connection.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(explain, [...values]);
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  return plan === undefined ? [] : nodes(plan);
}

/** The indexes that a plan reads, and whatever in it is not reading one in its order. */
function summaryOf(used: readonly Plan[]): { indexes: string[]; detours: string[] } {
  const detours = ['Sort', 'Incremental Sort', 'Seq Scan', 'Bitmap Heap Scan'];
  return {
    indexes: used.flatMap((node) => node['Index Name'] ?? []),
    detours: used.map((node) => node['Node Type']).filter((type) => detours.includes(type)),
  };
}

test.each([
  ['isAnyAvailable', oldestAvailableText, []],
  ['lockAvailable', lockAvailableText, [500]],
  ['claimAvailable', claimAvailableText, [100, 10_000, ['commands'], ['channel-1']]],
])('%s reads the partial index in its order: no sort, no sequential scan', async (_, text, values) => {
  const used = await database.knex.transaction((transaction) =>
    planOf(sqlConnection(transaction), text, values),
  );
  const { indexes, detours } = summaryOf(used);
  expect(indexes).toContain('messages_claimable');
  expect(detours).toEqual([]);
});

test('what a relay has prepared on an empty table reaches its rows by index when a burst has come', async () => {
  const fresh = await createTestDatabase();
  try {
    await migrateOutbox(fresh.knex);
    await fresh.knex.raw('alter table outbox.messages set (autovacuum_enabled = off)');
    await fresh.knex.raw('vacuum analyze outbox.messages');
    const beginText = boundedBegin({ transactionMs: 60_000, knowsTransactionTimeout: true });
    await onConnection(fresh.knex, (client) =>
      runTransaction(client, beginText, async (transaction) => {
        // Postgres settles on one plan after five.
        for (let time = 0; time < 8; time += 1) {
          await lockAvailable(transaction, 500);
          await runStatements(transaction, resultStatements(['1', '2'], []));
        }
        await fill(fresh);
        const planOfPrepared = (text: string, argument: string): Promise<Plan[]> =>
          planOf(sqlConnection(client), `execute "${statementName(text)}" (${argument})`, []);
        const locking = await planOfPrepared(lockAvailableText, '500');
        expect(summaryOf(locking)).toEqual({ indexes: ['messages_claimable'], detours: [] });
        const deleting = summaryOf(await planOfPrepared(deletePublishedText, `'{1,2}'`));
        expect(deleting.indexes).toEqual(['messages_pkey']);
        expect(deleting.detours).not.toContain('Seq Scan');
      }),
    );
  } finally {
    await fresh.drop();
  }
});
