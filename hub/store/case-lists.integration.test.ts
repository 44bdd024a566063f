/** Lists and groups of many cases: what they say, and that they never read all cases to say it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { loadCases } from '../testing/many-cases.ts';
import { foldCaseGroups, groupsText, listCaseGroups } from './case-groups.ts';
import { filterValues, listCases, listFewText, listText, withValues, type CaseFilter } from './case-lists.ts';
import { openDatabase, type Database } from './database.ts';
import { migrateHub } from './migrate.ts';

const count = 20_000;
let own: TestDatabase;
let database: Database;
beforeAll(async () => {
  own = await createTestDatabase();
  await migrateHub(own.knex);
  database = openDatabase({ url: own.url, applicationName: 'test', poolMax: 3 });
  await loadCases(own.knex, count);
  await foldCaseGroups(database);
}, 60_000);
afterAll(async () => {
  await database.close();
  await own.drop();
});

const anything: CaseFilter = {
  state: 'open',
  channel: undefined,
  cause: undefined,
  operation: undefined,
  fingerprint: undefined,
  claimedBy: undefined,
  since: undefined,
  until: undefined,
  pointsMin: undefined,
  pointsMax: undefined,
  orderId: undefined,
  user: undefined,
};

const fingerprint = 'v1 airmiles points.deduct attempts_used_up HTTP 504';
const filters: readonly (readonly [string, Partial<CaseFilter>])[] = [
  ['a state', {}],
  ['a channel', { channel: 'bankplus' }],
  ['a channel that there is not', { channel: 'gone' }],
  ['a rare cause', { cause: 'crash_loop' }],
  ['a channel and a rare cause', { channel: 'bankplus', cause: 'crash_loop' }],
  ['an operation', { operation: 'quota.deduct' }],
  ['a fingerprint', { fingerprint }],
  ['who looks after it', { claimedBy: 'ada' }],
  ['nobody', { claimedBy: 'nobody' }],
  ['a span of time long ago', { until: new Date(Date.now() - count * 50 + 2_000) }],
  ['points that few have', { pointsMin: '500' }],
  ['points that nobody has', { pointsMin: '900', pointsMax: '1000' }],
  ['points between two that people choose', { pointsMin: '450.5', pointsMax: '450.9' }],
  ['an order', { orderId: 'order-10000777' }],
  ['a user in any state', { state: undefined, user: 'user-7' }],
];

describe.each(filters)('a list by %s', (_, chosen) => {
  const filter = { ...anything, ...chosen };

  test('has exactly those cases, page by page, the newest first', async () => {
    const { rows: expected } = await own.knex.raw<{ rows: { id: string }[] }>(
      `select id from hub.cases
       where state = coalesce(:state, state) and channel = coalesce(:channel, channel)
         and cause = coalesce(:cause, cause) and operation = coalesce(:operation, operation)
         and fingerprint = coalesce(:fingerprint, fingerprint)
         and coalesce(claimed_by, '') = coalesce(:claimedBy, claimed_by, '')
         and first_seen_at < coalesce(:until::timestamptz, 'infinity') and points >= coalesce(:pointsMin::numeric, 0)
         and points <= coalesce(:pointsMax::numeric, 'infinity')
         and mall_order_id = coalesce(:orderId, mall_order_id) and user_id = coalesce(:user, user_id)
       order by first_seen_at desc, id desc limit 450`,
      Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value ?? null])),
    );
    const seen: string[] = [];
    let after: Parameters<typeof listCases>[2];
    do {
      const page = await listCases(database, filter, after, 150);
      seen.push(...page.cases.map(({ id }) => id));
      after = page.last;
    } while (after !== undefined && seen.length < 450);
    expect(seen).toEqual(expected.map(({ id }) => id));
  });

  test('is read off an index', async () => {
    const plan = await withValues(database, async (connection) => {
      const values = [...filterValues(filter), null, null, 50];
      const text = 'pointsMin' in chosen ? listFewText : listText;
      const { rows } = await connection.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(/(Index Scan|Bitmap Index Scan).* cases_by_/);
    expect(plan).not.toMatch(/Seq Scan on cases/);
  });
});

test.each([
  ['an order has one case', { orderId: 'order-10000777', state: undefined }, 1],
  ['a user has ten, in all states', { user: 'user-7', state: undefined }, 10],
] as const)('%s', async (_, chosen, length) => {
  const { cases } = await listCases(database, { ...anything, ...chosen }, undefined, 50);
  expect(cases).toHaveLength(length);
});

const countedText = `
select fingerprint, count(*)::integer as cases, count(distinct user_id)::integer as users,
  trim_scale(sum(points))::text as points, min(first_seen_at) as "firstSeenAt", max(last_seen_at) as "lastSeenAt",
  array_agg(distinct channel order by channel) as channels,
  coalesce(array_agg(distinct claimed_by order by claimed_by) filter (where claimed_by is not null), '{}') as "claimedBy"
from hub.cases where state = 'open' group by state, fingerprint order by count(*) desc, fingerprint`;

async function counted(): Promise<readonly object[]> {
  return (await own.knex.raw<{ rows: object[] }>(countedText)).rows;
}

test('groups say what counting all cases would say, also after cases changed, in any order of folding', async () => {
  expect(await listCaseGroups(database, 'open', 500)).toMatchObject(await counted());
  await own.knex.raw(`update hub.cases set state = 'ignored' where id % 11 = 0 and state = 'open'`);
  await own.knex.raw(`update hub.cases set state = 'open' where id % 22 = 0 and state = 'ignored'`);
  await own.knex.raw(`update hub.cases set claimed_by = 'eve', claimed_at = now() where claimed_by = 'ada'`);
  await own.knex.raw(`update hub.cases set points = points + 0.25 where id % 13 = 0`);
  await Promise.all([foldCaseGroups(database), foldCaseGroups(database)]);
  expect(await listCaseGroups(database, 'open', 500)).toMatchObject(await counted());
  const [largest] = await listCaseGroups(database, 'open', 1);
  expect(largest?.trend).toHaveLength(24);
  const { rows } = await own.knex.raw<{ rows: { cases: number }[] }>(
    `select count(*)::integer as cases from hub.cases where fingerprint = ?`,
    [largest?.fingerprint ?? ''],
  );
  expect(largest?.trend.reduce((sum, one) => sum + one, 0)).toBe(rows[0]?.cases);
}, 60_000);

test('groups are read off counters and the two ends of an index', async () => {
  const { rows } = await database.query<{ 'QUERY PLAN': string }>(`explain ${groupsText}`, ['open', 500]);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/cases_by_fingerprint/);
  expect(plan).not.toMatch(/Seq Scan on cases/);
});
