import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { readArguments, type Plan } from './arguments.ts';
import { bytesNeeded, checkDisk } from './disk-need.ts';

function plan(...args: readonly string[]): Plan {
  const read = readArguments(args, '/data');
  if (read === 'help') throw new Error('asked for help');
  return read;
}

test('the longest history decides what disk a full run needs', () => {
  expect(bytesNeeded(plan())).toBe(bytesNeeded(plan('--only', 'history,backlog')));
  expect(bytesNeeded(plan())).toBeGreaterThan(20e9);
  expect(bytesNeeded(plan('--only', 'settle'))).toBeLessThan(5e9);
});

test('a run that does not fit is refused before anything starts, with what it needs', () => {
  const said: string[] = [];
  const huge = { ...plan(), sizes: { ...plan().sizes, historyOrders: [1e15] } };
  expect(() => checkDisk(huge, tmpdir(), (line) => said.push(line))).toThrow('not enough disk');
  expect(said.join()).toMatch(/^Disk: \d+\.\d GB needed in .*, \d+\.\d GB free$/);
});
