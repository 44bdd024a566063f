import { expect, test } from '@jest/globals';
import { ageInWords } from './ages.ts';

const now = new Date('2026-05-02T12:00:00Z').getTime();

test('an age is told in the largest unit that fits, in both languages', () => {
  expect(ageInWords('2026-05-02T11:59:30Z', now, 'en')).toBe('30 sec');
  expect(ageInWords('2026-05-02T11:58:00Z', now, 'en')).toBe('2 min');
  expect(ageInWords('2026-05-02T10:30:00Z', now, 'zh-CN')).toBe('1小时');
  expect(ageInWords('2026-04-29T11:00:00Z', now, 'en')).toBe('3 days');
});

test('what is ahead of this clock is of this moment', () => {
  expect(ageInWords('2026-05-02T12:00:05Z', now, 'en')).toBe('0 sec');
});
