import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import type { Input, Verdict } from '../core/advance.ts';
import { advance } from '../core/advance.ts';
import type { Policies } from '../core/deduction.ts';
import type { Leg } from '../core/leg.ts';
import { Points } from '../core/points.ts';
import { placeOrder } from '../intake/place-order.ts';
import type { SettlementStore, Writes } from '../settlement/store-port.ts';
import { messageNames } from '../settlement/topology.ts';
import { openDatabase, type Database } from './database.ts';
import { columnsOfLeg, legOfColumns } from './leg-columns.ts';
import { migrateHub } from './migrate.ts';
import { lockSettlements, settlementStore } from './settlements.ts';

const remote = {
  idempotency: 'key-replays',
  idempotencyRetentionMs: Infinity,
  remembersRejections: true,
  echo: 'points',
  query: 'by-key',
  scan: undefined,
  statement: undefined,
  reversal: 'by-original',
  lateEffectCheckMs: 0,
  fencesUnknownKeys: false,
  releaseBarsHold: false,
  notFoundFinalAfterMs: 0,
  callDeadlineMs: 1000,
  failuresMax: 20,
  pendingMaxMs: 60_000,
} as const;
const policies: Policies = {
  points: remote,
  quota: remote,
  backoff: { firstMs: 100, maxMs: 1000 },
  sendWindowMs: 1000,
};

let testDatabase: TestDatabase;
let database: Database;
let store: SettlementStore;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { knex, url } = testDatabase;
  await migrateHub(knex);
  await knex('hub.malls').insert({ id: 'shop', name: 'A shop' });
  await knex('hub.channels').insert(
    ['airmiles', 'fuelcard'].map((id) => ({ id, scale: 2, points_max: '1000' })),
  );
  database = openDatabase({ url, applicationName: 'test', poolMax: 6 });
  const options = { names: messageNames(), wakeAfterMs: 1000, patienceUntil: undefined };
  store = settlementStore({ database, ...options, log: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function place(orderId: string): Promise<{ orderRowId: string; deductionIds: string[] }> {
  const deductions = ['airmiles', 'fuelcard'].map((channel) => ({ channel, points: '5.25' }));
  await testDatabase.knex.transaction((transaction) =>
    placeOrder(transaction, { mallId: 'shop', orderId, userId: 'ada', deductions }),
  );
  const { rows } = await database.query<{ id: string; order_id: string }>(
    `select deductions.id, deductions.order_id from hub.deductions join hub.orders on orders.id = deductions.order_id
     where orders.order_id = $1 order by deductions.id`,
    [orderId],
  );
  return { orderRowId: rows[0]?.order_id ?? '', deductionIds: rows.map(({ id }) => id) };
}

/** One transaction as the settler makes it. */
function take(orderRowId: string, input: Input): Promise<Verdict | undefined> {
  return store.transact([orderRowId], (settlements, now) => {
    const before = settlements.get(orderRowId);
    if (before === undefined) throw new Error('no such order');
    const facts = { now, policiesOf: () => policies, random: () => 0, wakeAfterMs: 1000 };
    const { settlement, verdicts, messages, cases } = advance(before, [input], facts);
    const [verdict] = verdicts;
    const writes: Writes = {
      orders: [settlement.order],
      deductions: settlement.deductions,
      attempts: verdict?.type === 'call' ? [verdict.attempt] : [],
      finished: [],
      messages,
      cases,
      heard: [],
      references: [],
    };
    return { writes, result: verdict };
  });
}

function done(verdict: Verdict | undefined): Input {
  if (verdict?.type !== 'call') throw new Error(`a call was expected, not ${verdict?.type}`);
  const { attempt } = verdict;
  const { deductionId, token, call, intendedAt, points } = attempt;
  const outcome = { type: 'done', points, remoteId: undefined, replayed: false, evidence: {} } as const;
  return { type: 'outcome', deductionId, token, call, intendedAt, answer: { type: 'acted', outcome } };
}

async function statusOf(orderRowId: string): Promise<string | undefined> {
  const { rows } = await database.query<{ status: string }>('select status from hub.orders where id = $1', [
    orderRowId,
  ]);
  return rows[0]?.status;
}

test('two workers that record the last two deductions of an order at the same moment settle it', async () => {
  const { orderRowId, deductionIds } = await place('at-once');
  const last: Input[] = [];
  for (const deductionId of deductionIds) {
    const points = await take(orderRowId, { type: 'delivery', deductionId });
    last.push(done(await take(orderRowId, done(points))));
  }
  // Both stand before the order's lock at once: whoever is let in second must see what the first wrote.
  const recordings = await testDatabase.knex.transaction(async (transaction) => {
    await transaction('hub.orders').where({ id: orderRowId }).forUpdate();
    const started = last.map((input) => take(orderRowId, input));
    await eventually('both recordings wait for the lock', async () => {
      const { rows } = await database.query<{ waiting: string }>(
        `select count(*) as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%for update%'`,
      );
      return Number(rows[0]?.waiting) === 2;
    });
    return started;
  });
  await Promise.all(recordings);
  expect(await statusOf(orderRowId)).toBe('settled');
  const { rows } = await database.query(`select type from outbox.messages where exchange = 'points.events'`);
  expect(rows).toEqual([{ type: 'order.settled' }]);
});

test('what a transaction thought is written whole or not at all', async () => {
  const { orderRowId, deductionIds } = await place('rolled-back');
  const failing = store.transact([orderRowId], () => {
    throw new Error('a defect');
  });
  await expect(failing).rejects.toThrow('a defect');
  const verdict = await take(orderRowId, { type: 'delivery', deductionId: deductionIds[0] ?? '' });
  expect(verdict).toMatchObject({ type: 'call', attempt: { token: 1 } });
});

test('an overdue deduction is woken once by two sweepers, and later each time', async () => {
  const { deductionIds } = await place('overdue');
  const wakeNow = () =>
    testDatabase
      .knex('hub.deductions')
      .whereIn('id', deductionIds)
      .update({ wake_by: testDatabase.knex.fn.now() });
  await wakeNow();
  const woken = await Promise.all([store.wakeOverdue(10), store.wakeOverdue(10)]);
  // Whichever sweeper is first at a row wakes it; they may share.
  expect(woken.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(await store.wakeOverdue(10)).toBe(0);
  await wakeNow();
  await store.wakeOverdue(10);
  const { rows } = await database.query(
    `select wakes, wake_by > now() + interval '1.5 s' as is_later from hub.deductions where id = any ($1::bigint[])`,
    [deductionIds],
  );
  expect(rows).toEqual([
    { wakes: 2, is_later: true },
    { wakes: 2, is_later: true },
  ]);
});

test('the sweeper finds what is overdue by its partial index, however many deductions there are', async () => {
  await database.query(
    `with filled as (
       insert into hub.orders (mall_id, order_id, user_id, fingerprint, deadline_at)
       select 'shop', 'filler-' || n, 'ada', '', now() + interval '1 h' from generate_series(1, 20000) as n
       returning id
     )
     insert into hub.deductions (order_id, channel, member_ref, asked, key_base)
     select id, 'airmiles', 'ada', 1, repeat('A', 26) from filled`,
  );
  await database.query('analyze hub.deductions');
  const { rows } = await database.query<{ 'QUERY PLAN': string }>(
    'explain select id from hub.deductions where wake_by <= now() order by wake_by limit 500 for update skip locked',
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('deductions_wake_by');
});

const at = new Date('2026-01-01T00:00:00.000Z');
const sending = { firstSentAt: at, quietAt: at };
const taken = { points: new Points('5.25'), remoteId: 'r-1' };
const legs: readonly Leg[] = [
  { state: 'idle' },
  { state: 'sent', ...sending, unproven: true },
  { state: 'pending', ...sending, remoteId: undefined },
  { state: 'in_doubt', ...sending, asked: 'no_answer' },
  { state: 'held', ...taken },
  { state: 'confirm_sent', ...sending, taken, unproven: true },
  { state: 'confirm_pending', ...sending, taken },
  { state: 'confirm_in_doubt', ...sending, taken, asked: 'not_yet' },
  { state: 'confirm_refused', taken, reason: 'hold_expired' },
  { state: 'applied', ...taken },
  { state: 'refused', reason: 'member_blocked' },
  { state: 'void' },
  { state: 'undo_sent', ...sending, taken, unproven: false },
  { state: 'undo_pending', ...sending, taken: undefined },
  { state: 'undo_in_doubt', ...sending, taken, asked: 'not_found' },
  { state: 'undone', points: new Points(0) },
  { state: 'undo_refused', taken, reason: 'another_amount' },
];

const isLegText = 'select hub.is_leg($1, $2, $3, $4, $5, $6, $7, $8) as is_leg';

function valuesOf(leg: Leg): unknown[] {
  const { state, first_sent_at, quiet_at, unproven, asked, moved, remote_id, refusal } = columnsOfLeg(leg);
  return [state, first_sent_at, quiet_at, unproven, asked, moved, remote_id, refusal];
}

describe.each(legs)('a leg that is $state', (leg) => {
  test('comes back from its columns as it was', () => {
    expect(legOfColumns(columnsOfLeg(leg))).toEqual(leg);
  });

  test('can be stored with the facts of its state and with no other', async () => {
    const { rows } = await database.query(isLegText, valuesOf(leg));
    expect(rows).toEqual([{ is_leg: true }]);
    const wrong = valuesOf(leg);
    wrong[7] = wrong[7] === null ? 'member_blocked' : null;
    expect((await database.query(isLegText, wrong)).rows).toEqual([{ is_leg: false }]);
  });
});

test.each([
  ['a goal settle with a leg undone', `quota_state = 'void'`, 'goal_settle_never_undoes'],
  ['a goal undo with a leg idle', `goal = 'undo', points_state = 'void'`, 'goal_undo_has_nothing_idle'],
  ['quota taken before points', `quota_state = 'applied', quota_moved = 1`, 'points_before_quota'],
  [
    'points held by a deduction that does not hold',
    `points_state = 'held', points_moved = 1`,
    'only_who_holds_is_held',
  ],
  [
    'points confirmed before their quota',
    `holds = true, points_state = 'confirm_refused', points_moved = 1, points_refusal = 'other'`,
    'quota_before_confirming',
  ],
  ['a lease that no attempt holds', `lease_until = now()`, 'a_lease_belongs_to_an_attempt'],
  ['a leg with facts of another state', `points_state = 'sent'`, 'points_is_a_leg'],
  ['quota with facts of another state', `quota_refusal = 'other'`, 'quota_is_a_leg'],
  [
    'quota held',
    `points_state = 'applied', points_moved = 1, quota_state = 'held', quota_moved = 1`,
    'quota_is_not_held',
  ],
  ['an unknown goal', `goal = 'win'`, 'deductions_goal_check'],
  ['half of what needs attention', `attention = 'held'`, 'attention_is_whole'],
  ['half of a late check', `late_check_at = now()`, 'late_check_is_whole'],
  ['nothing asked for', `asked = 0`, 'deductions_asked_check'],
  ['a member without a name', `member_ref = ''`, 'deductions_member_ref_check'],
  ['a key base of other letters', `key_base = repeat('1', 26)`, 'deductions_key_base_check'],
  ['a key base that is too short', `key_base = repeat('A', 25)`, 'deductions_key_base_check'],
])('%s cannot be stored', async (_, assignment, constraint) => {
  const changed = testDatabase.knex.raw(
    `update hub.deductions set ${assignment} where id = (select max(id) from hub.deductions)`,
  );
  await expect(changed).rejects.toMatchObject({ constraint });
});

test.each([
  ['an unknown status', `status = 'won'`, 'orders_status_check'],
  ['settled without a moment', `status = 'settled'`, 'ended_means_ended'],
  ['a moment without an end', `ended_at = now()`, 'ended_means_ended'],
  ['undone without a reason', `status = 'compensating'`, 'undoing_has_a_reason'],
  ['half of a reason', `status = 'compensating', reason_code = 'unknown_member'`, 'reason_is_whole'],
  [
    'a reason at a leg that is none',
    `status = 'compensating', reason_code = 'other', reason_channel = 'airmiles', reason_leg = 'both'`,
    'orders_reason_leg_check',
  ],
  ['nobody who ordered', `user_id = null`, 'only_a_tombstone_has_no_user'],
  ['no id', `order_id = ''`, 'orders_order_id_check'],
  ['a user without a name', `user_id = ''`, 'orders_user_id_check'],
])('an order with %s cannot be stored', async (_, assignment, constraint) => {
  const changed = testDatabase.knex.raw(
    `update hub.orders set ${assignment} where id = (select max(id) from hub.orders)`,
  );
  await expect(changed).rejects.toMatchObject({ constraint });
});

test.each([
  ['ended without an outcome', `finished_at = now(), outcome = null`, 'finished_means_outcome'],
  ['with an outcome before its end', `finished_at = null, outcome = 'done'`, 'finished_means_outcome'],
  ['of a leg that is none', `leg = 'both'`, 'attempts_leg_check'],
  ['of an unknown action', `action = 'guess'`, 'attempts_action_check'],
  ['without a number', `number = 0`, 'attempts_number_check'],
])('an attempt %s cannot be stored', async (_, assignment, constraint) => {
  const changed = testDatabase.knex.raw(
    `with one as (select ctid from hub.attempts limit 1) update hub.attempts set ${assignment} from one where attempts.ctid = one.ctid`,
  );
  await expect(changed).rejects.toMatchObject({ constraint });
});

test('each column of a deduction is read as what it is', async () => {
  const placed = { mallId: 'shop', orderId: 'columns', userId: 'ada' };
  await testDatabase.knex.transaction((transaction) =>
    placeOrder(transaction, { ...placed, deductions: [{ channel: 'airmiles', points: '7' }] }),
  );
  const hour = (hours: number): Date => new Date(Date.UTC(2026, 0, 1, hours));
  const { rows } = await database.query<{ id: string; order_id: string; key_base: string }>(
    `update hub.deductions
     set failures = 3, attempts = 2, not_before = $1, lease_until = $2, wake_by = $3, retried_at = $4,
       late_check_at = $5, late_check_from = $6, late_check_until = $7,
       attention = 'retried', attention_leg = 'quota', attention_cause = 'doubt',
       points_state = 'applied', points_moved = 6.5, points_remote_id = 'r-1',
       quota_state = 'sent', quota_first_sent_at = $8, quota_quiet_at = $9, quota_unproven = true
     where order_id = (select id from hub.orders where order_id = 'columns')
     returning id, order_id, key_base`,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map(hour),
  );
  const { id = '', order_id: orderRowId = '', key_base: keyBase } = rows[0] ?? {};
  const { settlements, now } = await lockSettlements(database, [orderRowId]);
  expect(settlements.get(orderRowId)?.deductions).toEqual([
    {
      id,
      channel: 'airmiles',
      memberRef: 'ada',
      asked: new Points(7),
      keyBase,
      refund: undefined,
      holds: false,
      goal: 'settle',
      points: { state: 'applied', points: new Points('6.5'), remoteId: 'r-1' },
      quota: { state: 'sent', firstSentAt: hour(8), quietAt: hour(9), unproven: true },
      failures: 3,
      notBefore: hour(1),
      lease: { token: 2, until: hour(2) },
      attempts: 2,
      wakeBy: hour(3),
      attention: { type: 'retried', leg: 'quota', cause: 'doubt' },
      retriedAt: hour(4),
      lateCheck: { at: hour(5), from: hour(6), until: hour(7) },
    },
  ]);
  expect(now).toBeInstanceOf(Date);
});
