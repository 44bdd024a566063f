import { expect, test } from '@jest/globals';
import { harmless } from './audit-export.ts';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '\n=cmd|calc'])(
  'a cell with %j is text, whatever a spreadsheet thinks',
  (cell) => {
    expect(harmless(cell)).toBe(`'${cell}`);
  },
);

test.each(['case:17', 'a=b', '', "'already text", '2026-11-20T09:30:00Z', '{"a":"=1"}'])(
  '%j stays as it is',
  (cell) => {
    expect(harmless(cell)).toBe(cell);
  },
);

test('what ends a text elsewhere is left out', () => {
  expect(harmless('\0=1\0')).toBe("'=1");
});
