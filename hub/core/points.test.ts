import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Points, readPoints, scaleMax, writePoints } from './points.ts';

const rule = { scale: 4, max: new Points('999999999999999.9999') };

function read(text: unknown, scale = 4, max?: string): string {
  const reading = readPoints(text, max === undefined ? { ...rule, scale } : { scale, max: new Points(max) });
  return reading.type === 'points' ? writePoints(reading.points) : 'refused';
}

describe('points that are read', () => {
  test.each([
    ['1', '1'],
    ['12.50', '12.5'],
    ['0.0001', '0.0001'],
    ['007', '7'],
    ['000000000000001.5', '1.5'],
    ['9007199254740993', 'refused'],
    ['900719925474099', '900719925474099'],
    ['999999999999999.9999', '999999999999999.9999'],
  ])('%s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
  test('keep every digit beyond what a JavaScript number can hold', () => {
    expect(read('900719925474099.3001')).toBe('900719925474099.3001');
    expect(writePoints(new Points('9007199254740993'))).toBe('9007199254740993');
    expect(writePoints(new Points('9007199254740993').plus('0.0001'))).toBe('9007199254740993.0001');
  });
  test.each([0, 1, 2, 3, 4])('have at most %i places on that scale, trailing zeros included', (scale) => {
    const fits = scale === 0 ? '1' : `1.${'0'.repeat(scale - 1)}1`;
    expect(read(fits, scale)).toBe(fits);
    expect(read(scale === 0 ? '1.0' : `1.${'0'.repeat(scale + 1)}`, scale)).toBe('refused');
  });
  test('may be the maximum and not more', () => {
    expect(read('100', 2, '100')).toBe('100');
    expect(read('100.01', 2, '100')).toBe('refused');
  });
});

describe('what is refused', () => {
  test.each([
    '',
    ' ',
    ' 1',
    '1 ',
    '1\n',
    '\t1',
    '\u00a01',
    '1\u2028',
    '0',
    '0.0000',
    '00',
    '-1',
    '+1',
    '-0',
    '1e3',
    '1E3',
    '1e-2',
    '0x10',
    '0b1',
    '1_000',
    '1,5',
    '1.',
    '.5',
    '1..5',
    '1.5.5',
    'NaN',
    'Infinity',
    '-Infinity',
    'null',
    '１',
    '٣',
    '१',
    '1٫5',
    '½',
    '1000000000000000',
    '1.00001',
    '9'.repeat(10_000),
    `1.${'0'.repeat(10_000)}`,
  ])('%j', (text) => {
    expect(read(text)).toBe('refused');
  });
  test.each([[1], [0.1], [Number.NaN], [1n], [null], [undefined], [true], [{}], [['1']], [new Points(1)]])(
    '%p, which is no string',
    (value) => {
      expect(read(value)).toBe('refused');
    },
  );
});

/** A decimal with up to 15 digits before the point and up to 4 after it, as text in canonical form. */
const decimals = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 19n - 1n }), fc.integer({ min: 0, max: scaleMax }))
  .map(([units, places]) => {
    const capped = units % 10n ** BigInt(15 + places);
    const digits = (capped === 0n ? 1n : capped).toString().padStart(places + 1, '0');
    const whole = digits.slice(0, digits.length - places);
    const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
    return fraction === '' ? whole : `${whole}.${fraction}`;
  });

test('reading and writing again changes no digit', () => {
  fc.assert(fc.property(decimals, (text) => expect(read(text)).toBe(text)));
});

test('equal points have equal texts', () => {
  fc.assert(
    fc.property(decimals, fc.nat(3), (text, zeros) => {
      const longer = text.includes('.') ? text + '0'.repeat(zeros) : `${text}.${'0'.repeat(zeros + 1)}`;
      expect(writePoints(new Points(longer))).toBe(text);
    }),
  );
});

test('a sum loses nothing', () => {
  fc.assert(
    fc.property(fc.array(decimals, { maxLength: 200 }), (texts) => {
      const sum = texts.reduce((total, text) => total.plus(text), new Points(0));
      const rest = texts.reduce((total, text) => total.minus(text), sum);
      expect(writePoints(rest)).toBe('0');
    }),
  );
});
