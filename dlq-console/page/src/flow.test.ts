import { expect, test } from '@jest/globals';
import { spansOf, sumOf, type Hour } from './flow.ts';

const week: readonly Hour[] = Array.from({ length: 168 }, (_, hour) => {
  return { at: new Date(Date.UTC(2026, 4, 1, hour)).toISOString(), opened: hour, ended: 1 };
});

test('a day has an hour per span, and the last is the hour that is now', () => {
  const spans = spansOf(week, 24, 1);
  expect(spans).toHaveLength(24);
  expect(spans.at(-1)).toEqual(week.at(-1));
});

test('wider spans hold all that their hours held', () => {
  const spans = spansOf(week, 168, 6);
  expect(spans).toHaveLength(28);
  expect(spans[0]).toEqual({ at: week[0]?.at, opened: 15, ended: 6 });
  expect(sumOf(spans)).toEqual(sumOf(week));
});

test('of fewer hours than asked for there are those that there are', () => {
  expect(spansOf(week.slice(0, 2), 24, 1)).toHaveLength(2);
});
