/** Cancelling and deadlines against a real worker, sweeper and sandbox: before, during and after each leg. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { openDatabase } from '../store/database.ts';
import { createApiKey } from '../store/malls.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

/** Long enough for a cancel to arrive while a call is under way, whatever else this machine does. */
const latencyMs = 300;

let hub: HubUnderTest;
let url: string;
let apiKey: string;
beforeEach(async () => {
  hub = await hubUnderTest('in-process', { latencyMs });
  const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1 });
  ({ apiKey } = await createApiKey(database, { mallId: 'shop' }));
  await database.close();
  const roles = new Set(['api', 'relay', 'worker', 'sweeper'] as const);
  url = (await hub.start({ roles, sweepIntervalMs: 100 })).url ?? '';
});
afterEach(() => hub.close());

const deductions = [
  { channel: 'airmiles', points: '12.50' },
  { channel: 'bankplus', points: '3' },
];

function ask(path: string, method: 'GET' | 'POST', body?: unknown): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', prefer: 'wait=20' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Waits until each deduction has its leg in this state, as far as the tables tell. */
function untilLegs(leg: 'points' | 'quota', state: string): Promise<true> {
  return eventually(`both ${leg} legs are ${state}`, async () => {
    const rows: unknown[] = await hub.database.knex('hub.deductions').where({ [`${leg}_state`]: state });
    return rows.length === 2;
  });
}

/** How the order ended, and what of it is in effect by the sandbox's own books. */
async function ending(): Promise<unknown> {
  const { status, reason } = (await (await ask('/v1/orders/o-1', 'GET')).json()) as Record<string, unknown>;
  const { channels, portal } = hub.sandbox.books();
  const inEffect = deductions.map(({ channel }) => [
    channels[channel]?.net ?? '0',
    portal.quotas[channel]?.used ?? '0',
  ]);
  return { status, reason, inEffect };
}

function cancelledBecause(code: string): unknown {
  const nothing = ['0', '0'];
  return { status: 'cancelled', reason: { code }, inEffect: [nothing, nothing] };
}

describe('an order that is cancelled', () => {
  test.each([
    ['points', 'sent'],
    ['quota', 'sent'],
  ] as const)('while its %s are %s is undone, quota first', async (leg, state) => {
    await ask('/v1/orders', 'POST', { orderId: 'o-1', userId: 'ada', deductions });
    await untilLegs(leg, state);
    expect((await ask('/v1/orders/o-1/cancel', 'POST')).status).toBe(202);
    expect(await ending()).toEqual(cancelledBecause('cancelled_by_mall'));
    const attempts = await hub.database
      .knex<{ deduction_id: string; number: number; action: string; leg: string }>('hub.attempts')
      .where({ action: 'give_back' })
      .orderBy(['deduction_id', 'number']);
    const byDeduction = Map.groupBy(attempts, ({ deduction_id: id }) => id);
    const legsGivenBack = leg === 'points' ? ['points'] : ['quota', 'points'];
    for (const givenBack of byDeduction.values()) {
      expect(givenBack.map((attempt) => attempt.leg)).toEqual(legsGivenBack);
    }
  });

  test('after it settled stays settled', async () => {
    await ask('/v1/orders', 'POST', { orderId: 'o-1', userId: 'ada', deductions });
    await ask('/v1/orders/o-1', 'GET');
    const refused = await ask('/v1/orders/o-1/cancel', 'POST');
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'HUB_ORDER_SETTLED' }]);
    expect(hub.sandbox.books().channels['airmiles']?.net).toBe('12.5');
  });
});

test('an order that has not settled by its deadline is undone', async () => {
  await ask('/v1/orders', 'POST', { orderId: 'o-1', userId: 'ada', deductions, deadlineSeconds: 1 });
  await untilLegs('points', 'sent');
  // As if its channels had been slow for so long.
  await hub.database.knex.raw(`update hub.orders set deadline_at = now()`);
  expect(await ending()).toEqual(cancelledBecause('deadline_passed'));
});
