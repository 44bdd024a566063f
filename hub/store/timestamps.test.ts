import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { readTimestamp, typesWithTimestamps } from './timestamps.ts';

const { TIMESTAMPTZ, INT8 } = pg.types.builtins;
const readByPg = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date;

/** As Postgres writes a time: zeros at the end of its fraction are left out. */
function written(time: Date, microseconds: number): string {
  const [date, clock = ''] = time.toISOString().slice(0, -1).split('T');
  const fraction = `${clock}${String(microseconds).padStart(3, '0')}`.replace(/\.?0+$/, '');
  return `${date} ${/\./.test(fraction) ? fraction : clock.slice(0, 8)}+00`;
}

test('a time is read as pg reads it, and to the millisecond below', () => {
  const times = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(times, fc.nat(999), (time, microseconds) => {
      const text = written(time, microseconds);
      expect(readTimestamp(text)).toEqual(time);
      expect(readTimestamp(text)).toEqual(readByPg(text));
    }),
  );
});

test.each([
  '2026-01-02 03:04:05+00',
  '2026-01-02 03:04:05.6+00',
  '2026-01-02 03:04:05.999999+00',
  '0042-01-02 03:04:05.678+00',
  '12026-01-02 03:04:05.678+00',
  '0044-03-15 12:00:00+00 BC',
  '2026-01-02 03:04:05.678+05:30',
  '2026-01-02 03:04:05.678-03',
  '1883-11-18 12:03:57+00:19:32',
  'infinity',
  '-infinity',
])('%s is read as pg reads it', (text) => {
  expect(readTimestamp(text)).toEqual(readByPg(text));
});

test('other types are read as pg reads them', () => {
  const { getTypeParser } = typesWithTimestamps;
  expect(getTypeParser(TIMESTAMPTZ, 'text')).toBe(readTimestamp);
  expect(getTypeParser(INT8, 'text')).toBe(pg.types.getTypeParser(INT8, 'text'));
  expect(getTypeParser(TIMESTAMPTZ, 'binary')).toBe(pg.types.getTypeParser(TIMESTAMPTZ, 'binary'));
});
