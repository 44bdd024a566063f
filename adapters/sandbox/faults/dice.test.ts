import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Dice } from './dice.ts';

const rolls = (seed: number, name: string, count = 8) => {
  const dice = new Dice(seed, name);
  return Array.from({ length: count }, () => dice.roll());
};

describe('dice', () => {
  test('roll the same for the same seed and name, on every machine and for ever', () => {
    expect(rolls(42, 'channel airmiles', 4).map((roll) => Math.floor(roll * 2 ** 32))).toEqual([
      2063464953, 3040487408, 1458399123, 2566903050,
    ]);
  });

  test('roll otherwise for another seed or another name', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 2 }), (seed) => {
        expect(rolls(seed, 'portal')).toEqual(rolls(seed, 'portal'));
        expect(rolls(seed, 'portal')).not.toEqual(rolls(seed + 1, 'portal'));
        expect(rolls(seed, 'portal')).not.toEqual(rolls(seed, 'channel portal'));
      }),
    );
  });

  test('roll from 0 to below 1, each tenth about as often as the others', () => {
    for (const seed of [0, 1, 2, 2 ** 32 - 1]) {
      const tenths = Array.from({ length: 10 }, () => 0);
      for (const roll of rolls(seed, 'portal', 20_000)) {
        const tenth = Math.floor(roll * 10);
        tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
      }
      for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(250);
    }
  });
});
