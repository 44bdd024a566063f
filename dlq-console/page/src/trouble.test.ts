import { expect, test } from '@jest/globals';
import { Trouble, troubleOf, wordsFor } from './trouble.ts';

test('a refusal is told by its code, else by its status', () => {
  const refused = troubleOf(409, { code: 'HUB_CASE_CHANGED', detail: 'it is at version 4' });
  expect(refused).toMatchObject({ kind: 'refused', status: 409, detail: 'it is at version 4' });
  expect(wordsFor(refused)).toEqual(['trouble.HUB_CASE_CHANGED', 'trouble.status409', 'trouble.refused']);
});

test("what is no problem document, a proxy's page for one, is never shown as a refusal", () => {
  expect(troubleOf(502, '<html>bad gateway</html>').kind).toBe('away');
  expect(troubleOf(200, undefined).kind).toBe('broken');
  expect(troubleOf(503, { code: 'HUB_UNAVAILABLE', detail: '' }).kind).toBe('away');
});

test('slow is another thing than away: what was asked may still happen', () => {
  expect(wordsFor(new Trouble('slow'))).toEqual(['trouble.slow']);
  expect(wordsFor(new Trouble('away'))).toEqual(['trouble.away']);
  expect(wordsFor(new Error('a fault of the page'))).toEqual(['trouble.broken']);
});
