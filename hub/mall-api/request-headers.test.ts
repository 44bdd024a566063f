import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HubError } from '../errors.ts';
import { readIdempotencyKey, readRequestId, readTraceparent, readWaitS } from './request-headers.ts';

describe('Idempotency-Key', () => {
  test.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    [' "order 1, again; really" ', 'order 1, again; really'],
    [String.raw`"a \"b\" \\ c"`, String.raw`a "b" \ c`],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('%s means %s', (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  test('absent is absent', () => {
    expect(readIdempotencyKey(undefined)).toBeUndefined();
  });

  test.each([
    '',
    '""',
    '"open',
    'two words',
    'a,b',
    'a, a',
    'a;b=1',
    '"a";b=1',
    '"a", "b"',
    'caf\u00e9',
    '"\u0007"',
    String.raw`"\x"`,
    'x'.repeat(256),
  ])('%j is refused with the header named', (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(
      expect.objectContaining({
        code: 'HUB_IDEMPOTENCY_KEY_INVALID',
        faults: [expect.objectContaining({ field: 'Idempotency-Key' })],
      }),
    );
  });

  test('every printable key survives being quoted', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((n) => String.fromCharCode(n)),
      minLength: 1,
      maxLength: 255,
    });
    fc.assert(
      fc.property(printable, (key) => {
        expect(readIdempotencyKey(`"${key.replaceAll(/[\\"]/g, String.raw`\$&`)}"`)).toBe(key);
      }),
    );
  });

  test('any header is read or refused, quickly', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (header) => {
        try {
          readIdempotencyKey(header);
        } catch (error) {
          expect(error).toBeInstanceOf(HubError);
        }
      }),
    );
  });
});

describe('Prefer: wait', () => {
  test.each([
    ['wait=10', 10],
    ['WAIT = "7"', 7],
    ['respond-async, wait=0', 0],
    ['foo; bar=1, wait=5; x=y', 5],
    ['foo="a, wait=9", wait=3', 3],
    ['wait=2, wait=50', 2],
    ['wait=61', 60],
    ['wait=999999999', 60],
  ])('%s waits %i s', (header, seconds) => {
    expect(readWaitS(header)).toBe(seconds);
  });

  test.each([
    undefined,
    '',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=soon',
    'await=5',
    'respond-async',
    'wait=9999999999',
    ',,,',
    '"',
  ])('%j is ignored', (header) => {
    expect(readWaitS(header)).toBeUndefined();
  });

  test('any header is read without trouble', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (header) => {
        const seconds = readWaitS(header);
        expect(seconds === undefined || (seconds >= 0 && seconds <= 60)).toBe(true);
      }),
    );
  });
});

describe('traceparent', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  test('a valid one is taken over', () => {
    expect(readTraceparent(valid)).toBe(valid);
  });

  test.each([
    undefined,
    '',
    [valid, valid],
    valid.toUpperCase(),
    valid.replace(/^00/, 'ff'),
    valid.replace(/0af7651916cd43dd8448eb211c80319c/, '0'.repeat(32)),
    valid.replace(/b7ad6b7169203331/, '0'.repeat(16)),
    `${valid}-more`,
  ])('%j is dropped', (header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });
});

test('a request id of the caller is taken over only if it is plain and short', () => {
  expect(readRequestId('web-1.2_3')).toBe('web-1.2_3');
  expect(['', 'a b', 'x'.repeat(65), 'a\nb', '{}'].map(readRequestId)).toEqual(Array(5).fill(undefined));
});
