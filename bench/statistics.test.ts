import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  drift,
  median,
  medianByName,
  percentile,
  ratePerWindow,
  summarise,
  takeTurns,
} from './statistics.ts';

describe('a percentile', () => {
  test('is a sample, not a mean of two', () => {
    expect(summarise([30, 10, 20, 40])).toEqual({ count: 4, p50: 20, p95: 40, p99: 40, max: 40 });
  });

  test('of one sample is that sample', () => {
    expect(summarise([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  });

  test('of nothing is an error', () => {
    expect(() => summarise([])).toThrow(RangeError);
    expect(() => percentile([1], 0)).toThrow(RangeError);
    expect(() => percentile([1], 101)).toThrow(RangeError);
  });

  test('is the smallest sample that so many do not exceed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        (samples, percent) => {
          const sorted = samples.toSorted((a, b) => a - b);
          const found = percentile(sorted, percent);
          const share = (limit: number): number =>
            sorted.filter((one) => one <= limit).length / sorted.length;
          expect(share(found)).toBeGreaterThanOrEqual(percent / 100);
          for (const smaller of sorted.filter((one) => one < found))
            expect(share(smaller)).toBeLessThan(percent / 100);
        },
      ),
    );
  });
});

test('the median of an even number of samples lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(() => median([])).toThrow(RangeError);
});

test('drift is the change as a share of what was before', () => {
  expect(drift(100, 90)).toBeCloseTo(-0.1);
  expect(drift(100, 150)).toBeCloseTo(0.5);
});

test('a rate per window counts whole windows only', () => {
  const timesMs = [0, 100, 999, 1_000, 1_500, 2_000, 2_100, 2_900];
  expect(ratePerWindow(timesMs, 1_000)).toEqual([3, 2]);
  expect(ratePerWindow([], 1_000)).toEqual([]);
});

test('the median of each figure is taken over all rounds', () => {
  const rounds = [
    { rate: 3, p99: 10 },
    { rate: 1, p99: 30 },
    { rate: 2, p99: 20 },
  ];
  expect(medianByName(rounds)).toEqual({ rate: 2, p99: 20 });
  expect(() => medianByName([])).toThrow(RangeError);
});

test('each of ours stands between two raw ones, whose mean it is held against', async () => {
  const course: string[] = [];
  const raw = (): Promise<number> => Promise.resolve(10 * course.push('raw'));
  const ours = (): Promise<number> => Promise.resolve(course.push('ours'));
  expect(await takeTurns(2, raw, ours)).toEqual([
    { ours: 2, raw: 20 },
    { ours: 4, raw: 40 },
  ]);
  expect(course).toEqual(['raw', 'ours', 'raw', 'ours', 'raw']);
});
