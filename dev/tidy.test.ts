import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { missingOptionalPackages, type Lockfile } from './complete-lockfile.ts';

// What no other tool checks. Each failure lists `FILE:LINE text`, and the test's name says the cure.
const root = join(import.meta.dirname, '..');
const folders = ['adapters', 'bench', 'cli', 'dev', 'dlq-console', 'docs', 'hub', 'outbox'];
const self = relative(root, import.meta.filename);

test('nothing is left for later: do it now or open an issue', () => {
  expect(linesMatching(/\b(TODO|FIXME|XXX|HACK)\b/, () => true)).toEqual([]);
});

test('the outbox speaks only of messages: words of the hub belong in hub/', () => {
  const isSource = (file: string): boolean =>
    file.startsWith('outbox/') && /\.(ts|sql)$/.test(file) && !/test(ing)?\b/.test(file);
  expect(linesMatching(/\b(quota|deductions?|portal|refunds?)\b/i, isSource)).toEqual([]);
});

test('no folder is named for what it is not: name it for what it holds', () => {
  const vague = folders
    .flatMap((folder) => filesBelow(folder))
    .filter((file) => /(^|\/)(shared|common|utils?|lib|helpers?)\//.test(file));
  expect(vague).toEqual([]);
});

test('the lockfile names no registry: run npm install with the .npmrc of this repository', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
});

test('the lockfile knows every platform: run npm run lock', () => {
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  expect([...missingOptionalPackages(lockfile).keys()]).toEqual([]);
});

function linesMatching(pattern: RegExp, isChosen: (file: string) => boolean): string[] {
  return folders
    .flatMap((folder) => filesBelow(folder))
    .filter((file) => isChosen(file) && file !== self && /\.(ts|tsx|mjs|sql|md|ya?ml)$/.test(file))
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    );
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules/'));
}
