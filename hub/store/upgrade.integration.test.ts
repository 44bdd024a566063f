/** Databases of earlier versions: their orders are read as they were, and go on. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { migrate, migrateOutbox } from '@points-hub/outbox';
import { pino } from 'pino';
import type { Deduction } from '../core/deduction.ts';
import type { Leg } from '../core/leg.ts';
import { deduction, legs, policies } from '../core/testing/samples.ts';
import { think } from '../settlement/settle.ts';
import { messageNames } from '../settlement/topology.ts';
import { openDatabase, type Database } from './database.ts';
import { columnsOfLeg, type LegColumns } from './leg-columns.ts';
import { migrateHub } from './migrate.ts';
import { lockSettlements, writeSettlements } from './settlements.ts';

const migrations = join(import.meta.dirname, 'migrations');
/** The first version that was let out. */
const firstVersion = ['0001_orders.sql', '0002_cases.sql', '0003_channel_states.sql'];

let testDatabase: TestDatabase;
let database: Database;
let directory: string;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'first-version-'));
  for (const name of firstVersion) await copyFile(join(migrations, name), join(directory, name));
  await migrateOutbox(testDatabase.knex);
  await migrate(testDatabase.knex, { schema: 'hub', directory });
  const log = pino({ level: 'silent' });
  database = openDatabase({ url: testDatabase.url, applicationName: 'test', poolMax: 2, log });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
  await rm(directory, { recursive: true });
});

const forwards = [
  'sent',
  'sent again',
  'pending',
  'in doubt',
  'in doubt, not found',
  'in doubt, no answer',
] as const;
const backwards = [
  'undo sent',
  'undo sent again',
  'undo pending',
  'undo in doubt',
  'undo in doubt, not found',
  'undo in doubt, no answer',
  'undo refused',
] as const;

/** Legs as the first version could leave them behind when it was stopped. */
const standings: readonly Pick<Deduction, 'goal' | 'points' | 'quota'>[] = [
  { goal: 'settle', points: legs.idle, quota: legs.idle },
  ...forwards.map((name) => ({ goal: 'settle', points: legs[name], quota: legs.idle }) as const),
  ...forwards.map((name) => ({ goal: 'settle', points: legs.applied, quota: legs[name] }) as const),
  { goal: 'settle', points: legs.applied, quota: legs.applied },
  ...forwards.map((name) => ({ goal: 'undo', points: legs[name], quota: legs.void }) as const),
  { goal: 'undo', points: legs.applied, quota: legs['fence sent'] },
  { goal: 'undo', points: legs.applied, quota: legs['fence in doubt'] },
  ...backwards.map((name) => ({ goal: 'undo', points: legs.applied, quota: legs[name] }) as const),
  ...backwards.map((name) => ({ goal: 'undo', points: legs[name], quota: legs.undone }) as const),
  { goal: 'undo', points: legs.refused, quota: legs.void },
];

function prefixed(name: 'points' | 'quota', leg: Leg): Record<string, unknown> {
  const columns: LegColumns = columnsOfLeg(leg);
  return Object.fromEntries(Object.entries(columns).map(([column, value]) => [`${name}_${column}`, value]));
}

/** @returns the order's row id */
async function placeAsFirstVersion(index: number): Promise<string> {
  const { goal, points, quota } = standings[index] as (typeof standings)[number];
  const isSettled = goal === 'settle' && quota.state === 'applied';
  const { knex } = testDatabase;
  const [order] = await knex('hub.orders')
    .insert({
      mall_id: 'shop',
      order_id: `order-${index}`,
      user_id: 'ada',
      fingerprint: 'f',
      deadline_at: '2100-01-01',
      status: goal === 'undo' ? 'compensating' : isSettled ? 'settled' : 'settling',
      reason_code: goal === 'undo' ? 'deadline_passed' : null,
      ended_at: isSettled ? '2026-01-01' : null,
    })
    .returning<{ id: string }[]>('id');
  const id = order?.id ?? '';
  const { channel, memberRef, asked, keyBase } = deduction();
  const row = {
    order_id: id,
    channel,
    member_ref: memberRef,
    asked: asked.toFixed(),
    key_base: keyBase,
    goal,
  };
  await knex('hub.deductions').insert({
    ...row,
    ...prefixed('points', points),
    ...prefixed('quota', quota),
    attempts: 1,
    wake_by: isSettled ? null : '2026-01-01',
    ...(index % 2 === 0 ? {} : { lease_until: '2026-01-01' }),
  });
  return id;
}

test('every order of the first version is read as it was and goes on, with its cases, after an update', async () => {
  const { knex } = testDatabase;
  const ids: string[] = [];
  for (const index of standings.keys()) ids.push(await placeAsFirstVersion(index));
  const [inDoubt] = await knex('hub.deductions').where({ order_id: ids[4] }).select<{ id: string }[]>('id');
  const opened = { suggestion: 'query', error: 'e', fingerprint: 'f', evidence: '{}' };
  await knex('hub.cases').insert({
    ...opened,
    order_id: ids[4],
    deduction_id: inDoubt?.id,
    cause: 'doubt',
    leg: 'points',
    channel: 'airmiles',
  });
  await knex('hub.cases').insert([
    { ...opened, cause: 'misconfigured', leg: 'quota', channel: 'airmiles', code: 'authentication' },
    { ...opened, cause: 'unreadable_message', message_key: 'm-1' },
  ]);

  const later = (await readdir(migrations)).filter((name) => !firstVersion.includes(name)).toSorted();
  expect(await migrateHub(knex)).toEqual(later);
  expect(await knex('hub.cases').orderBy('id').pluck('mall_order_id')).toEqual(['order-4', null, null]);

  await database.transaction(async (connection) => {
    const { settlements, now } = await lockSettlements(connection, ids);
    const read = ids.map((id) => settlements.get(id)?.deductions[0]);
    expect(read).toMatchObject(standings);
    const items = ids.map((orderRowId, index) => {
      const input = { type: 'delivery', deductionId: read[index]?.id ?? '' } as const;
      return { orderRowId, input, pass: undefined };
    });
    const options = { policiesOf: () => policies, random: () => 0.5, wakeAfterMs: 1_000 };
    const { writes, results } = think(items, settlements, now, options);
    expect(new Set(results.map(({ verdict }) => verdict.type))).toEqual(
      new Set(['call', 'release', 'stuck']),
    );
    await writeSettlements(connection, writes, messageNames());
  });
});
