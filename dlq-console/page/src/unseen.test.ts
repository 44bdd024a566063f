import { expect, test } from '@jest/globals';
import { partsOf } from './unseen.ts';

test('a mark that turns the direction of writing is shown by its name, where it stands', () => {
  expect(partsOf('ok\u202Efdp.exe')).toEqual([
    { text: 'ok', isUnseen: false },
    { text: 'U+202E', isUnseen: true },
    { text: 'fdp.exe', isUnseen: false },
  ]);
});

test('what steers a terminal or hides is shown, too; lines, tabs, emoji and other scripts are not touched', () => {
  expect(partsOf('\u001B[2J\u200B').filter(({ isUnseen }) => isUnseen)).toEqual([
    { text: 'U+001B', isUnseen: true },
    { text: 'U+200B', isUnseen: true },
  ]);
  for (const plain of ['一行\n二行\t三', '👩‍💻', 'می‌خواهم', '=1+1', '<script>']) {
    expect(partsOf(plain)).toEqual([{ text: plain, isUnseen: false }]);
  }
  expect(partsOf('')).toEqual([]);
});
