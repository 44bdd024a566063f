import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import pg from 'pg';
import { mallApiUnderTest, type Answer, type MallApiUnderTest } from './testing/mall-api-under-test.ts';

let api: MallApiUnderTest;
beforeAll(async () => {
  api = await mallApiUnderTest();
});
afterAll(() => api.close());

function order(orderId: string, points = '12.50') {
  return {
    orderId,
    userId: 'ada',
    deductions: [
      { channel: 'airmiles', points },
      { channel: 'telco', points: '300', memberRef: '4711' },
    ],
  };
}

/** Ends an order as a worker of another process would. */
async function settle(orderId: string): Promise<void> {
  await api.database.query(
    `with settled as (
       update hub.orders set status = 'settled', ended_at = now() where order_id = $1 returning id
     )
     update hub.deductions
     set points_state = 'applied', points_moved = asked, quota_state = 'applied', quota_moved = asked, attempts = 2
     from settled
     where deductions.order_id = settled.id`,
    [orderId],
  );
}

describe('a new order', () => {
  test('is accepted with where to watch it, and is stored with a message per deduction', async () => {
    const before = await api.stored();
    const { status, headers, body } = await api.ask('/v1/orders', { body: order('new') });
    expect(status).toBe(202);
    expect(headers.location).toBe('/v1/orders/new');
    expect(headers['idempotency-replayed']).toBeUndefined();
    expect(body).toMatchObject({ orderId: 'new', status: 'accepted', href: '/v1/orders/new' });
    expect(await api.stored()).toEqual({
      'hub.orders': (before['hub.orders'] ?? 0) + 1,
      'hub.deductions': (before['hub.deductions'] ?? 0) + 2,
      'hub.idempotency_keys': before['hub.idempotency_keys'],
      'outbox.messages': (before['outbox.messages'] ?? 0) + 2,
    });
  });

  test('costs one round trip to Postgres, outside any explicit transaction', async () => {
    await api.ask('/v1/orders', { body: order('warms-up-key-and-connection') });
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await api.ask('/v1/orders', { body: order('counted'), headers: { 'idempotency-key': 'counted' } });
    expect(query).toHaveBeenCalledTimes(1);
  });

  test('wakes the relay once; the same order again does not', async () => {
    const before = api.placedCount();
    await api.ask('/v1/orders', { body: order('wakes') });
    await api.ask('/v1/orders', { body: order('wakes') });
    expect(api.placedCount()).toBe(before + 1);
  });

  test('carries a valid traceparent on, and goes on without an invalid one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await api.ask('/v1/orders', { body: order('traced'), headers: { traceparent } });
    await api.ask('/v1/orders', { body: order('untraced'), headers: { traceparent: 'nonsense' } });
    const { rows } = await api.database.query(
      `select order_id, traceparent from hub.orders where order_id in ('traced', 'untraced') order by 1`,
    );
    expect(rows).toEqual([
      { order_id: 'traced', traceparent },
      { order_id: 'untraced', traceparent: null },
    ]);
  });

  test.each(['naïve café ☕', 'a/b', '..%2f..%2fetc', '%', 'a?b#c', '🛒', '中文-1', 'o\'brien"<x>'])(
    'may be called %s, and its Location leads to it',
    async (orderId) => {
      const { headers } = await api.ask('/v1/orders', { body: order(orderId) });
      const { status, body } = await api.ask(headers.location ?? '');
      expect(status).toBe(200);
      expect(body).toMatchObject({ orderId });
    },
  );
});

describe('the same order again', () => {
  test('gets the same octets, marked as a replay, and places nothing', async () => {
    const first = await api.ask('/v1/orders', { body: order('again') });
    const before = await api.stored();
    const rewritten = `{"deductions":[{"points":"300","memberRef":"4711","channel":"telco"},{"points":"12.5","channel":"airmiles"}],"userId":"ada","orderId":"again"}`;
    for (const body of [order('again'), rewritten]) {
      const again = await api.ask('/v1/orders', { body });
      expect([again.status, again.text]).toEqual([first.status, first.text]);
      expect(again.headers['idempotency-replayed']).toBe('true');
    }
    await settle('again');
    expect((await api.ask('/v1/orders', { body: order('again') })).text).toBe(first.text);
    expect(await api.stored()).toEqual(before);
  });

  test('placed 20 times at once is placed once, with one answer for all', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.ask('/v1/orders', { body: order('crowd') })),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  });

  test('with other content is a conflict that stores nothing', async () => {
    await api.ask('/v1/orders', { body: order('conflict') });
    const before = await api.stored();
    const { status, body } = await api.ask('/v1/orders', { body: order('conflict', '12.51') });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'HUB_ORDER_CONFLICT', errors: [{ field: '/orderId' }] });
    expect(await api.stored()).toEqual(before);
  });

  test('of another mall is another order', async () => {
    await api.ask('/v1/orders', { body: order('shared') });
    const { apiKey } = api.otherMall;
    const { status, headers } = await api.ask('/v1/orders', { body: order('shared', '1'), apiKey });
    expect([status, headers['idempotency-replayed']]).toEqual([202, undefined]);
  });
});

describe('Idempotency-Key', () => {
  test('quoted or bare, with the same order again, gets the same octets', async () => {
    const first = await api.ask('/v1/orders', {
      body: order('keyed'),
      headers: { 'idempotency-key': '"k 1"' },
    });
    const again = await api.ask('/v1/orders', {
      body: order('keyed'),
      headers: { 'idempotency-key': '"k 1"' },
    });
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  test('used with another order is refused, and nothing is stored', async () => {
    await api.ask('/v1/orders', { body: order('k2-a'), headers: { 'idempotency-key': 'k2' } });
    const before = await api.stored();
    const { status, body } = await api.ask('/v1/orders', {
      body: order('k2-b'),
      headers: { 'idempotency-key': '"k2"' },
    });
    expect([status, body]).toEqual([422, expect.objectContaining({ code: 'HUB_IDEMPOTENCY_KEY_REUSED' })]);
    expect(await api.stored()).toEqual(before);
  });

  test('of one mall says nothing about that of another', async () => {
    const { apiKey } = api.otherMall;
    await api.ask('/v1/orders', { body: order('k3-a'), headers: { 'idempotency-key': 'k3' } });
    const other = await api.ask('/v1/orders', {
      body: order('k3-b'),
      headers: { 'idempotency-key': 'k3' },
      apiKey,
    });
    expect(other.status).toBe(202);
  });

  test('that came with a conflicting order is not used up by it', async () => {
    await api.ask('/v1/orders', { body: order('k4') });
    const before = await api.stored();
    const { status } = await api.ask('/v1/orders', {
      body: order('k4', '99'),
      headers: { 'idempotency-key': 'k4' },
    });
    expect(status).toBe(409);
    expect(await api.stored()).toEqual(before);
  });

  test('raced by two orders is won by one of them', async () => {
    const names = ['race-a', 'race-b'];
    const answers = await Promise.all(
      names.map((name) =>
        api.ask('/v1/orders', { body: order(name), headers: { 'idempotency-key': 'race' } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 422]));
    const { rows } = await api.database.query(`select order_id from hub.orders where order_id like 'race-_'`);
    expect(rows).toHaveLength(1);
  });
});

describe('an order shown', () => {
  test('costs one statement', async () => {
    await api.ask('/v1/orders', { body: order('read-once') });
    await api.ask('/v1/orders/read-once');
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await api.ask('/v1/orders/read-once');
    expect(query).toHaveBeenCalledTimes(1);
  });

  test('has its deductions as asked for, before anything happened', async () => {
    await api.ask('/v1/orders', { body: order('fresh') });
    const { body, headers } = await api.ask('/v1/orders/fresh');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers.vary).toBe('Prefer');
    const untouched = { goal: 'settle', state: 'waiting', attempts: 0, history: [] };
    const legs = { points: { state: 'idle' }, quota: { state: 'idle' } };
    expect(body).toEqual({
      orderId: 'fresh',
      userId: 'ada',
      status: 'settling',
      deadlineAt: expect.any(String),
      placedAt: expect.any(String),
      deductions: [
        { channel: 'airmiles', points: '12.5', legs, ...untouched },
        { channel: 'telco', points: '300', memberRef: '4711', legs, ...untouched },
      ],
    });
  });

  test('has its end, its reason and its history', async () => {
    await api.ask('/v1/orders', { body: order('storied') });
    await api.database.query(`
      with cancelled as (
        update hub.orders
        set status = 'cancelled', ended_at = now(), reason_code = 'insufficient_points', reason_channel = 'telco',
            reason_leg = 'points'
        where order_id = 'storied'
        returning id
      ), changed as (
        update hub.deductions
        set goal = 'undo', attempts = 2,
            points_state = case channel when 'telco' then 'refused' else 'undone' end,
            points_refusal = case channel when 'telco' then 'insufficient_points' end,
            points_moved = case channel when 'telco' then null else asked end,
            quota_state = 'void'
        from cancelled
        where deductions.order_id = cancelled.id
        returning deductions.id, channel
      )
      insert into hub.attempts (deduction_id, number, intended_at, send_by, finished_at, points, leg, action, key, outcome, cause, evidence)
      select id, 1, timestamptz '2026-03-01T09:30:00.123456Z', now(), timestamptz '2026-03-01T10:30:00.5+01', 300, 'points', 'deduct', 'SECRETKEY', 'rejected', 'insufficient_points', '{"answer":"secret"}'::jsonb
      from changed where channel = 'telco'
      union all
      select id, 2, '2026-03-01T09:31:00Z', now(), null, 300, 'points', 'find_deduct', 'SECRETKEY', null, null, null
      from changed where channel = 'telco'`);
    const { body, text } = await api.ask('/v1/orders/storied');
    expect(body).toMatchObject({
      status: 'cancelled',
      reason: { code: 'insufficient_points', channel: 'telco', leg: 'points' },
      endedAt: expect.any(String),
      deductions: [
        { state: 'undone', legs: { points: { state: 'undone', points: '12.5' }, quota: { state: 'void' } } },
        { state: 'undone', legs: { points: { state: 'refused', reason: 'insufficient_points' } } },
      ],
    });
    expect((body as { deductions: { history: unknown }[] }).deductions[1]?.history).toEqual([
      {
        at: '2026-03-01T09:30:00.123Z',
        finishedAt: '2026-03-01T09:30:00.500Z',
        leg: 'points',
        action: 'deduct',
        outcome: 'rejected',
        cause: 'insufficient_points',
      },
      { at: '2026-03-01T09:31:00.000Z', leg: 'points', action: 'find_deduct' },
    ]);
    expect(text).not.toMatch(/secret/i);
  });

  test('of another mall is as unknown as one that never was', async () => {
    await api.ask('/v1/orders', { body: order('mine') });
    const asked = { apiKey: api.otherMall.apiKey, headers: { 'x-request-id': 'same' } };
    const strip = ({ status, text, headers: { date: _date, ...headers } }: Answer) => ({
      status,
      text,
      headers,
    });
    const other = await api.ask('/v1/orders/mine', asked);
    expect(strip(other)).toEqual(strip(await api.ask('/v1/orders/never', asked)));
    expect(other).toMatchObject({ status: 404, body: { code: 'HUB_ORDER_UNKNOWN' } });
  });

  test.each(['%00', '%E2%80%AE', 'x'.repeat(65), '%20', "'%3B--", '%ED%A0%80', '..%2f..%2fetc%2fshadow'])(
    'by an id that no order has (%s) is unknown',
    async (orderId) => {
      expect((await api.ask(`/v1/orders/${orderId}`)).status).toBe(404);
    },
  );
});

describe('Prefer: wait', () => {
  test('holds the answer until a worker of another process has ended the order', async () => {
    await api.ask('/v1/orders', { body: order('waited') });
    const waiting = api.ask('/v1/orders/waited', { headers: { prefer: 'wait=60' } });
    await settle('waited');
    const { body, headers } = await waiting;
    expect(body).toMatchObject({
      status: 'settled',
      deductions: [{ state: 'settled' }, { state: 'settled' }],
    });
    expect(headers['preference-applied']).toBe('wait=60');
  });

  test('ends without the order when the time is up', async () => {
    await api.ask('/v1/orders', { body: order('too-slow') });
    const { body, headers } = await api.ask('/v1/orders/too-slow', { headers: { prefer: 'wait=0' } });
    expect(body).toMatchObject({ status: 'settling' });
    expect(headers['preference-applied']).toBe('wait=0');
  });

  test('answers at once for an ended order and for an unknown one', async () => {
    await api.ask('/v1/orders', { body: order('over') });
    await settle('over');
    const { body } = await api.ask('/v1/orders/over', { headers: { prefer: 'wait=60' } });
    expect(body).toMatchObject({ status: 'settled' });
    expect((await api.ask('/v1/orders/nowhere', { headers: { prefer: 'wait=60' } })).status).toBe(404);
  });

  test('serves hundreds who wait for one order and for many', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
    await Promise.all(names.map((name) => api.ask('/v1/orders', { body: order(name) })));
    const waiting = [...names, ...names].map((name) =>
      api.ask(`/v1/orders/${name}`, { headers: { prefer: 'wait=60' } }),
    );
    for (const name of names) await settle(name);
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ body }) => (body as { status: string }).status))).toEqual(
      new Set(['settled']),
    );
  });

  test('whose caller hangs up is over, and logged as cut', async () => {
    await api.ask('/v1/orders', { body: order('hung-up') });
    const gone = new AbortController();
    const waiting = api.ask('/v1/orders/hung-up', {
      headers: { prefer: 'wait=60', 'x-request-id': 'hangs-up' },
      signal: gone.signal,
    });
    const rejected = waiting.catch((error: Error) => error.message);
    await eventually('the poller asks for it', async () => {
      const { rows } = await api.database.query<{ asks: boolean }>(
        `select exists (select from pg_stat_activity where query like '%unnest%as asked%' and datname = current_database()) as asks`,
      );
      return rows[0]?.asks ?? false;
    });
    gone.abort();
    expect(await rejected).toBe('The operation was aborted');
    const line = await eventually('its line is in the log', () =>
      Promise.resolve(api.log().find(({ request }) => request === 'hangs-up')),
    );
    expect(line).toMatchObject({ isCut: true, order: 'hung-up', route: '/v1/orders/:orderId' });
  });
});
