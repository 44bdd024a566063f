import { expect, test } from '@jest/globals';
import { isConcerned, readChanges, type Change } from './changes.ts';

const changes: readonly Change[] = [
  { kind: 'case', subjects: ['7', '9'] },
  { kind: 'replay', subjects: null },
];

test.each([
  ['the case that is named', ['case', '7'], true],
  ['its timeline', ['timeline', '9'], true],
  ['another case', ['case', '8'], false],
  ['any replay where none is named', ['replay', '1'], true],
  ['its items', ['replay-items', '1', {}], true],
  ['a compensation, of which nothing is told', ['compensation', '1'], false],
  ['a list of cases', ['cases', { state: 'open' }, undefined], true],
  ['what a later screen asks for', ['anything new'], true],
  ['the person', ['me'], false],
  ['the sessions', ['sessions'], false],
])('news concerns %s as it should', (_, queryKey, concerned) => {
  expect(isConcerned(queryKey, changes)).toBe(concerned);
});

test('no news concerns nothing', () => {
  expect(isConcerned(['cases'], [])).toBe(false);
});

test('what is no news is refused', () => {
  expect(readChanges('{"changes":[]}')).toEqual([]);
  expect(() => readChanges('{}')).toThrow(TypeError);
  expect(() => readChanges('<html>')).toThrow(SyntaxError);
});
