import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { en } from './en.ts';
import { zh } from './zh.ts';

interface Words {
  readonly [key: string]: string | Words;
}

const source = join(import.meta.dirname, '..');

function leaves(words: Words, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') found.set(`${prefix}${key}`, value);
    else for (const [path, text] of leaves(value, `${prefix}${key}.`)) found.set(path, text);
  }
  return found;
}

const english = leaves(en);
const chinese = leaves(zh);

function sources(): readonly string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/test\.ts$|words\/(en|zh)\.ts$|api-schema/.test(file))
    .map((file) => readFileSync(join(source, file), 'utf8'));
}

test('both languages say the same things, with the same figures in them, and none says nothing', () => {
  expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  const figures = (text: string): readonly string[] =>
    [...text.matchAll(/\{\{\w+\}\}/g)].map(String).toSorted();
  for (const [key, text] of english) {
    expect({ key, figures: figures(chinese.get(key) ?? '') }).toEqual({ key, figures: figures(text) });
    expect(text.trim()).not.toBe('');
    expect((chinese.get(key) ?? '').trim()).not.toBe('');
  }
});

test('whatever the page asks for by name is there', () => {
  const asked = sources().flatMap((text) =>
    [...text.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(([, key = '']) => key),
  );
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter((key) => !english.has(key))).toEqual([]);
});

test('whatever the page asks for by a part has words below that part', () => {
  const parts = sources().flatMap((text) =>
    [...text.matchAll(/\bt\(\s*`([\w.]+)\.\$\{/g)].map(([, key = '']) => key),
  );
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.filter((part) => ![...english.keys()].some((key) => key.startsWith(`${part}.`)))).toEqual([]);
});

test('every state and kind that the contract names has words in both languages', () => {
  const contract = readFileSync(join(source, 'api-schema.ts'), 'utf8');
  const named = (field: string, of: RegExp): readonly string[] => {
    const block = of.exec(contract)?.[0] ?? '';
    const union = new RegExp(`\\b${field}:\\s*((?:\\|?\\s*'\\w+'\\s*)+)`).exec(block)?.[1] ?? '';
    const words = [...union.matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
    expect({ field, words: words.length > 1 }).toEqual({ field, words: true });
    return words;
  };
  const wanted = [
    ...named('state', /\n {4}Case: [\s\S]*?\n {4}\};/).map((word) => `state.${word}`),
    ...named('state', /\n {4}Replay: [\s\S]*?\n {4}\};/).map((word) => `replayState.${word}`),
    ...named('state', /\n {4}ReplayItems: [\s\S]*?\n {4}\};/).map((word) => `itemState.${word}`),
    ...named('kind', /\n {4}Compensation: [\s\S]*?\n {4}\};/).map((word) => `kind.${word}`),
    ...named('state', /\n {4}Compensation: [\s\S]*?\n {4}\};/).map((word) => `compensationState.${word}`),
  ];
  expect(wanted.filter((key) => !english.has(key))).toEqual([]);
});
