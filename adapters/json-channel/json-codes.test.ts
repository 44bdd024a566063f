import { describe, expect, test } from '@jest/globals';

import type { CodeTable } from '../classification.ts';
import { PORTAL_CODES } from '../portal/portal-codes.ts';
import { JSON_CHANNEL_DOCUMENT, PORTAL_DOCUMENT, type OpenapiDocument } from '../testing/openapi-document.ts';
import { JSON_CHANNEL_CODES } from './json-codes.ts';

/** Mapped by their status alone, whatever the body says; or a wrong address, which proves nothing. */
const WITHOUT_MEANING = ['401 UNAUTHENTICATED', '429 RATE_LIMITED', '404 NOT_FOUND'];

describe.each<[string, CodeTable, OpenapiDocument]>([
  ['json channel', JSON_CHANNEL_CODES, JSON_CHANNEL_DOCUMENT],
  ['portal', PORTAL_CODES, PORTAL_DOCUMENT],
])('the codes of the %s', (_, table, document) => {
  const mapped = [...table].map(([code, { status }]) => `${status} ${code}`);

  test('are mapped if and only if they are documented, each with its status', () => {
    const documented = document.problems().filter((problem) => !WITHOUT_MEANING.includes(problem));
    expect(new Set(mapped)).toEqual(new Set(documented));
  });

  test('are all listed in the document', () => {
    const problems = document.problems().map((problem) => problem.split(' ')[1]);
    expect(new Set([...problems, 'INTERNAL_ERROR'])).toEqual(new Set(document.codes()));
  });
});
