import { expect, test } from '@jest/globals';
import { trendText } from './cases.ts';

const hours = (given: Readonly<Record<number, number>>): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => given[hour] ?? 0);

test('a trend has a bar for each three hours, the last ones on the right', () => {
  expect(trendText(hours({ 23: 70, 22: 30, 12: 50, 0: 1 }))).toBe('▂▁▁▁▅▁▁█');
});

test('a single case shows, and a group without new ones is flat', () => {
  expect(trendText(hours({ 5: 1_000, 20: 1 }))).toBe('▁█▁▁▁▁▂▁');
  expect(trendText(hours({}))).toBe('▁▁▁▁▁▁▁▁');
});
