import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { patchedCopy, type PatchedCopy } from './patched-copy.ts';
import { mutations } from './rules.ts';

let copy: PatchedCopy | undefined;
afterEach(() => copy?.remove());

test.each(mutations)('the patch that takes away $rule still fits the code', ({ patches }) => {
  copy = patchedCopy(patches);
  expect(copy.folder).not.toBe('');
});

test('the page lists every rule, and that it is missed', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/simulation.md'), 'utf8');
  const [, table = ''] = page.split(/<!-- mutations: (?:begin|end) -->/);
  const rows = [...table.matchAll(/^\| (?!without +\||---)(.+?) +\| (\d+|never)/gm)];
  expect(rows.map(([, rule]) => rule)).toEqual(mutations.map(({ rule }) => rule));
  expect(rows.filter(([, , seed]) => seed === 'never')).toEqual([]);
});

test('a patch whose text is not there says so', () => {
  const lost = { file: 'hub/core/order.ts', text: 'no such text', without: '' };
  expect(() => patchedCopy([lost])).toThrow('hub/core/order.ts has this text 0 times, not once');
});
