import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { BEHAVIOURS } from './certify.ts';
import { NOT_HERE } from './not-here.ts';

const PAGE = new URL('../../docs/conformance.md', import.meta.url);

test('docs/conformance.md lists every behaviour in the kit’s own words, and what proves it', () => {
  const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| (C\d+) +\| (.+?) +\| (.+?) +\|$/gm);
  const listed = new Map([...rows].map(([, id, rule, proof]) => [id, { rule, proof: proof ?? '' }]));
  expect([...listed.keys()]).toEqual(Array.from({ length: 54 }, (_, index) => `C${index + 1}`));
  for (const { id, rule } of BEHAVIOURS) {
    expect(listed.get(id)?.rule).toBe(rule);
    expect(listed.get(id)?.proof).toMatch(/^the kit: /);
  }
  for (const { id, rule, why, provenBy } of NOT_HERE) {
    expect(listed.get(id)?.rule).toBe(rule);
    if (provenBy.length === 0) expect(listed.get(id)?.proof).toBe(why);
    for (const file of provenBy) {
      expect(listed.get(id)?.proof).toContain(`(../${file})`);
      expect(existsSync(new URL(`../../${file}`, import.meta.url))).toBe(true);
    }
  }
});
