import { expect, test } from '@jest/globals';
import { Points } from '@points-hub/hub';
import { compareBooks, type Books } from './audit.ts';

function books(...entries: readonly (readonly [name: string, count: number, points: string])[]): Books {
  return new Map(entries.map(([name, count, points]) => [name, { count, points: new Points(points) }]));
}

test('books agree when every channel and leg has as many effects of as many points', () => {
  const hub = books(['a points', 2, '25.00'], ['a quota', 2, '25']);
  expect(compareBooks(hub, books(['a quota', 2, '25'], ['a points', 2, '25']))).toEqual([]);
});

test.each([
  ['lost', books(['a points', 1, '12.5']), 'a points: hub 2 effects of 25, remote 1 effects of 12.5'],
  ['doubled', books(['a points', 3, '37.5']), 'a points: hub 2 effects of 25, remote 3 effects of 37.5'],
  [
    'off by a hundredth',
    books(['a points', 2, '25.01']),
    'a points: hub 2 effects of 25, remote 2 effects of 25.01',
  ],
  ['missing', books(), 'a points: hub 2 effects of 25, remote nothing'],
])('an effect that is %s is told', (_, remote, difference) => {
  expect(compareBooks(books(['a points', 2, '25']), remote)).toEqual([difference]);
});

test('an effect that only the remote knows is told', () => {
  expect(compareBooks(books(), books(['b quota', 1, '1']))).toEqual([
    'b quota: hub nothing, remote 1 effects of 1',
  ]);
});
