import { afterEach, expect, test } from '@jest/globals';
import { patchedCopy, type PatchedCopy } from './patched-copy.ts';
import { mutations } from './rules.ts';

let copy: PatchedCopy | undefined;
afterEach(() => copy?.remove());

test.each(mutations)('the patch that takes away $rule still fits the code', ({ patches }) => {
  copy = patchedCopy(patches);
  expect(copy.folder).not.toBe('');
});

test('a patch whose text is not there says so', () => {
  const lost = { file: 'hub/core/order.ts', text: 'no such text', without: '' };
  expect(() => patchedCopy([lost])).toThrow('hub/core/order.ts has this text 0 times, not once');
});
