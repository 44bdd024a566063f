import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { topicMatches } from './topic-pattern.ts';

test.each([
  ['order.settled', 'order.settled', true],
  ['order.settled', 'order.cancelled', false],
  ['order.*', 'order.settled', true],
  ['order.*', 'order', false],
  ['order.*', 'order.refund.done', false],
  ['*.settled', 'order.settled', true],
  ['#', '', true],
  ['#', 'a.b.c', true],
  ['*', '', false],
  ['order.#', 'order', true],
  ['order.#', 'order.a.b', true],
  ['order.#', 'orders.a', false],
  ['#.done', 'done', true],
  ['#.done', 'a.b.done', true],
  ['a.#.b', 'a.b', true],
  ['a.#.b', 'a.x.y.b', true],
  ['a.#.b', 'a.x.y', false],
  ['a.*.#', 'a.b', true],
  ['a.*.#', 'a', false],
  ['a..b', 'a..b', true],
  ['a.*.b', 'a..b', true],
  ['', '', true],
  ['a.b', 'a.b.', false],
])('pattern "%s" and key "%s": %s', (pattern, key, expected) => {
  expect(topicMatches(pattern, key)).toBe(expected);
});

/** The definition, straight and slow. */
function matchesByDefinition(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === '#')
    return key.some((_, n) => matchesByDefinition(rest, key.slice(n))) || matchesByDefinition(rest, []);
  const [word, ...others] = key;
  return word !== undefined && (first === '*' || first === word) && matchesByDefinition(rest, others);
}

test('any pattern matches exactly the keys that its definition names', () => {
  const patternWords = fc.array(fc.constantFrom('a', 'b', '*', '#'), { minLength: 1, maxLength: 6 });
  const keyWords = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(patternWords, keyWords, (pattern, key) => {
      expect(topicMatches(pattern.join('.'), key.join('.'))).toBe(matchesByDefinition(pattern, key));
    }),
    { numRuns: 2_000 },
  );
});
