/** How cases come and go, read without reading the cases. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { loadCases } from '../testing/many-cases.ts';
import { flowText, readCaseFlow } from './case-flow.ts';
import { foldCaseGroups } from './case-groups.ts';
import { openDatabase, type Database } from './database.ts';
import { migrateHub } from './migrate.ts';

const count = 5_000;
const ended = 40;
let own: TestDatabase;
let database: Database;
beforeAll(async () => {
  own = await createTestDatabase();
  await migrateHub(own.knex);
  database = openDatabase({ url: own.url, applicationName: 'test', poolMax: 2 });
  await loadCases(own.knex, count);
  await database.query(
    `update hub.cases set state = 'recovered', closed_at = now()
     where id in (select id from hub.cases where state = 'open' order by id limit $1)`,
    [ended],
  );
  // One that ended before the week that is shown.
  await database.query(
    `update hub.cases set state = 'resolved', closed_at = now() - interval '8 days'
     where id in (select id from hub.cases where state = 'open' order by id limit 1)`,
  );
  await foldCaseGroups(database);
  await own.knex.raw('vacuum analyze hub.cases');
}, 60_000);
afterAll(async () => {
  await database.close();
  await own.drop();
});

test('each of the last 168 hours has what was opened and what ended in it, and nothing of before', async () => {
  const hours = await readCaseFlow(database);
  expect(hours).toHaveLength(168);
  const { rows } = await database.query<{ opened: number; ended: number; before: number }>(
    `select
       count(*) filter (where first_seen_at >= since)::integer as opened,
       count(*) filter (where closed_at >= since)::integer as ended,
       count(*) filter (where closed_at < since)::integer as before
     from hub.cases, (select date_trunc('hour', now()) - interval '167 hours' as since) as week`,
  );
  const sum = (of: 'opened' | 'ended') => hours.reduce((all, hour) => all + hour[of], 0);
  expect({ opened: sum('opened'), ended: sum('ended') }).toEqual({
    opened: rows[0]?.opened,
    ended: rows[0]?.ended,
  });
  expect(rows[0]?.ended).toBeGreaterThanOrEqual(ended);
  expect(rows[0]?.before).toBeGreaterThanOrEqual(1);
});

test('what ended is read off its index', async () => {
  const { rows } = await database.query<{ 'QUERY PLAN': string }>(`explain ${flowText}`, [168]);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('cases_by_end');
  expect(plan).not.toContain('Seq Scan on cases');
});
