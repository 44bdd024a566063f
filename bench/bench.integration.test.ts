import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import type { Run } from './report/run.ts';

const withinMs = 180_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The benchmark as a person starts it, with its databases in a folder of the test. */
function bench(...args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), '--data', join(folder, 'data'), ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, exited, output: () => output };
}

test(
  'a quick run measures, finds the books in agreement, writes its figures and leaves nothing behind',
  async () => {
    const out = join(folder, 'figures.json');
    const { exited, output } = bench('--quick', '--only', 'accept,relay,settle', '--out', out);
    const code = await exited;
    expect({ code, output: code === 0 ? '' : output() }).toEqual({ code: 0, output: '' });
    const run = JSON.parse(readFileSync(out, 'utf8')) as Run;
    for (const name of [
      'accept.orders/s',
      'relay.messages/s',
      'settle.0ms.hub.orders/s',
      'settle.20ms.ceiling.orders/s',
    ])
      expect(run.figures[name]).toBeGreaterThan(0);
    expect(run.machine.durability).toBe('fsync on, synchronous_commit on, full_page_writes on');
    expect(Object.values(run.raw.after).every((rate) => rate > 0)).toBe(true);
    expect(run.verdicts.filter(({ met }) => met !== 'not measured')).toHaveLength(5);
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'figures.json', 'figures.settle.svg']);
    expect(readdirSync(join(folder, 'data'))).toEqual([]);
  },
  withinMs,
);

test(
  'an interrupted run ends its servers, removes its data and says so',
  async () => {
    const { child, exited, output } = bench('--quick', '--only', 'settle');
    await eventually('it measures', () => Promise.resolve(output().includes('Raw limits')), 120_000);
    child.kill('SIGINT');
    expect(await exited).toBe(130);
    expect(output()).toContain('Interrupted');
    expect(readdirSync(join(folder, 'data'))).toEqual([]);
  },
  withinMs,
);

test('a wrong argument ends it with code 2 and a sentence, before anything is started', async () => {
  const { exited, output } = bench('--only', 'fly');
  expect(await exited).toBe(2);
  expect(output()).toMatch(/^--only does not know "fly"; there are accept, relay, /);
  expect(readdirSync(folder)).toEqual([]);
});
