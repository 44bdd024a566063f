import { expect, test } from '@jest/globals';
import { stakesOf } from './stakes.ts';

function group(channels: string[], cases: number, points: string, firstSeenAt: string) {
  const words = { cause: 'doubt', suggestion: 'query', error: 'doubt', operation: null };
  const rest = { users: 1, claimedBy: [], trend: [], lastSeenAt: firstSeenAt };
  return {
    fingerprint: `${channels.join()} ${points}`,
    channels,
    cases,
    points,
    firstSeenAt,
    ...words,
    ...rest,
  };
}

test('points of one channel are added up exactly, and its oldest case is the oldest of its groups', () => {
  const stakes = stakesOf([
    group(['airmiles'], 1, '9007199254740993.0001', '2026-05-02T00:00:00Z'),
    group(['bankplus'], 5, '2', '2026-05-03T00:00:00Z'),
    group(['airmiles'], 2, '0.9999', '2026-05-01T00:00:00Z'),
  ]);
  expect(stakes).toEqual([
    { channel: 'bankplus', cases: 5, points: '2', oldestAt: '2026-05-03T00:00:00Z' },
    { channel: 'airmiles', cases: 3, points: '9007199254740994', oldestAt: '2026-05-01T00:00:00Z' },
  ]);
});

test('a group of several channels counts for none of them alone', () => {
  const [stake] = stakesOf([group(['airmiles', 'bankplus'], 3, '7.5', '2026-05-01T00:00:00Z')]);
  expect(stake).toMatchObject({ channel: undefined, cases: 3, points: '7.5' });
});
