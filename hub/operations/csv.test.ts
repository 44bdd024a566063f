import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvLine, harmless } from './csv.ts';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\r=1', '\t1', ' =1', '＝1', '\n1'])(
  'a cell with %j is text, whatever a spreadsheet thinks',
  (cell) => {
    expect(harmless(cell)).toMatch(/^'/);
  },
);

test.each(['case:17', 'a=b', '', "'already text", '2026-11-20T09:30:00Z', '{"a":"=1"}', 'one; two\nthree'])(
  '%j stays as it is',
  (cell) => {
    expect(harmless(cell)).toBe(cell);
  },
);

test('what ends a text elsewhere is left out', () => {
  expect(harmless('\0=1\0')).toBe("'=1");
});

test.each([
  ['a;=1+1;b', "a;'=1+1;b"],
  ['a; "=1"', `a; "'=1"`],
  ['a\t@SUM(A1)', "a\t'@SUM(A1)"],
  ['a\r\n-1', "a\r\n'-1"],
])('%j would be two cells where another sign ends one, and neither is a formula', (cell, expected) => {
  expect(harmless(cell)).toBe(expected);
});

/** A reader that ends a field at `separator`, and takes quotes for such only where a field begins with one. */
function cellsOf(record: string, separator: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let isFirst = true;
  for (let at = 0; at < record.length; at += 1) {
    const sign = record.charAt(at);
    if (isQuoted && sign === '"' && record.charAt(at + 1) === '"') {
      cell += '"';
      at += 1;
    } else if (isQuoted && sign === '"') isQuoted = false;
    else if (isFirst && sign === '"') isQuoted = true;
    else if (!isQuoted && (sign === separator || sign === '\r' || sign === '\n')) {
      cells.push(cell);
      cell = '';
      isFirst = true;
      continue;
    } else cell += sign;
    isFirst = false;
  }
  return [...cells, cell];
}

const hostile = fc.string({
  unit: fc.constantFrom('=', '+', '-', '@', '"', "'", ';', ',', '\t', '\r', '\n', ' ', '1', 'A'),
  maxLength: 12,
});

test.each([',', ';', '\t'])('no cell of any record is a formula where %j ends a cell', (separator) => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (cells) => {
      for (const cell of cellsOf(csvLine(cells), separator)) expect(cell).not.toMatch(/^\s*[=+\-@]/);
    }),
    { numRuns: 2_000 },
  );
});

test('a record read as RFC 4180 says has the cells that were written, each as text', () => {
  const plain = fc.string({ unit: fc.constantFrom('"', ',', ' ', '1', 'A', 'é', '点'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 4 }), (cells) => {
      expect(cellsOf(csvLine(cells).slice(0, -2), ',')).toEqual(cells);
    }),
  );
});
