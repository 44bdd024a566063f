import { expect, test } from '@jest/globals';
import { places, wishOf, type Pressed } from './keys.ts';

const idle: Pressed = {
  key: '',
  hasModifier: false,
  isComposing: false,
  isWriting: false,
  isDialogOpen: false,
  isInList: false,
  isAfterG: false,
};

test('keys show the list of keys, find the search, and move in lists', () => {
  expect(wishOf({ ...idle, key: '?' })).toEqual({ type: 'help' });
  expect(wishOf({ ...idle, key: '/' })).toEqual({ type: 'search' });
  expect(wishOf({ ...idle, key: 'j' })).toEqual({ type: 'move', by: 1 });
  expect(wishOf({ ...idle, key: 'k' })).toEqual({ type: 'move', by: -1 });
});

test('arrows move in a list and scroll elsewhere', () => {
  expect(wishOf({ ...idle, key: 'ArrowDown' })).toBeUndefined();
  expect(wishOf({ ...idle, key: 'ArrowDown', isInList: true })).toEqual({ type: 'move', by: 1 });
});

test('g and another key go to a screen; another key after g does nothing', () => {
  expect(wishOf({ ...idle, key: 'g' })).toEqual({ type: 'wait' });
  for (const [key, path] of Object.entries(places)) {
    expect(wishOf({ ...idle, key, isAfterG: true })).toEqual({ type: 'go', path });
  }
  expect(wishOf({ ...idle, key: 'j', isAfterG: true })).toBeUndefined();
});

test('nothing is done by a key that writes, ends a Chinese word, belongs to a dialog or to the browser', () => {
  const not = ['hasModifier', 'isComposing', 'isWriting', 'isDialogOpen'] as const;
  for (const reason of not) {
    for (const key of ['?', '/', 'j', 'k', 'g', 'ArrowDown', 'Enter']) {
      expect(wishOf({ ...idle, key, isInList: true, [reason]: true })).toBeUndefined();
    }
  }
});

test('no key does anything but these: none acts on a case', () => {
  const keys = 'abcdefhilmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split('');
  for (const key of [...keys, 'Enter', ' ', 'Delete', 'Backspace']) {
    expect(wishOf({ ...idle, key })).toBeUndefined();
  }
});
