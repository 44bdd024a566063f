import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plain, plainLines, safeJson, timeOf } from './text.ts';

const hostile = '\u001b[2J\u009b31m\u0007a\u202eb\u2066c\u200bd\u2028e\u0000f\r\ng\u{e0041}';
/** What a terminal could act upon. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('a text from elsewhere', () => {
  test('shows what could act on a terminal as what it is', () => {
    expect(plain(hostile)).toBe(
      '\\u{1b}[2J\\u{9b}31m\\u{7}a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e\\u{0}f\\u{d}\\ng\\u{e0041}',
    );
    expect(plain('积分 12.50 é 🎉')).toBe('积分 12.50 é 🎉');
  });

  test('has nothing left that acts, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plain(text)).not.toMatch(acting);
        expect(plainLines(text).join('')).not.toMatch(acting);
      }),
    );
  });

  test('is the same value in JSON, in harmless characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = safeJson({ text });
        expect(written).not.toMatch(acting);
        expect(JSON.parse(written)).toEqual({ text });
      }),
    );
    expect(JSON.parse(safeJson({ hostile }))).toEqual({ hostile });
  });
});

describe('a time', () => {
  const now = new Date('2026-01-31T12:00:00.000Z');
  test.each([
    ['2h', '2026-01-31T10:00:00.000Z'],
    ['30m', '2026-01-31T11:30:00.000Z'],
    ['7d', '2026-01-24T12:00:00.000Z'],
    ['2026-01-30', '2026-01-30T00:00:00.000Z'],
    ['2026-01-30T08:00:00+02:00', '2026-01-30T06:00:00.000Z'],
  ])('written %s is %s', (written, time) => {
    expect(timeOf(written, now)).toBe(time);
  });

  test.each(['', 'yesterday', '2', '-2h', '2026-13-01'])('is refused where it is "%s"', (written) => {
    expect(() => timeOf(written, now)).toThrow(/is no time/);
  });
});
