/** What a mall can do wrong: each gets a problem with a stable code and the field at fault, and nothing is stored. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newApiKey } from '../api-key.ts';
import { mallApiUnderTest, type Ask, type MallApiUnderTest } from './testing/mall-api-under-test.ts';

let api: MallApiUnderTest;
let before: Record<string, number>;
beforeAll(async () => {
  api = await mallApiUnderTest();
});
beforeEach(async () => {
  before = await api.stored();
});
afterEach(async () => {
  expect(await api.stored()).toEqual(before);
});
afterAll(() => api.close());

const good = { orderId: 'o-1', userId: 'ada', deductions: [{ channel: 'airmiles', points: '1' }] };
const withPoints = (points: unknown) => ({ ...good, deductions: [{ channel: 'airmiles', points }] });

const malformed: [string, unknown, number, string, string | undefined][] = [
  ['no deductions', { ...good, deductions: [] }, 422, 'HUB_DEDUCTIONS_MISSING', '/deductions'],
  [
    'too many deductions',
    { ...good, deductions: Array.from({ length: 17 }, () => good.deductions[0]) },
    422,
    'HUB_DEDUCTIONS_TOO_MANY',
    '/deductions',
  ],
  [
    'an unknown channel',
    { ...good, deductions: [{ channel: 'nowhere', points: '1' }] },
    422,
    'HUB_CHANNEL_UNKNOWN',
    '/deductions/0/channel',
  ],
  [
    'a channel called like a property of every object',
    { ...good, deductions: [{ channel: 'constructor', points: '1' }] },
    422,
    'HUB_CHANNEL_UNKNOWN',
    '/deductions/0/channel',
  ],
  [
    'the same channel twice',
    { ...good, deductions: [good.deductions[0], { channel: 'airmiles', points: '2' }] },
    422,
    'HUB_CHANNEL_TWICE',
    '/deductions/1/channel',
  ],
  ...(
    [
      '0',
      '0.00',
      '-1',
      '+1',
      'NaN',
      'Infinity',
      '1e3',
      '0x10',
      '1.234',
      '50000.01',
      '1'.repeat(400),
      '',
      ' 1',
      '１',
      1,
      1.5,
      null,
      ['1'],
    ] as unknown[]
  ).map((points): (typeof malformed)[number] => [
    `points ${JSON.stringify(points).slice(0, 40)}`,
    withPoints(points),
    422,
    'HUB_POINTS_INVALID',
    '/deductions/0/points',
  ]),
  [
    'points left out',
    { ...good, deductions: [{ channel: 'airmiles' }] },
    422,
    'HUB_POINTS_INVALID',
    '/deductions/0/points',
  ],
  [
    'a place too many',
    { ...good, deductions: [{ channel: 'telco', points: '1.0' }] },
    422,
    'HUB_POINTS_INVALID',
    '/deductions/0/points',
  ],
  ['an empty order id', { ...good, orderId: '' }, 422, 'HUB_ID_INVALID', '/orderId'],
  ['an order id that is too long', { ...good, orderId: 'x'.repeat(65) }, 422, 'HUB_ID_INVALID', '/orderId'],
  ['a user id that is too long', { ...good, userId: 'x'.repeat(129) }, 422, 'HUB_ID_INVALID', '/userId'],
  ['a NUL in an id', { ...good, orderId: 'a\u0000b' }, 422, 'HUB_ID_INVALID', '/orderId'],
  ['a line break in an id', { ...good, userId: 'a\nb' }, 422, 'HUB_ID_INVALID', '/userId'],
  ['an id that turns text around', { ...good, orderId: 'a\u202Eb' }, 422, 'HUB_ID_INVALID', '/orderId'],
  [
    'half a surrogate pair in an id',
    '{"orderId":"a\\ud83d","userId":"u","deductions":[{"channel":"airmiles","points":"1"}]}',
    422,
    'HUB_ID_INVALID',
    '/orderId',
  ],
  ['a space around an id', { ...good, orderId: ' o' }, 422, 'HUB_ID_INVALID', '/orderId'],
  ['a number as an id', { ...good, orderId: 7 }, 422, 'HUB_REQUEST_INVALID', '/orderId'],
  ['no user', { orderId: 'o', deductions: good.deductions }, 422, 'HUB_REQUEST_INVALID', '/userId'],
  ['an unknown field', { ...good, note: 'hello' }, 422, 'HUB_REQUEST_INVALID', '/note'],
  ['an array', [good], 422, 'HUB_REQUEST_INVALID', ''],
  ['null', 'null', 422, 'HUB_REQUEST_INVALID', ''],
  ['deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 422, 'HUB_REQUEST_INVALID', ''],
  ['deep nesting that is cut off', '{"a":'.repeat(12_000), 400, 'HUB_BODY_MALFORMED', undefined],
  ['malformed JSON', '{"orderId": "o-1",', 400, 'HUB_BODY_MALFORMED', undefined],
  ['two documents', '{}{}', 400, 'HUB_BODY_MALFORMED', undefined],
  ['an empty body', '', 400, 'HUB_BODY_MALFORMED', undefined],
  ['what is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'HUB_BODY_MALFORMED', undefined],
  ['a body over 64 kB', ' '.repeat(65_537), 413, 'HUB_BODY_TOO_LARGE', undefined],
];

describe.each(['/v1/orders', '/v1/quotes'])('POST %s refuses', (path) => {
  test.each(malformed)('%s', async (_name, body, status, code, field) => {
    if (path === '/v1/quotes' && field === '/orderId') return;
    const isObject =
      typeof body === 'object' && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body);
    const { orderId: _orderId, ...withoutOrder } = isObject ? (body as Record<string, unknown>) : {};
    const sent = path === '/v1/quotes' && isObject ? withoutOrder : body;
    const answer = await api.ask(path, { body: sent });
    expect([answer.status, answer.body]).toEqual([status, expect.objectContaining({ status, code })]);
    const { errors } = answer.body as { errors?: { field: string }[] };
    expect(errors?.[0]?.field).toBe(field ?? wholes[code]);
  });
});

test('a body of exactly 64 kB is read', async () => {
  const answer = await api.ask('/v1/orders', {
    body: JSON.stringify({ ...good, deductions: [] }).padEnd(65_536),
  });
  expect(answer.body).toMatchObject({ code: 'HUB_DEDUCTIONS_MISSING' });
});

test('every fault is told at once', async () => {
  const { body } = await api.ask('/v1/orders', {
    body: {
      ...good,
      deductions: [
        { channel: 'nowhere', points: '1' },
        { channel: 'telco', points: '0' },
      ],
    },
  });
  expect(body).toMatchObject({
    code: 'HUB_CHANNEL_UNKNOWN',
    errors: [{ field: '/deductions/0/channel' }, { field: '/deductions/1/points' }],
  });
});

test('__proto__ in a body pollutes nothing', async () => {
  const text = JSON.stringify(good).replace(
    '{',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
  );
  const { status } = await api.ask('/v1/orders', { body: text });
  expect(status).toBe(422);
  expect('polluted' in {}).toBe(false);
});

/** What is at fault where no field of the body is: the whole body, or a header. */
const wholes: Readonly<Record<string, string>> = {
  HUB_BODY_MALFORMED: '',
  HUB_BODY_TOO_LARGE: '',
  HUB_CONTENT_TYPE_UNSUPPORTED: 'Content-Type',
  HUB_API_KEY_MISSING: 'Authorization',
  HUB_API_KEY_WRONG: 'Authorization',
};

describe('a content type', () => {
  test.each<[Record<string, string>, string]>([
    [{ 'content-type': 'text/plain' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-type': '' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-type': 'application/jsonp' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-type': 'application/json; charset=utf-16' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-type': 'application/json; charset=latin1' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-encoding': 'gzip' }, 'HUB_CONTENT_TYPE_UNSUPPORTED'],
    [{ 'content-type': 'Application/JSON ; Charset="UTF-8"' }, 'HUB_DEDUCTIONS_MISSING'],
    [{ 'content-type': 'application/json;profile=x' }, 'HUB_DEDUCTIONS_MISSING'],
  ])('%j leads to %s', async (headers, code) => {
    const { body } = await api.ask('/v1/orders', { headers, body: { ...good, deductions: [] } });
    expect(body).toMatchObject({ code });
  });
});

test.each(['', 'a b', '"open', 'x'.repeat(300)])('the Idempotency-Key %j is refused', async (key) => {
  const { status, body } = await api.ask('/v1/orders', { headers: { 'idempotency-key': key }, body: good });
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'HUB_IDEMPOTENCY_KEY_INVALID', errors: [{ field: 'Idempotency-Key' }] });
});

describe('the door', () => {
  test.each<[string, Ask]>([
    ['/v1/orders', { body: good }],
    ['/v1/quotes', { body: good }],
    ['/v1/orders/o-1', {}],
  ])('%s needs a key', async (path, ask) => {
    const missing = await api.ask(path, { ...ask, apiKey: null });
    expect([missing.status, missing.body]).toEqual([
      401,
      expect.objectContaining({ code: 'HUB_API_KEY_MISSING' }),
    ]);
    expect(missing.headers['www-authenticate']).toBe('Bearer realm="points-hub"');
    const wrong = await api.ask(path, { ...ask, apiKey: newApiKey().apiKey });
    expect([wrong.status, wrong.body]).toEqual([401, expect.objectContaining({ code: 'HUB_API_KEY_WRONG' })]);
    expect(wrong.headers['www-authenticate']).toContain('invalid_token');
  });

  test('is asked before the body is looked at', async () => {
    const { status } = await api.ask('/v1/orders', {
      apiKey: null,
      body: '{',
      headers: { 'content-type': 'text/plain' },
    });
    expect(status).toBe(401);
  });
});

describe('paths and methods', () => {
  test.each([
    '/',
    '/v1',
    '/v1/orders/',
    '/V1/orders',
    '/v1/orders/a/b',
    '/v1/orders//',
    '//v1/orders',
    '/v1/orders/..',
    '/%',
  ])('%s leads nowhere', async (path) => {
    const { status, body } = await api.ask(path);
    expect([status, body]).toEqual([
      404,
      expect.objectContaining({ code: expect.stringMatching(/^HUB_(ROUTE|ORDER)_UNKNOWN$/) }),
    ]);
  });

  test('an id that is not percent-encoded UTF-8 leads nowhere', async () => {
    const { status, body } = await api.ask('/v1/orders/%C3%28');
    expect([status, body]).toEqual([404, expect.objectContaining({ code: 'HUB_ROUTE_UNKNOWN' })]);
  });

  test.each([
    ['GET', '/v1/orders', 'POST, OPTIONS'],
    ['DELETE', '/v1/orders/o-1', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/v1/quotes', 'POST, OPTIONS'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['PROPFIND', '/openapi.json', 'GET, HEAD, OPTIONS'],
  ])('%s %s is not allowed', async (method, path, allow) => {
    const { status, headers, body } = await api.ask(path, { method });
    expect([status, headers.allow, body]).toEqual([
      405,
      allow,
      expect.objectContaining({ code: 'HUB_METHOD_NOT_ALLOWED' }),
    ]);
  });

  test('OPTIONS tells the methods', async () => {
    const { status, headers } = await api.ask('/v1/orders', { method: 'OPTIONS', apiKey: null });
    expect([status, headers.allow]).toEqual([204, 'POST, OPTIONS']);
  });

  test('HEAD answers like GET, without a body', async () => {
    const get = await api.ask('/healthz');
    const head = await api.ask('/healthz', { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      '',
      String(get.text.length),
    ]);
  });
});
