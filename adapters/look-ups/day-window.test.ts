import { expect, test } from '@jest/globals';

import { wholeDays } from './day-window.ts';

function cut(from: string, to: string, zone: string): string[] {
  const { fromMs, toMs } = wholeDays({ fromMs: Date.parse(from), toMs: Date.parse(to) }, zone);
  return [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
}

test.each([
  ['UTC', '2026-03-01T10:00:00Z', '2026-03-01T10:05:00Z', '2026-03-01T00:00', '2026-03-02T00:00'],
  ['Asia/Shanghai', '2026-03-01T15:59:59Z', '2026-03-01T15:59:59Z', '2026-02-28T16:00', '2026-03-01T16:00'],
  ['Asia/Shanghai', '2026-03-01T15:59:00Z', '2026-03-01T16:01:00Z', '2026-02-28T16:00', '2026-03-02T16:00'],
  ['Asia/Kathmandu', '2026-03-01T18:15:00Z', '2026-03-01T18:16:00Z', '2026-03-01T18:15', '2026-03-02T18:15'],
  [
    'America/New_York',
    '2026-03-08T18:00:00Z',
    '2026-03-08T18:00:01Z',
    '2026-03-08T05:00',
    '2026-03-09T04:00',
  ],
  [
    'America/New_York',
    '2026-11-01T05:30:00Z',
    '2026-11-01T23:00:00Z',
    '2026-11-01T04:00',
    '2026-11-02T05:00',
  ],
  ['Europe/Berlin', '2026-10-25T22:30:00Z', '2026-10-25T22:31:00Z', '2026-10-24T22:00', '2026-10-25T23:00'],
])('in %s, from %s to %s, are the days from %s to %s', (zone, from, to, first, last) => {
  expect(cut(from, to, zone)).toEqual([first, last]);
});

test('a window that ends at midnight needs nothing of the next day', () => {
  expect(cut('2026-03-01T10:00:00Z', '2026-03-02T00:00:00Z', 'UTC')).toEqual([
    '2026-03-01T00:00',
    '2026-03-02T00:00',
  ]);
});
