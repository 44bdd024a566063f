import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { errorTable } from './errors.ts';

const documented = readFileSync(join(import.meta.dirname, '../docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, code = '', status, exitCode, meaning, cure] = line.split('|').map((cell) => cell.trim());
    return code.startsWith('`HUB_') ? [{ code: code.slice(1, -1), status, exitCode, meaning, cure }] : [];
  });

test('docs/errors.md lists every code once, with its status and exit code, and no other code', () => {
  const ofDocument = documented.map(({ code, status, exitCode }) => `${code} ${status} ${exitCode}`);
  const ofTable = Object.entries(errorTable).map(
    ([code, { status, exitCode }]) => `${code} ${status} ${exitCode}`,
  );
  expect(ofDocument).toHaveLength(ofTable.length);
  expect(new Set(ofDocument)).toEqual(new Set(ofTable));
});

test('each documented code has a meaning and a cure', () => {
  const wanting = documented.filter(({ meaning = '', cure = '' }) => meaning === '' || cure === '');
  expect(wanting).toEqual([]);
});
