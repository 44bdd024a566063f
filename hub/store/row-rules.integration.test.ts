/** What is written most passes by a short expression; it may know nothing that the rules do not allow. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import fc from 'fast-check';
import { legStates } from '../core/leg.ts';
import { migrateHub } from './migrate.ts';

type Row = Readonly<Record<string, unknown>>;

let testDatabase: TestDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await migrateHub(testDatabase.knex);
});
afterAll(() => testDatabase.drop());

const at = '2026-01-01T00:00:00Z';
const placed: Row = {
  id: 1,
  order_id: 1,
  asked: '5.25',
  attempts: 0,
  failures: 0,
  wakes: 0,
  holds: false,
  goal: 'settle',
  channel: 'airmiles',
  member_ref: 'm-1',
  key_base: 'A'.repeat(26),
  points_state: 'idle',
  quota_state: 'idle',
};
const pointsSent = {
  points_state: 'sent',
  points_first_sent_at: at,
  points_quiet_at: at,
  points_unproven: true,
};
const pointsApplied = { points_state: 'applied', points_moved: '5.25', points_remote_id: 'r-1' };
const quotaSent = { quota_state: 'sent', quota_first_sent_at: at, quota_quiet_at: at, quota_unproven: true };
const called = { ...placed, attempts: 1, lease_until: at };
const ordinaryDeductions: readonly Row[] = [
  placed,
  { ...placed, holds: true },
  { ...called, ...pointsSent },
  { ...called, ...pointsApplied, ...quotaSent },
  { ...called, ...pointsApplied, quota_state: 'applied', quota_moved: '5.25' },
];
const order: Row = { id: 1, mall_id: 'shop', order_id: 'o-1', user_id: 'u-1', status: 'settling' };
const ordinaryOrders: readonly Row[] = [order, { ...order, status: 'settled', ended_at: at }];

/** What a column may hold, rightly or not; no null where the column itself forbids it. */
type Values = Readonly<Record<string, readonly unknown[]>>;

function legValues(leg: 'points' | 'quota'): Values {
  return {
    [`${leg}_state`]: [...legStates, 'won'],
    [`${leg}_first_sent_at`]: [null, at],
    [`${leg}_quiet_at`]: [null, at],
    [`${leg}_unproven`]: [null, false, true],
    [`${leg}_asked`]: [null, 'not_yet', 'guessed'],
    [`${leg}_moved`]: [null, '-1', '0', '5.25'],
    [`${leg}_remote_id`]: [null, 'r-1'],
    [`${leg}_refusal`]: [null, 'member_blocked'],
  };
}

const deductionValues: Values = {
  refund_row_id: [null, 7],
  lease_until: [null, at],
  attempts: [-1, 0, 1],
  failures: [-1, 0, 1],
  wakes: [-1, 0, 1],
  asked: ['-1', '0', '5.25'],
  holds: [false, true],
  goal: ['settle', 'undo', 'win'],
  member_ref: ['', 'm-1', 'm'.repeat(128), 'm'.repeat(129)],
  key_base: ['', 'A'.repeat(25), 'A'.repeat(26), '7'.repeat(26), '1'.repeat(26), 'A'.repeat(27)],
  attention: [null, 'held', 'lost'],
  attention_leg: [null, 'points', 'both'],
  attention_cause: [null, 'doubt'],
  late_check_at: [null, at],
  late_check_from: [null, at],
  late_check_until: [null, at],
  ...legValues('points'),
  ...legValues('quota'),
};
const orderValues: Values = {
  status: ['settling', 'compensating', 'settled', 'cancelled', 'won'],
  ended_at: [null, at],
  reason_code: [null, 'cancelled_by_mall', 'other'],
  reason_channel: [null, 'airmiles'],
  reason_leg: [null, 'points', 'both'],
  order_id: ['', 'o-1', 'o'.repeat(64), 'o'.repeat(65)],
  user_id: [null, '', 'u-1', 'u'.repeat(128), 'u'.repeat(129)],
};

const tables = [
  { table: 'deductions', test: 'is_deduction', rules: 'deduction_keeps_rules', ordinary: ordinaryDeductions },
  { table: 'orders', test: 'is_order', rules: 'order_keeps_rules', ordinary: ordinaryOrders },
] as const;
const values = { deductions: deductionValues, orders: orderValues };

/** An ordinary row with up to four columns changed. */
function rowsNear(ordinary: readonly Row[], columns: Values): fc.Arbitrary<Row> {
  const changes = Object.entries(columns).map(([column, all]) =>
    fc.constantFrom(...all).map((value): Row => ({ [column]: value })),
  );
  return fc
    .tuple(fc.constantFrom(...ordinary), fc.array(fc.oneof(...changes), { maxLength: 4 }))
    .map(([row, changed]): Row => Object.assign({}, row, ...changed) as Row);
}

/** Whether `rule` lets the row be, and else by which name it refuses. */
async function verdictOf(rule: string, table: string, row: Row): Promise<unknown> {
  const text = `select hub.${rule}(jsonb_populate_record(null::hub.${table}, ?::jsonb)) as verdict`;
  try {
    const { rows } = await testDatabase.knex.raw<{ rows: { verdict: unknown }[] }>(text, [
      JSON.stringify(row),
    ]);
    return rows[0]?.verdict;
  } catch (error) {
    return (error as { constraint?: string }).constraint;
  }
}

test.each(tables)('a row of $table passes exactly when it keeps the rules', async (tested) => {
  const { table, rules, ordinary } = tested;
  const seen = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(rowsNear(ordinary, values[table]), async (row) => {
      const verdict = await verdictOf(rules, table, row);
      seen.add(verdict);
      expect(verdict).toBeDefined();
      expect(await verdictOf(tested.test, table, row)).toEqual(verdict);
    }),
    { numRuns: 1_500 },
  );
  expect(seen).toContain(true);
  expect(seen.size).toBeGreaterThan(5);
});

test.each(tables)('an ordinary row of $table passes without the rules', async (tested) => {
  const { table, rules, ordinary } = tested;
  const transaction = await testDatabase.knex.transaction();
  try {
    await transaction.raw(`drop function hub.${rules} (hub.${table})`);
    for (const row of ordinary) {
      const { rows } = await transaction.raw<{ rows: unknown[] }>(
        `select hub.${tested.test}(jsonb_populate_record(null::hub.${table}, ?::jsonb)) as verdict`,
        [JSON.stringify(row)],
      );
      expect(rows).toEqual([{ verdict: true }]);
    }
  } finally {
    await transaction.rollback();
  }
});
