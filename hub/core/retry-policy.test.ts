import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retryDelayMs } from './retry-policy.ts';

const backoffs = fc
  .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 86_400_000 }))
  .map(([firstMs, maxMs]) => ({ firstMs, maxMs: Math.max(firstMs, maxMs) }));
const failures = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 32_767 }));
const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a delay is a whole number of milliseconds, at least one and at most the bound', () => {
  fc.assert(
    fc.property(failures, backoffs, draws, (count, backoff, random) => {
      const delayMs = retryDelayMs(count, backoff, random);
      expect(Number.isInteger(delayMs)).toBe(true);
      expect(delayMs).toBeGreaterThanOrEqual(1);
      expect(delayMs).toBeLessThanOrEqual(backoff.maxMs);
    }),
  );
});

test('more failures never make the bound shorter', () => {
  fc.assert(
    fc.property(failures, backoffs, draws, (count, backoff, random) => {
      const next = retryDelayMs(count + 1, backoff, random);
      expect(next).toBeGreaterThanOrEqual(retryDelayMs(count, backoff, random));
    }),
  );
});

test('the bound doubles with each failure up to the longest pause', () => {
  const backoff = { firstMs: 250, maxMs: 60_000 };
  const delaysMs = [1, 2, 3, 4, 8, 9, 10, 1_000].map((count) => retryDelayMs(count, backoff, 0.999_999));
  expect(delaysMs).toEqual([250, 500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000]);
});

test('the whole range down to nothing is drawn from, so that many do not come back together', () => {
  expect(retryDelayMs(9, { firstMs: 250, maxMs: 60_000 }, 0)).toBe(1);
  expect(retryDelayMs(9, { firstMs: 250, maxMs: 60_000 }, 0.5)).toBe(30_000);
});
