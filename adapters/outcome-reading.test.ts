import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { CallFacts } from './classification.ts';
import type { HttpAnswer, HttpExchange } from './http/transport.ts';
import { JSON_CHANNEL_CODES } from './json-channel/json-codes.ts';
import { createMasker } from './masking.ts';
import { classifyAvailable, classifyOperation, classifyQuery } from './outcome-reading.ts';

const FACTS: CallFacts = {
  request: { method: 'POST', path: '/v1/deductions' },
  masker: createMasker(['the-token', 'u9cc495f8b5db']),
  codes: JSON_CHANNEL_CODES,
  idField: 'transactionId',
  now: new Date('2026-01-01T00:00:00Z'),
};
const EXPECTED = { key: 'k1', kind: 'deduction' };
const DONE = {
  transactionId: 't-1',
  key: 'k1',
  kind: 'deduction',
  status: 'completed',
  orderId: 'o1',
  member: 'u9cc495f8b5db',
  points: '49.80',
  replayed: false,
  at: '2026-01-01T00:00:00Z',
};

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    type: 'answer',
    status,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    elapsedMs: 12,
  };
}
/** The outcome in one line: its type, then what qualifies it. */
function operation(exchange: HttpExchange): string {
  const outcome = classifyOperation(exchange, EXPECTED, FACTS);
  switch (outcome.type) {
    case 'done':
      return `done ${outcome.points.toFixed()}${outcome.replayed ? ' replayed' : ''}`;
    case 'rejected':
      return `rejected ${outcome.reason}`;
    case 'pending':
      return `pending ${outcome.pollAfterMs}`;
    case 'unknown':
      return `unknown ${outcome.cause}`;
    case 'not_sent':
      return `not_sent ${outcome.cause} ${outcome.retryAfterMs}`;
    case 'misconfigured':
      return `misconfigured ${outcome.code}`;
  }
}

describe('an operation is done', () => {
  test.each([
    ['with the points that are echoed', DONE, 'done 49.8'],
    ['with another amount than was asked for, if that is echoed', { ...DONE, points: '12' }, 'done 12'],
    ['with nothing, if that is echoed', { ...DONE, points: '0' }, 'done 0'],
    ['as before, if it is replayed', { ...DONE, replayed: true }, 'done 49.8 replayed'],
    ['beyond what a double can hold', { ...DONE, points: '900719925474099.3' }, 'done 900719925474099.3'],
  ])('%s', (_, body, expected) => expect(operation(answer(200, body))).toBe(expected));

  test('and its id is kept only where it can be shown and stored', () => {
    const idOf = (transactionId: unknown) =>
      classifyOperation(answer(200, { ...DONE, transactionId }), EXPECTED, FACTS);
    expect(idOf('t-1')).toHaveProperty('remoteId', 't-1');
    for (const id of [undefined, 7, '', 'x'.repeat(129), 'a\0b', '李'])
      expect(idOf(id)).toHaveProperty('remoteId', undefined);
  });
});

describe('an operation is not done', () => {
  test.each([
    ['no points are echoed', 200, { ...DONE, points: undefined }, 'unknown missing_echo'],
    ['the points are a number', 200, { ...DONE, points: 49.8 }, 'unknown missing_echo'],
    ['the points are negative', 200, { ...DONE, points: '-1' }, 'unknown missing_echo'],
    ['the points have an exponent', 200, { ...DONE, points: '1e3' }, 'unknown missing_echo'],
    [
      'the points have more places than can be stored',
      200,
      { ...DONE, points: '0.00001' },
      'unknown missing_echo',
    ],
    ['another key is echoed', 200, { ...DONE, key: 'k2' }, 'unknown unmapped_answer'],
    ['no key is echoed', 200, { ...DONE, key: undefined }, 'unknown unmapped_answer'],
    ['another kind is echoed', 200, { ...DONE, kind: 'refund' }, 'unknown unmapped_answer'],
    ['its status is not one of the contract’s', 200, { ...DONE, status: 'ok' }, 'unknown unmapped_answer'],
    ['it has no status', 200, { ...DONE, status: undefined }, 'unknown unmapped_answer'],
    ['a 200 holds an error', 200, { status: 422, code: 'INSUFFICIENT_POINTS' }, 'unknown unmapped_answer'],
    ['a 200 holds HTML', 200, '<html>ok</html>', 'unknown unreadable_answer'],
    ['a 200 is empty', 200, '', 'unknown unreadable_answer'],
    ['a 200 is cut off', 200, '{"status":"done","points":"49.8', 'unknown unreadable_answer'],
    ['a 200 is a list', 200, [DONE], 'unknown unreadable_answer'],
    ['a 200 is null', 200, 'null', 'unknown unreadable_answer'],
    ['it is a 201', 201, DONE, 'unknown unmapped_answer'],
    ['it is a 204', 204, '', 'unknown unreadable_answer'],
    ['it is a 302', 302, '', 'unknown unreadable_answer'],
    ['it is a 500, whatever the body says', 500, DONE, 'unknown server_error'],
    ['it is a 503', 503, '', 'unknown server_error'],
  ])('if %s', (_, status, body, expected) => expect(operation(answer(status, body))).toBe(expected));
});

describe('an operation is pending', () => {
  test.each([
    ['as long as the remote says', 2_000, 'pending 2000'],
    ['five seconds, if it does not say', undefined, 'pending 5000'],
    ['five seconds, if it says nonsense', -3, 'pending 5000'],
  ])('%s', (_, pollAfterMs, expected) => {
    expect(operation(answer(202, { ...DONE, status: 'accepted', points: '0', pollAfterMs }))).toBe(expected);
  });
});

describe('an error answer proves what its status and code together are documented to prove', () => {
  test.each([
    [422, 'INSUFFICIENT_POINTS', 'rejected insufficient_points'],
    [422, 'LIMIT_EXCEEDED', 'rejected limit_exceeded'],
    [404, 'MEMBER_UNKNOWN', 'rejected member_unknown'],
    [403, 'MEMBER_BLOCKED', 'rejected member_blocked'],
    [404, 'ORIGINAL_NOT_FOUND', 'rejected original_not_found'],
    [422, 'ALREADY_RETURNED', 'rejected already_returned'],
    [422, 'EXCEEDS_ORIGINAL', 'rejected exceeds_original'],
    [409, 'KEY_REUSED', 'misconfigured key_reused'],
    [409, 'KEY_IN_PROGRESS', 'unknown duplicate_without_state'],
    [409, 'DUPLICATE', 'unknown duplicate_without_state'],
    [400, 'DUPLICATE', 'unknown unmapped_answer'],
    [400, 'INVALID_REQUEST', 'misconfigured refused_request'],
    [422, 'ORIGINAL_MISMATCH', 'misconfigured refused_request'],
    [422, 'NOT_SUPPORTED', 'misconfigured not_supported'],
    [403, 'FORBIDDEN', 'misconfigured authentication'],
    [401, 'ANYTHING', 'misconfigured authentication'],
    [404, 'TRANSACTION_UNKNOWN', 'unknown unmapped_answer'],
    // The right code with another status, the right status with another code, and neither.
    [400, 'INSUFFICIENT_POINTS', 'unknown unmapped_answer'],
    [422, 'INSUFFICIENT_FUNDS', 'unknown unmapped_answer'],
    [422, 'constructor', 'unknown unmapped_answer'],
    [403, 'WAF', 'unknown unmapped_answer'],
    [404, undefined, 'unknown unmapped_answer'],
    [500, 'INSUFFICIENT_POINTS', 'unknown server_error'],
  ])('%i %s → %s', (status, code, expected) =>
    expect(operation(answer(status, { status, code }))).toBe(expected),
  );

  test('a 403 or 404 that is a page of somebody on the way proves nothing', () => {
    for (const status of [403, 404])
      expect(operation(answer(status, '<html>'))).toBe('unknown unreadable_answer');
  });

  test('a 401 needs no body', () => expect(operation(answer(401, ''))).toBe('misconfigured authentication'));
});

describe('too many requests were not processed', () => {
  test.each([
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['a date in the past', 'Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['more than an hour', '86400', 3_600_000],
    ['nonsense', 'soon', undefined],
    ['a negative number', '-5', undefined],
  ])('Retry-After in %s', (_, value, retryAfterMs) => {
    const tooMany = answer(429, 'slow down', { 'retry-after': value });
    expect(operation(tooMany)).toBe(`not_sent rate_limited ${retryAfterMs}`);
  });
});

describe('trouble below HTTP', () => {
  test.each<[HttpExchange, string]>([
    [
      { type: 'not_sent', cause: 'connect_failed', detail: '', elapsedMs: 1 },
      'not_sent connect_failed undefined',
    ],
    [
      { type: 'not_sent', cause: 'send_by_passed', detail: '', elapsedMs: 1 },
      'not_sent send_by_passed undefined',
    ],
    [{ type: 'lost', cause: 'timeout', status: undefined, detail: '', elapsedMs: 1 }, 'unknown timeout'],
    [
      { type: 'lost', cause: 'connection_lost', status: 200, detail: '', elapsedMs: 1 },
      'unknown connection_lost',
    ],
    [
      { type: 'lost', cause: 'too_large', status: 422, detail: '', elapsedMs: 1 },
      'unknown unreadable_answer',
    ],
  ])('%j → %s', (exchange, expected) => expect(operation(exchange)).toBe(expected));
});

describe('a look-up', () => {
  const query = (exchange: HttpExchange) => classifyQuery(exchange, { key: 'k1' }, FACTS);

  test('finds what the key did, refusals included', () => {
    expect(query(answer(200, DONE))).toMatchObject({ type: 'found', outcome: { type: 'done' } });
    expect(query(answer(200, { ...DONE, status: 'accepted' }))).toMatchObject({
      outcome: { type: 'pending' },
    });
    const refused = { ...DONE, status: 'refused', code: 'INSUFFICIENT_POINTS', points: '0' };
    expect(query(answer(200, refused))).toMatchObject({
      outcome: { type: 'rejected', reason: 'insufficient_points' },
    });
  });

  test('finds nothing only by the documented code', () => {
    expect(query(answer(404, { code: 'TRANSACTION_UNKNOWN' }))).toMatchObject({ type: 'not_found' });
    expect(query(answer(404, { code: 'NOT_FOUND' }))).toMatchObject({
      type: 'unknown',
      cause: 'unmapped_answer',
    });
    expect(query(answer(404, ''))).toMatchObject({ type: 'unknown', cause: 'unreadable_answer' });
  });

  test('is never answered by the refusal of the look-up itself', () => {
    expect(query(answer(404, { code: 'MEMBER_UNKNOWN' }))).toMatchObject({
      type: 'unknown',
      cause: 'unmapped_answer',
    });
  });

  test('of an unknown refusal proves nothing', () => {
    const refused = { ...DONE, status: 'refused', code: 'KEY_REUSED' };
    expect(query(answer(200, refused))).toMatchObject({ type: 'unknown', cause: 'unmapped_answer' });
  });
});

describe('what is there to spend', () => {
  const available = (exchange: HttpExchange) => classifyAvailable(exchange, 'points', FACTS);

  test('is a decimal at an instant', () => {
    const outcome = available(answer(200, { points: '0.5', asOf: '2026-01-01T00:00:00Z' }));
    expect(outcome).toMatchObject({ type: 'balance', asOf: new Date('2026-01-01T00:00:00Z') });
  });

  test.each([{ points: '1' }, { points: '1', asOf: 'now' }, { asOf: '2026-01-01T00:00:00Z' }])(
    'is not %j',
    (body) => {
      expect(available(answer(200, body))).toMatchObject({ type: 'unknown' });
    },
  );
});

describe('whatever comes back', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .record(
        {
          key: fc.constantFrom('k1', 'k2'),
          kind: fc.constantFrom('deduction', 'refund'),
          status: fc.constantFrom('done', 'pending', 'rejected', 422, null),
          points: fc.oneof(
            fc.constantFrom('1', '1.5', '-1', 'NaN', 'Infinity', '1e9'),
            fc.double(),
            fc.string(),
          ),
          code: fc.oneof(fc.constantFrom(...JSON_CHANNEL_CODES.keys()), fc.string()),
        },
        { requiredKeys: [] },
      )
      .map((body) => JSON.stringify(body)),
  );
  const exchanges = fc.record({
    type: fc.constant('answer' as const),
    status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(200, 202, 400, 403, 404, 409, 422)),
    headers: fc.dictionary(fc.constantFrom('retry-after', 'content-type'), fc.string()),
    body: texts,
    elapsedMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });

  test('it is one of the contract’s outcomes with bounded evidence, and done or rejected only as documented', () => {
    fc.assert(
      fc.property(exchanges, (exchange) => {
        const outcome = classifyOperation(exchange, EXPECTED, FACTS);
        expect(Buffer.byteLength(JSON.stringify(outcome.evidence))).toBeLessThanOrEqual(4_096);
        const body = parsed(exchange.body);
        if (outcome.type === 'done') {
          expect([200, 202]).toContain(exchange.status);
          expect(body).toMatchObject({ ...EXPECTED, status: 'completed', points: expect.any(String) });
          expect(outcome.points.isFinite() && !outcome.points.isNegative()).toBe(true);
        }
        if (outcome.type === 'rejected') {
          const meaning = JSON_CHANNEL_CODES.get(String(body?.['code']));
          expect(meaning?.type).toBe('rejected');
          if (exchange.status !== 200 && exchange.status !== 202)
            expect(meaning?.status).toBe(exchange.status);
        }
        if (exchange.status >= 500) expect(outcome.type).toBe('unknown');
        expect(classifyQuery(exchange, { key: 'k1' }, FACTS).type).toMatch(
          /^(found|not_found|unknown|not_sent|misconfigured)$/,
        );
        expect(classifyAvailable(exchange, 'points', FACTS).type).toMatch(
          /^(balance|rejected|unknown|not_sent|misconfigured)$/,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
