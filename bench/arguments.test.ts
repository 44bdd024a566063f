import { expect, test } from '@jest/globals';
import { readArguments, scenarioNames, type Plan } from './arguments.ts';

function plan(...args: readonly string[]): Plan {
  const read = readArguments(args, '/data');
  if (read === 'help') throw new Error('asked for help');
  return read;
}

test('without arguments everything is measured at full size, and nothing is written', () => {
  expect(plan()).toMatchObject({
    scenarios: scenarioNames,
    isQuick: false,
    outFile: undefined,
    writesDocs: false,
  });
});

test('scenarios run in the order of the list, each once, however they are named', () => {
  expect(plan('--only', 'settle,accept,settle').scenarios).toEqual(['accept', 'settle']);
});

test('files are found from where the person stands', () => {
  expect(plan('--out', 'figures.json', '--data', '../disk')).toMatchObject({
    outFile: '/data/figures.json',
    dataFolder: '/disk',
  });
});

test('quick makes every size smaller', () => {
  const [small, large] = [plan('--quick').sizes, plan().sizes];
  for (const name of Object.keys(small) as (keyof typeof small)[])
    expect(Math.max(...[small[name]].flat())).toBeLessThan(Math.max(...[large[name]].flat()));
});

test.each([
  [['--only', 'settle,fly'], '--only does not know "fly"; there are accept'],
  [['--only', ''], '--only does not know ""'],
  [['--out', 'figures.txt'], '--out figures.txt: must end in .json'],
  [['--data', ''], '--data needs a path'],
  [['--docs', '--quick'], '--docs is for a full run'],
  [['--docs', '--only', 'settle'], '--docs is for a full run'],
  [['--fast'], "Unknown option '--fast'"],
  [['settle'], "Unexpected argument 'settle'"],
])('%j is refused, and says why', (args, reason) => {
  expect(() => readArguments(args, '/data')).toThrow(reason);
});
