import { describe, expect, test } from '@jest/globals';
import { readChannelDescription, type Capabilities } from '@points-hub/adapters';
import { unsafeBy } from './channel-policy.ts';

const best: Capabilities = {
  idempotency: { kind: 'key-replays', retentionMs: 'forever', remembersRejections: true },
  echo: 'points',
  query: 'by-key',
  reversal: 'by-original',
  partialRefund: true,
  notFoundFinalAfterMs: 60_000,
  lateEffectCheckMs: 600_000,
  perUserLane: false,
};
const scan = { reachMs: 'forever' };
const statement = { period: 'day', availableAfterMs: 3_600_000, retentionMs: 'forever' };
const idempotency = { kind: 'none' };
const forgetful = { kind: 'key-replays', retentionMs: 'forever', remembersRejections: false };

/** The fields at fault. The send window is 5 s and the call 10 s, so "not found" can be final after 75 s. */
function faults(changes: object): string[] {
  const text = JSON.stringify({
    id: 'airmiles',
    adapter: 'json',
    baseUrl: 'http://airmiles.invalid',
    auth: 'none',
    points: { scale: 2, max: '100' },
    limits: { callTimeoutMs: 10_000 },
    capabilities: { ...best, ...changes },
  });
  return unsafeBy(readChannelDescription(text, 'airmiles.yaml')).map(({ field }) => field);
}

describe('a channel is settled', () => {
  test.each([
    ['that does everything', {}],
    ['that is asked by key and keeps none', { idempotency }],
    ['that replays by key and cannot be asked', { query: 'none' }],
    ['that has a scan alone', { idempotency, query: 'none', scan }],
    ['that has a statement alone', { idempotency, query: 'none', statement }],
    ['that forgets refusals and has a scan', { idempotency: forgetful, query: 'none', scan }],
    ['that names no points and is asked by key', { echo: 'none' }],
    ['that names no points and has a scan', { echo: 'none', idempotency, query: 'none', scan }],
    ['that gives nothing back', { reversal: 'none', partialRefund: false }],
    ['whose holds outlive an order', { hold: { expiresAfterMs: 1_200_000, releaseBarsHold: false } }],
    ['whose scan reaches far enough', { query: 'none', idempotency, scan: { reachMs: 844_000 } }],
    [
      'that forgets keys soon and has a statement',
      { idempotency: { ...forgetful, retentionMs: 60_000 }, statement },
    ],
  ])('%s', (_, changes) => expect(faults(changes)).toEqual([]));
});

describe('a channel is refused', () => {
  test.each([
    [
      'whose holds end too soon',
      { hold: { expiresAfterMs: 1_199_999, releaseBarsHold: false } },
      ['hold.expiresAfterMs'],
    ],
    [
      'that holds, forgets keys soon, and has a list',
      {
        hold: { expiresAfterMs: 1_200_000, releaseBarsHold: false },
        idempotency: { ...forgetful, retentionMs: 60_000 },
        scan,
      },
      ['notFoundFinalAfterMs'],
    ],
    ['that has no way out of doubt', { idempotency, query: 'none' }, ['query']],
    ['that forgets refusals and cannot be asked', { idempotency: forgetful, query: 'none' }, ['query']],
    [
      'whose amounts only a statement tells',
      { echo: 'none', idempotency, query: 'none', statement },
      ['echo'],
    ],
    ['whose amounts nothing tells', { echo: 'none', query: 'none' }, ['echo']],
    ['that gives back parts of nothing', { reversal: 'none' }, ['partialRefund']],
    [
      'that forgets keys before anything is final',
      { idempotency: { ...forgetful, retentionMs: 93_750 } },
      ['notFoundFinalAfterMs'],
    ],
    [
      'whose scan does not reach back to the late look',
      { query: 'none', idempotency, scan: { reachMs: 843_000 } },
      ['scan.reachMs'],
    ],
    [
      'whose statement is gone before it is there',
      { query: 'none', idempotency, statement: { ...statement, retentionMs: 86_400_000 } },
      ['statement.retentionMs'],
    ],
  ])('%s', (_, changes, fields) => expect(faults(changes)).toEqual(fields));
});

test('a time zone that there is not, or a marker that nobody knows, is no description', () => {
  expect(() => faults({ statement: { ...statement, zone: 'Mars/Phobos' } })).toThrow(/statement\.zone/);
  expect(() => faults({ marker: 'telepathy' })).toThrow(/marker/);
});
