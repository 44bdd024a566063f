import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { createApiKey, revokeApiKey } from '../store/malls.ts';
import { mallApiUnderTest, type MallApiUnderTest } from './testing/mall-api-under-test.ts';

let api: MallApiUnderTest;
afterEach(() => api.close());

const order = (orderId: string) => ({
  orderId,
  userId: 'ada',
  deductions: [{ channel: 'airmiles', points: '1' }],
});

/** Sends octets as they are and returns all that comes back until the hub ends the connection. */
async function raw(octets: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: api.server.port });
  socket.write(octets);
  return text(socket);
}

/** Resolves when the poller has asked for those who wait. */
async function theyWait(): Promise<void> {
  await eventually('the poller asks', async () => {
    const asking = await api.testDatabase
      .knex('pg_stat_activity')
      .whereRaw(
        `datname = current_database() and query like '%as asked (mall_id, order_id)%' and pid <> pg_backend_pid()`,
      );
    return asking.length > 0;
  });
}

describe('health', () => {
  test('is told without a key', async () => {
    api = await mallApiUnderTest();
    expect((await api.ask('/healthz', { apiKey: null })).body).toEqual({ status: 'alive' });
    expect((await api.ask('/readyz', { apiKey: null })).body).toEqual({
      status: 'ready',
      checks: { database: 'ready' },
    });
    expect((await api.ask('/openapi.json', { apiKey: null })).body).toMatchObject({ openapi: '3.1.0' });
  });

  test('names what is missing, and not why', async () => {
    api = await mallApiUnderTest({
      readiness: {
        broker: () => Promise.resolve(false),
        portal: () => Promise.reject(new Error('secret address')),
      },
    });
    const { status, body, text: answered } = await api.ask('/readyz', { apiKey: null });
    expect([status, body]).toEqual([
      503,
      { status: 'not_ready', checks: { database: 'ready', broker: 'not_ready', portal: 'not_ready' } },
    ]);
    expect(answered).not.toContain('secret');
    expect(api.log()).toContainEqual(expect.objectContaining({ check: 'portal' }));
  });
});

describe('a database that is away', () => {
  test('is 503 with Retry-After, on every route that needs it, and the hub recovers', async () => {
    api = await mallApiUnderTest();
    await api.ask('/v1/orders', { body: order('before') });
    await api.line.cut();
    for (const [path, ask] of [
      ['/v1/orders', { body: order('away') }],
      ['/v1/orders/before', {}],
      ['/v1/orders/before', { headers: { prefer: 'wait=60' } }],
    ] as const) {
      const { status, headers, body } = await api.ask(path, ask);
      expect([status, body]).toEqual([503, expect.objectContaining({ code: 'HUB_UNAVAILABLE' })]);
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
    expect((await api.ask('/readyz')).body).toMatchObject({ checks: { database: 'not_ready' } });
    expect((await api.ask('/healthz')).status).toBe(200);
    await api.line.mend();
    expect((await api.ask('/v1/orders', { body: order('away') })).status).toBe(202);
    expect((await api.ask('/readyz')).status).toBe(200);
  });

  test('does not end a wait: those who wait are answered when it is back', async () => {
    api = await mallApiUnderTest();
    await api.ask('/v1/orders', { body: order('patient') });
    const waiting = api.ask('/v1/orders/patient', { headers: { prefer: 'wait=60' } });
    await theyWait();
    await api.line.cut();
    await eventually('the poller meets it', () =>
      Promise.resolve(api.log().some(({ msg }) => msg === 'could not ask which orders have ended')),
    );
    await api.line.mend();
    await api.testDatabase.knex('hub.orders').update({ status: 'settled', ended_at: new Date() });
    expect((await waiting).body).toMatchObject({ status: 'settled' });
  });
});

test('a defect is a 500 that tells nothing but is logged', async () => {
  api = await mallApiUnderTest({
    onPlaced: () => {
      throw new Error('secret inside');
    },
  });
  const { status, text: answered, headers } = await api.ask('/v1/orders', { body: order('defect') });
  expect(status).toBe(500);
  expect(answered).not.toContain('secret');
  expect(api.log()).toContainEqual(
    expect.objectContaining({
      request: headers['x-request-id'],
      code: 'HUB_INTERNAL',
      err: expect.objectContaining({ message: 'secret inside' }),
    }),
  );
});

test('a request and its answer keep the shape that they were born with', async () => {
  api = await mallApiUnderTest();
  const { setPrototypeOf } = Object;
  const areKept: boolean[] = [];
  const set = jest
    .spyOn(Object, 'setPrototypeOf')
    .mockImplementation((of: object, prototype: object | null) => {
      if (of instanceof EventEmitter) areKept.push(Object.getPrototypeOf(of) === prototype);
      return setPrototypeOf(of, prototype) as object;
    });
  try {
    expect((await api.ask('/healthz', { apiKey: null })).status).toBe(200);
  } finally {
    set.mockRestore();
  }
  expect(areKept).toEqual([true, true]);
});

describe('limits', () => {
  test('a key beyond its rate gets 429 and is told when to come back; other keys go on', async () => {
    api = await mallApiUnderTest();
    const slow = await createApiKey(api.database, { mallId: 'slow', ratePerSecond: 1 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => api.ask(`/v1/orders/${index}`, { apiKey: slow.apiKey })),
    );
    const limited = answers.find(({ status }) => status === 429);
    expect(limited?.body).toMatchObject({ code: 'HUB_RATE_LIMITED' });
    expect(limited?.headers).toMatchObject({
      'retry-after': expect.stringMatching(/^[1-9]\d*$/),
      'ratelimit-policy': '"key";q=1;w=1',
      ratelimit: expect.stringMatching(/^"key";r=0;t=\d+$/),
    });
    expect((await api.ask('/v1/orders/0')).status).toBe(404);
  });

  test('an address that guesses keys gets 429, and its good keys go on', async () => {
    api = await mallApiUnderTest();
    await api.ask('/v1/orders/0');
    const guesses = [];
    for (let count = 0; count < 25; count += 1)
      guesses.push(await api.ask('/v1/orders/0', { apiKey: 'guess' }));
    expect(guesses.at(-1)).toMatchObject({
      status: 429,
      headers: { 'ratelimit-policy': '"address";q=20;w=10' },
    });
    expect((await api.ask('/v1/orders/0')).status).toBe(404);
  });

  test('a revoked key stops working', async () => {
    let nowMs = 0;
    api = await mallApiUnderTest({ monotonicMs: () => nowMs });
    expect((await api.ask('/v1/orders/0')).status).toBe(404);
    await revokeApiKey(api.database, api.shop.keyId);
    nowMs = 5_000;
    expect(await api.ask('/v1/orders/0')).toMatchObject({ status: 401, body: { code: 'HUB_API_KEY_WRONG' } });
  });
});

describe('the log', () => {
  test('has one line per request, with the route and the order, never the key, the body or the raw path', async () => {
    api = await mallApiUnderTest();
    const requestId = 'shop-17';
    const body = { ...order('logged'), userId: 'PRIVATE-USER' };
    const { headers } = await api.ask('/v1/orders', { body, headers: { 'x-request-id': requestId } });
    expect(headers['x-request-id']).toBe(requestId);
    await api.ask('/nowhere/PRIVATE-PATH', { headers: { 'x-request-id': 'not an id' } });
    const lines = await eventually('both lines are out', () =>
      Promise.resolve(api.log().length >= 2 && api.log()),
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      request: requestId,
      method: 'POST',
      route: '/v1/orders',
      status: 202,
      durationMs: expect.any(Number),
      mall: 'shop',
      order: 'logged',
    });
    expect(lines[1]).toMatchObject({ route: 'none', status: 404, code: 'HUB_ROUTE_UNKNOWN' });
    const everything = JSON.stringify(lines);
    expect(everything).not.toContain(api.shop.apiKey.slice(16));
    expect(everything).not.toMatch(/PRIVATE|not an id/);
  });
});

describe('closing', () => {
  test('lets those who wait go with the order as it stands, and then takes nothing more', async () => {
    api = await mallApiUnderTest();
    await api.ask('/v1/orders', { body: order('pending') });
    const waiting = api.ask('/v1/orders/pending', { headers: { prefer: 'wait=60' } });
    await theyWait();
    const closed = api.server.close();
    const { status, body } = await waiting;
    expect([status, body]).toEqual([200, expect.objectContaining({ status: 'settling' })]);
    await closed;
    await expect(api.ask('/healthz')).rejects.toThrow('ECONNREFUSED');
  });

  test('does not wait for idle connections', async () => {
    api = await mallApiUnderTest();
    const socket = connect({ host: '127.0.0.1', port: api.server.port });
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const answered = text(socket);
    await eventually('it was answered', () => Promise.resolve(socket.bytesRead > 0));
    await api.server.close();
    expect(await answered).toContain('alive');
  });
});

describe('what is not HTTP', () => {
  test('is answered with a problem and the connection ends', async () => {
    api = await mallApiUnderTest();
    const answered = await raw('NONSENSE\r\n\r\n');
    expect(answered).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/);
    expect(answered).toContain('HUB_HTTP_MALFORMED');
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['a folded header', 'X-A: 1\r\n 2\r\n'],
    ['no host', ''],
  ])('is refused: %s', async (name, headers) => {
    api = await mallApiUnderTest();
    const host = name === 'no host' ? '' : 'Host: x\r\n';
    const answered = await raw(`POST /v1/orders HTTP/1.1\r\n${host}${headers}Connection: close\r\n\r\nhello`);
    expect(answered).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('headers that are too large get 431', async () => {
    api = await mallApiUnderTest();
    const answered = await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answered).toMatch(/^HTTP\/1\.1 431 /);
    expect(answered).toContain('HUB_HEADERS_TOO_LARGE');
  });

  test('pipelined requests are answered in their order', async () => {
    api = await mallApiUnderTest();
    const one = (path: string, last = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${last}\r\n`;
    const answered = await raw(one('/readyz') + one('/healthz') + one('/nowhere', 'Connection: close\r\n'));
    const positions = ['"ready"', '"alive"', 'HUB_ROUTE_UNKNOWN'].map((word) => answered.indexOf(word));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions[0]).toBeGreaterThan(0);
  });
});
