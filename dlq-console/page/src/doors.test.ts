import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const source = import.meta.dirname;

function filesWith(pattern: RegExp): readonly string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
    .filter((file) => pattern.test(readFileSync(join(source, file), 'utf8')));
}

test('one door leads to the server', () => {
  expect(filesWith(/\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|new EventSource/)).toEqual(['api.ts']);
});

test('what comes from outside becomes text nodes: nothing writes markup', () => {
  expect(filesWith(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write/)).toEqual([]);
});

test('no points become a number: they are decimal texts from end to end', () => {
  expect(filesWith(/(Number|parseFloat|parseInt)\(\s*[\w.]*points/i)).toEqual([]);
});
