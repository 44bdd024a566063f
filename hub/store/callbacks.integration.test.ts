/** What the statements about callbacks cost, and what their rows may be. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Decimal } from 'decimal.js';
import { createTestDatabase, type TestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import { settler, type Committed } from '../settlement/settle.ts';
import { messageNames } from '../settlement/topology.ts';
import { policies } from '../core/testing/samples.ts';
import { placeOrder } from '../intake/place-order.ts';
import { forgetText, sweepText } from './callback-sweep.ts';
import { keepText, referText, unappliedText } from './callbacks.ts';
import { pauseChannel, resumeChannel } from './channel-states.ts';
import { openDatabase, type Database } from './database.ts';
import { migrateHub } from './migrate.ts';
import { settlementStore } from './settlements.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { knex, url } = testDatabase;
  await migrateHub(knex);
  database = openDatabase({ url, applicationName: 'test', poolMax: 4 });
  await knex('hub.malls').insert({ id: 'shop', name: 'A shop' });
  await knex('hub.channels').insert({ id: 'airmiles', scale: 2, points_max: '1000' });
  await database.query(`
    insert into hub.callback_references (deduction_id, order_id, channel, kind, reference, direction)
    select n, n, 'filler', 'key', 'K' || n, 'deduct' from generate_series(1, 50000) as n`);
  // Long taken in, but for one in a hundred.
  await database.query(`
    insert into hub.callbacks (
      order_id, deduction_id, direction, received_at, applied_at, effect, wake_by, is_signed, points, channel, event_id,
      digest, kind, reference, said, evidence
    )
    select
      n, n, 'deduct', now(), case when n % 100 > 0 then now() end, case when n % 100 > 0 then 'moved' end,
      case when n % 100 = 0 then now() + interval '1 h' end, true, 1, 'filler', 'msg_' || n, repeat('a', 64), 'key',
      'K' || n, 'done', '{}'
    from generate_series(1, 50000) as n`);
  await database.query('analyze hub.callbacks');
  await database.query('analyze hub.callback_references');
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

const named = JSON.stringify([
  { deduction_id: '1', order_id: '1', channel: 'c', kind: 'key', reference: 'K', direction: 'deduct' },
]);
const kept = [
  'c',
  'e',
  'a'.repeat(64),
  'key',
  'K',
  true,
  'done',
  '1',
  null,
  null,
  '{}',
  new Date(),
  1,
  'x',
  't',
];
test.each([
  ['keeping one', keepText, kept, 'callback_references_pkey'],
  ['reading those of locked orders', unappliedText, [['1', '2']], 'callbacks_unapplied'],
  ['naming an operation', referText, [named, 1, 'x', 't'], 'callbacks_unmatched'],
  ['sweeping', sweepText, [500, 1, 1, 'x', 't'], 'callbacks_wake_by'],
  ['forgetting', forgetText, [500, 3_600_000], 'callbacks_applied_at'],
])('%s reads an index, and no table from end to end', async (_what, text, values, index) => {
  const { rows } = await database.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (format json) ${text}`,
    values,
  );
  const used = rows[0] === undefined ? [] : nodes(rows[0]['QUERY PLAN'][0].Plan);
  expect(used.map((node) => node['Index Name'])).toContain(index);
  const scanned = used
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => node['Relation Name']);
  // Here there are no cases, and of channels' states there is a row per remote.
  expect(scanned.filter((table) => table !== 'cases' && table !== 'channel_states')).toEqual([]);
});

/** Statements that one drive to a settled deduction takes. */
async function statementsOf(orderId: string, takesCallbacks: boolean): Promise<string[]> {
  const deductions = [{ channel: 'airmiles', points: '5' }];
  await testDatabase.knex.transaction((transaction) =>
    placeOrder(transaction, { mallId: 'shop', orderId, userId: 'ada', deductions }),
  );
  const { rows } = await database.query<{ id: string; order_id: string }>(
    'select deductions.id, order_id from hub.deductions order by id desc limit 1',
  );
  const statements: string[] = [];
  const listening: Database = {
    ...database,
    transaction: (work) =>
      database.transaction((transaction) =>
        work({
          query: (text, ...others) => {
            statements.push(text);
            return transaction.query(text, ...others);
          },
          lookAhead: (text, ...others) => {
            statements.push(text);
            return transaction.lookAhead(text, ...others);
          },
          finish: (last) => {
            statements.push(...last.map(({ text }) => text));
            return transaction.finish(last);
          },
        }),
      ),
  };
  const log = pino({ level: 'silent' });
  const options = { names: messageNames(), wakeAfterMs: 1_000, patienceUntil: undefined, log };
  const answer = { type: 'done', remoteId: `T-${orderId}`, replayed: false, evidence: {} } as const;
  const deduct = ({ points }: { readonly points: Decimal }) => Promise.resolve({ ...answer, points });
  const committed: Committed[] = [];
  const { drive } = settler({
    store: settlementStore({ database: listening, ...options }),
    remotes: { channel: () => ({ deduct }) as never, portal: { deduct } as never },
    policiesOf: () => policies,
    wakeAfterMs: 1_000,
    takesCallbacks: () => takesCallbacks,
    log,
    monotonicMs: () => performance.now(),
    random: () => 0.5,
    onCommitted: (one) => committed.push(one),
  });
  const [row] = rows;
  await drive({
    channel: 'airmiles',
    deductionId: row?.id ?? '',
    orderRowId: row?.order_id ?? '',
    messageId: undefined,
    traceparent: undefined,
  });
  expect(committed.flatMap(({ ended }) => ended).map(({ status }) => status)).toEqual(['settled']);
  return statements.filter((text) => text.includes('hub.callback'));
}

test('an order at a channel without callbacks pays nothing for them, and one with them does', async () => {
  expect(await statementsOf('plain', false)).toEqual([]);
  expect(await statementsOf('telling', true)).toContain(unappliedText);
});

test('the inbox holds no proof that is not signed, and nothing that was taken in and is unknown', async () => {
  const row = (changes: object) => ({
    received_at: new Date(),
    is_signed: true,
    channel: 'c',
    event_id: 'e',
    digest: 'a'.repeat(64),
    kind: 'key',
    reference: 'K',
    said: 'hint',
    evidence: {},
    ...changes,
  });
  const insert = (changes: object) => testDatabase.knex('hub.callbacks').insert(row(changes));
  await expect(insert({ said: 'done', points: '1', is_signed: false })).rejects.toThrow(
    'only_the_signed_prove',
  );
  await expect(insert({ said: 'done' })).rejects.toThrow('done_has_points');
  await expect(insert({ said: 'rejected' })).rejects.toThrow('rejected_has_a_reason');
  await expect(insert({ order_id: 1 })).rejects.toThrow('known_means_whole');
  await expect(insert({ applied_at: new Date(), effect: 'moved' })).rejects.toThrow(
    'only_a_known_one_is_applied',
  );
  await expect(insert({ effect: 'moved' })).rejects.toThrow('applied_means_effect');
});

test('a callback about a known operation brings no message while its channel is left alone', async () => {
  const row = { received_at: new Date(0), wake_by: new Date(0), is_signed: true, said: 'hint', evidence: {} };
  const about = { channel: 'airmiles', kind: 'key', digest: 'a'.repeat(64) };
  await testDatabase.knex('hub.callbacks').insert([
    {
      ...row,
      ...about,
      event_id: 'known',
      reference: 'K-1',
      order_id: 1,
      deduction_id: 1,
      direction: 'deduct',
    },
    { ...row, ...about, event_id: 'unknown', reference: 'K-2' },
  ]);
  const log = pino({ level: 'silent' });
  const options = { names: messageNames(), wakeAfterMs: 60_000, patienceUntil: undefined, log };
  const { sweepCallbacks } = settlementStore({ database, ...options });
  await pauseChannel(database, 'channel:airmiles', 'ada', 'maintenance');
  expect(await sweepCallbacks(500, 1)).toEqual({ looked: 1, woken: 0, reported: 1 });
  await resumeChannel(database, 'channel:airmiles');
  expect(await sweepCallbacks(500, 1)).toEqual({ looked: 1, woken: 1, reported: 0 });
});
