/** Refunds against a real worker, sweeper and sandbox. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { openDatabase } from '../store/database.ts';
import { createApiKey } from '../store/malls.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

let hub: HubUnderTest;
let url: string;
let apiKey: string;
beforeAll(async () => {
  hub = await hubUnderTest('in-process');
  const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1 });
  ({ apiKey } = await createApiKey(database, { mallId: 'shop' }));
  await database.close();
  url = (await hub.start({ roles: new Set(['api', 'relay', 'worker', 'sweeper'] as const) })).url ?? '';
});
afterAll(() => hub.close());

async function ask(path: string, body?: unknown): Promise<{ status: number; text: string; body: unknown }> {
  const answer = await fetch(`${url}/v1/orders${path}`, {
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', prefer: 'wait=10' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text) as unknown };
}

/** Settles an order of 12.50 airmiles and 3 bankplus points of a user of its own. */
async function settle(orderId: string): Promise<void> {
  const deductions = [
    { channel: 'airmiles', points: '12.50' },
    { channel: 'bankplus', points: '3' },
  ];
  await ask('', { orderId, userId: `user-of-${orderId}`, deductions });
  expect((await ask(`/${orderId}`)).body).toMatchObject({ status: 'settled' });
}

/** What the user of an order has lost at a channel, by the sandbox's own books. */
function lost(orderId: string, channel: string): number {
  const member = hub.sandbox.books().channels[channel]?.members[`user-of-${orderId}`];
  return Number(member?.deducted) - Number(member?.refunded);
}

function refunded(orderId: string, refundId: string): Promise<unknown> {
  return eventually(`refund ${refundId} of ${orderId} ends`, async () => {
    const { refunds = [] } = (await ask(`/${orderId}`)).body as {
      refunds?: { refundId: string; status: string }[];
    };
    const refund = refunds.find((one) => one.refundId === refundId);
    return refund?.status === 'refunded' ? refund : undefined;
  });
}

test('a part and then the rest are given back, and the order stays settled', async () => {
  await settle('r1');
  const asked = { refundId: 'part', deductions: [{ channel: 'airmiles', points: '2.50' }] };
  const first = await ask('/r1/refunds', asked);
  expect(first).toMatchObject({ status: 202, body: { orderId: 'r1', refundId: 'part', status: 'accepted' } });
  await refunded('r1', 'part');
  expect([lost('r1', 'airmiles'), lost('r1', 'bankplus')]).toEqual([10, 3]);

  await ask('/r1/refunds', { refundId: 'rest' });
  await refunded('r1', 'rest');
  expect([lost('r1', 'airmiles'), lost('r1', 'bankplus')]).toEqual([0, 0]);
  expect((await ask('/r1')).body).toMatchObject({
    status: 'settled',
    deductions: [{ state: 'settled' }, { state: 'settled' }],
    refunds: [
      { refundId: 'part', lines: [{ channel: 'airmiles', points: '2.5' }] },
      { refundId: 'rest', lines: [{ points: '10' }, { points: '3' }] },
    ],
  });
  expect((await ask('/r1/refunds', asked)).text).toBe(first.text);
});

test('the same refund many times at once is one refund', async () => {
  await settle('r2');
  const asked = { refundId: 'once', deductions: [{ channel: 'airmiles', points: '5' }] };
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/r2/refunds', asked)));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  await refunded('r2', 'once');
  expect(lost('r2', 'airmiles')).toBe(7.5);
});

test('refunds that race for what is left get no more than there is', async () => {
  await settle('r3');
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      ask('/r3/refunds', { refundId: `race-${index}`, deductions: [{ channel: 'airmiles', points: '5' }] }),
    ),
  );
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted).toHaveLength(2);
  for (const { status, body } of answers) {
    if (status !== 202) expect(body).toMatchObject({ status: 422, code: 'HUB_REFUND_EXCEEDS' });
  }
  for (const { body } of accepted) await refunded('r3', (body as { refundId: string }).refundId);
  expect(lost('r3', 'airmiles')).toBe(2.5);
});

describe('a refund is refused, and nothing is stored', () => {
  beforeAll(() => settle('r4'));
  test.each([
    [
      'of more than was taken',
      'r4',
      { refundId: 'x', deductions: [{ channel: 'airmiles', points: '12.51' }] },
      422,
      'HUB_REFUND_EXCEEDS',
    ],
    [
      'at a channel that the order does not use',
      'r4',
      { refundId: 'x', deductions: [{ channel: 'fuelcard' }] },
      422,
      'HUB_REFUND_UNKNOWN_DEDUCTION',
    ],
    [
      'of zero points',
      'r4',
      { refundId: 'x', deductions: [{ channel: 'airmiles', points: '0' }] },
      422,
      'HUB_POINTS_INVALID',
    ],
    [
      'with a channel twice',
      'r4',
      { refundId: 'x', deductions: [{ channel: 'airmiles' }, { channel: 'airmiles' }] },
      422,
      'HUB_CHANNEL_TWICE',
    ],
    ['without an id', 'r4', {}, 422, 'HUB_REQUEST_INVALID'],
    ['of an unknown order', 'nowhere', { refundId: 'x' }, 404, 'HUB_ORDER_UNKNOWN'],
  ])('%s', async (_, orderId, body, status, code) => {
    const before = await hub.database.knex('hub.refunds').count();
    expect(await ask(`/${orderId}/refunds`, body)).toMatchObject({ status, body: { code } });
    expect(await hub.database.knex('hub.refunds').count()).toEqual(before);
  });

  test('with a used id and another amount', async () => {
    await ask('/r4/refunds', { refundId: 'used', deductions: [{ channel: 'bankplus', points: '1' }] });
    const again = await ask('/r4/refunds', {
      refundId: 'used',
      deductions: [{ channel: 'bankplus', points: '2' }],
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'HUB_REFUND_CONFLICT' } });
  });

  test('while the order has not settled', async () => {
    await ask('', { orderId: 'r5', userId: 'ada', deductions: [{ channel: 'airmiles', points: '99999' }] });
    expect((await ask('/r5')).body).toMatchObject({ status: 'cancelled' });
    const answer = await ask('/r5/refunds', { refundId: 'x' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'HUB_ORDER_NOT_SETTLED' } });
  });
});
