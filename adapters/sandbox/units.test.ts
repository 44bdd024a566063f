import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { formatUnits, parseUnits } from './units.ts';

test('units and their decimals are the same thing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 19n - 1n }), (units) => {
      expect(parseUnits(formatUnits(units))).toBe(units);
    }),
  );
});

test.each([
  ['49.80', '49.8'],
  ['0.0001', '0.0001'],
  ['007', '7'],
  ['999999999999999.9999', '999999999999999.9999'],
])('%s is written as %s', (text, written) => expect(formatUnits(parseUnits(text) ?? -1n)).toBe(written));

test.each(['', '.5', '5.', '1e3', '-1', '+1', '1.00001', '1234567890123456', ' 1', 1, null])(
  '%j is no decimal',
  (text) => {
    expect(parseUnits(text)).toBeUndefined();
  },
);
