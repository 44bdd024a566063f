import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mallApiUnderTest, type MallApiUnderTest } from './testing/mall-api-under-test.ts';

let api: MallApiUnderTest;
beforeAll(async () => {
  api = await mallApiUnderTest();
});
afterAll(() => api.close());

function order(orderId: string) {
  return { orderId, userId: 'ada', deductions: [{ channel: 'airmiles', points: '12.50' }] };
}

function cancel(orderId: string, apiKey?: string) {
  const path = `/v1/orders/${encodeURIComponent(orderId)}/cancel`;
  return api.ask(path, { method: 'POST', ...(apiKey === undefined ? {} : { apiKey }) });
}

describe('an order of which nothing was sent', () => {
  test('is cancelled at once, and cancelling it again changes nothing', async () => {
    await api.ask('/v1/orders', { body: order('c1') });
    const first = await cancel('c1');
    expect(first).toMatchObject({
      status: 200,
      body: { orderId: 'c1', status: 'cancelled', href: '/v1/orders/c1' },
    });
    const before = await api.stored();
    expect((await cancel('c1')).text).toBe(first.text);
    expect(await api.stored()).toEqual(before);
    const shown = await api.ask('/v1/orders/c1');
    expect(shown.body).toMatchObject({ status: 'cancelled', reason: { code: 'cancelled_by_mall' } });
  });

  test('is answered as before when it is placed again', async () => {
    const placed = await api.ask('/v1/orders', { body: order('c2') });
    await cancel('c2');
    expect((await api.ask('/v1/orders', { body: order('c2') })).text).toBe(placed.text);
  });
});

test('an order with a call under way is undone, which takes its time', async () => {
  await api.ask('/v1/orders', { body: order('c3') });
  await api.database.query(
    `update hub.deductions
     set points_state = 'sent', points_first_sent_at = now(), points_quiet_at = now(), points_unproven = false,
         attempts = 1, lease_until = now() + interval '1 min'
     where order_id = (select id from hub.orders where order_id = 'c3')`,
  );
  expect(await cancel('c3')).toMatchObject({ status: 202, body: { status: 'compensating' } });
});

test('an order that has settled cannot be cancelled', async () => {
  await api.ask('/v1/orders', { body: order('c4') });
  await api.database.query(
    `update hub.orders set status = 'settled', ended_at = now() where order_id = 'c4'`,
  );
  expect(await cancel('c4')).toMatchObject({ status: 409, body: { code: 'HUB_ORDER_SETTLED' } });
});

describe('an order id that was never seen', () => {
  test('is remembered, and an order that comes later with it is refused', async () => {
    expect(await cancel('c5')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await cancel('c5')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    const late = await api.ask('/v1/orders', { body: order('c5') });
    expect(late).toMatchObject({
      status: 409,
      body: { code: 'HUB_ORDER_CANCELLED', errors: [{ field: '/orderId' }] },
    });
    expect((await api.ask('/v1/orders/c5')).body).toMatchObject({ status: 'cancelled', deductions: [] });
  });

  test('of one mall is nothing to another', async () => {
    await cancel('c6');
    const placed = await api.ask('/v1/orders', { body: order('c6'), apiKey: api.otherMall.apiKey });
    expect(placed.status).toBe(202);
  });

  test('that no order could have is refused, and nothing is stored', async () => {
    const before = await api.stored();
    for (const id of ['x'.repeat(65), 'a\u0000b', '..']) {
      expect((await cancel(id)).status).toBeGreaterThanOrEqual(400);
    }
    expect(await api.stored()).toEqual(before);
  });
});

test('placing and cancelling one id at the same moment end in one of the two, never in both', async () => {
  for (let round = 0; round < 20; round += 1) {
    const id = `race-${round}`;
    const [placed, cancelled] = await Promise.all([api.ask('/v1/orders', { body: order(id) }), cancel(id)]);
    const shown = await api.ask(`/v1/orders/${id}`);
    expect(shown.body).toMatchObject({ status: 'cancelled' });
    expect([placed.status, cancelled.status]).toEqual([expect.any(Number), 200]);
    expect([202, 409]).toContain(placed.status);
  }
});
