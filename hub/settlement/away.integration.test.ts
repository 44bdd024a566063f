/** A remote that does not come back: people are told of what may have happened there, and it ends by itself if it does. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { configFolder, type ConfigFolder } from '../testing/config-folder.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

const week = 604_800_000;
const limitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 64, connectionsMax: 64 }';
const limits =
  'limits: { callTimeoutMs: 1000, concurrencyMax: 8, breaker: { failuresMax: 3, openMs: 300, openMaxMs: 600 } }';

let hub: HubUnderTest;
let config: ConfigFolder;

beforeEach(async () => {
  hub = await hubUnderTest('rabbitmq');
  config = await configFolder({ airmiles: [[limitsWere, limits]] });
});
afterEach(async () => {
  await hub.close();
  await config.remove();
});

async function airmilesIs(state: 'away' | 'back'): Promise<void> {
  const answer = await fetch(`${hub.sandbox.url}/admin/channels/airmiles/faults`, {
    method: state === 'away' ? 'PUT' : 'DELETE',
    ...(state === 'away' ? { body: JSON.stringify({ outages: [{ fromMs: 0, untilMs: week }] }) } : {}),
  });
  expect(answer.ok).toBe(true);
}

interface CaseRow {
  readonly order_id: string;
  readonly cause: string;
  readonly state: string;
}

async function casesBecome(wanted: readonly CaseRow[]): Promise<void> {
  let seen: readonly CaseRow[] = [];
  try {
    await eventually('the cases', async () => {
      const { rows } = await hub.database.knex.raw<{ rows: CaseRow[] }>(
        `select orders.order_id, cause, cases.state
         from hub.cases
         join hub.deductions on deductions.id = deduction_id
         join hub.orders on orders.id = deductions.order_id
         order by 1`,
      );
      seen = rows;
      return JSON.stringify(rows) === JSON.stringify(wanted);
    });
  } catch {
    expect(seen).toEqual(wanted);
  }
}

test('what may have happened at a channel that stays away becomes cases, which end when it is back', async () => {
  const start = { configFolder: config.path, awayMaxMs: 1_500, sweepIntervalMs: 100, wakeAfterMs: 300 };
  await hub.start(start);
  await airmilesIs('away');
  const orderOf = (orderId: string, channel: string) => ({
    orderId,
    userId: `user of ${orderId}`,
    deductions: [{ channel, points: '2.50' }],
  });
  for (const orderId of ['a', 'b']) await hub.place(orderOf(orderId, 'airmiles'));
  await hub.place(orderOf('elsewhere', 'telcostars'));
  expect(await hub.ended('elsewhere')).toBe('settled');
  const waiting = { cause: 'remote_away', state: 'open' };
  await casesBecome([
    { order_id: 'a', ...waiting },
    { order_id: 'b', ...waiting },
  ]);
  await airmilesIs('back');
  expect(await Promise.all(['a', 'b'].map((orderId) => hub.ended(orderId)))).toEqual(['settled', 'settled']);
  const over = { cause: 'remote_away', state: 'recovered' };
  await casesBecome([
    { order_id: 'a', ...over },
    { order_id: 'b', ...over },
  ]);
  expect(hub.sandbox.books().channels['airmiles']?.net).toBe('5');
}, 60_000);
