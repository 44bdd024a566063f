/** The driver of replays against real rows: many previews, many drivers, and items that cannot be tried. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import { policies } from '../../core/testing/samples.ts';
import { messageNames } from '../../settlement/topology.ts';
import type { CaseFilter } from '../../store/case-lists.ts';
import { caseStore } from '../../store/case-store.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { migrateHub } from '../../store/migrate.ts';
import { insertPreview } from '../../store/replays.ts';
import { loadCases } from '../../testing/many-cases.ts';
import type { Caller } from '../caller.ts';
import { driveReplays, type DriverOptions } from './driver.ts';
import { openReplays, type Replay, type Replays } from './replays.ts';

let own: TestDatabase;
let database: Database;
let replays: Replays;
beforeEach(async () => {
  own = await createTestDatabase();
  await migrateHub(own.knex);
  database = openDatabase({ url: own.url, applicationName: 'test', poolMax: 8 });
  replays = openReplays({ database, writeDown: () => Promise.resolve() });
});
afterEach(async () => {
  await database.close();
  await own.drop();
});

const later = new Date(Date.now() + 3_600_000);
const ada: Caller = {
  operatorId: '1',
  name: 'ada',
  via: 'cli',
  address: undefined,
  userAgent: undefined,
  requestId: undefined,
  roles: ['operator'],
  permissions: new Set(['cases.read', 'replay.run']),
  provesBy: 'password',
  proof: { type: 'token', tokenId: 'a', expiresAt: later },
  may: () => true,
};
const limits = { ratePerSecond: 500, canary: 0, failedPercentMax: 20 };
const open = { state: 'open' } as CaseFilter;

function options(changes: Partial<DriverOptions> = {}): DriverOptions {
  return {
    cases: caseStore(database, messageNames()),
    database,
    names: messageNames('test'),
    policiesOf: () => policies,
    random: () => 0.5,
    wakeAfterMs: 1_000,
    log: pino({ level: 'silent' }),
    onCommitted: () => undefined,
    ...changes,
  };
}

/** Cases whose deductions wait for a person, as a retry needs them. */
async function waitingCases(count: number): Promise<void> {
  await loadCases(own.knex, count);
  await own.knex.raw(
    `update hub.deductions
     set attention = 'held', attention_leg = 'points', attention_cause = 'attempts_used_up'`,
  );
}

async function started(): Promise<Replay> {
  const { id, eligible } = await replays.preview(ada, { type: 'filter', filter: open }, limits);
  return replays.start(ada, id, { ...limits, expectCount: eligible, reason: 'test' });
}

test('a preview of very many freezes each of them once, and counts them as they are', async () => {
  await loadCases(own.knex, 20_000);
  const { rows } = await own.knex.raw<{ rows: object[] }>(
    `select count(*)::integer as items, count(*)::integer as eligible, count(distinct user_id)::integer as users,
       trim_scale(sum(points))::text as points, array_agg(distinct channel) as channels
     from hub.cases where state = 'open'`,
  );
  const replay = await replays.preview(ada, { type: 'filter', filter: open }, limits);
  expect(replay).toMatchObject(rows[0] ?? {});
  expect(replay.estimatedSeconds).toBe(Math.ceil(replay.eligible / 500));
  const [second, third] = await Promise.all([
    replays.items(ada, replay.id, 'waiting', replay.eligible - 1, 10),
    replays.items(ada, replay.id, undefined, 0, 3),
  ]);
  expect([second.length, third.map(({ number }) => number)]).toEqual([1, [1, 2, 3]]);
}, 60_000);

test('more cases than a replay takes are refused, and nothing of the preview stays', async () => {
  await loadCases(own.knex, 100);
  const wanted = {
    ...limits,
    by: 'ada',
    choice: { type: 'filter', filter: open },
    expiresInMs: 1_000,
    itemsMax: 50,
  } as const;
  const made = database.transaction(async (connection) => {
    const id = await insertPreview(connection, wanted);
    if (id === undefined) throw new Error('too many');
  });
  await expect(made).rejects.toThrow('too many');
  expect(await own.knex('hub.replays')).toEqual([]);
});

test('any number of drivers at once retry each case once', async () => {
  await waitingCases(200);
  const { id, eligible } = await started();
  await eventually('all have begun', async () => {
    await Promise.all([1, 2, 3, 4].map(() => driveReplays(options())));
    return (await replays.read(ada, id)).begun === eligible;
  });
  const { rows } = await own.knex.raw<{ rows: object[] }>(
    `select count(*)::integer as operations, count(distinct case_id)::integer as cases,
       (select count(*)::integer from outbox.messages) as messages
     from hub.case_operations where kind = 'retry' and operator = 'ada'`,
  );
  expect(rows).toEqual([{ operations: eligible, cases: eligible, messages: eligible }]);
}, 30_000);

test('an item that cannot even be tried is skipped, and holds up no other', async () => {
  await waitingCases(60);
  await started();
  const bad = await own.knex('hub.cases').where({ state: 'open', channel: 'coffeeclub' });
  expect(bad.length).toBeGreaterThan(0);
  const policiesOf = (channel: string): typeof policies => {
    if (channel === 'coffeeclub') throw new Error('a defect');
    return policies;
  };
  await eventually('all have begun or were skipped', async () => {
    await driveReplays(options({ policiesOf }));
    const [replay] = await replays.list(ada, undefined, undefined, 1);
    return replay?.waiting === 0 && replay.skipped === bad.length;
  });
}, 30_000);

test('a preview that nobody started is forgotten a day after it could have been', async () => {
  await loadCases(own.knex, 10);
  const { id } = await replays.preview(ada, { type: 'filter', filter: open }, limits);
  await driveReplays(options());
  expect(await own.knex('hub.replays')).toHaveLength(1);
  await own
    .knex('hub.replays')
    .where({ id })
    .update({ expires_at: new Date(Date.now() - 90_000_000) });
  await driveReplays(options());
  expect([await own.knex('hub.replays'), await own.knex('hub.replay_items')]).toEqual([[], []]);
});
