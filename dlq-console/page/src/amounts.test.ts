import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pointsInWords, sumOfPoints } from './amounts.ts';

test('sums are exact beyond what a number of the language holds', () => {
  expect(sumOfPoints(['9007199254740993', '0.1', '0.2'])).toBe('9007199254740993.3');
  expect(sumOfPoints([])).toBe('0');
  expect(sumOfPoints(['0.0001', '0.0009'])).toBe('0.001');
});

test('thousands stand apart and nothing else changes', () => {
  expect(pointsInWords('1234567.8901')).toBe('1,234,567.8901');
  expect(pointsInWords('999')).toBe('999');
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (whole) => {
      expect(pointsInWords(`${whole}.5`).replaceAll(',', '')).toBe(`${whole}.5`);
    }),
  );
});
