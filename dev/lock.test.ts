import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { takeLock, type Lock } from './lock.ts';
import { identifySelf } from './process-identity.ts';

const contenders = 6;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'points-hub-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a lock that is held names its living owner', () => {
  taken();
  expect(takeLock(folder)).toEqual({ type: 'held', owner: identifySelf() });
});

test('a released lock can be taken again, and releasing the old one twice does not free the new one', () => {
  const first = taken();
  first.release();
  taken();
  first.release();
  expect(takeLock(folder)).toMatchObject({ type: 'held' });
});

test('an owner that died without releasing is succeeded, even if another process has its number now', () => {
  writeFileSync(
    join(folder, 'lock.1'),
    JSON.stringify({ pid: process.pid, startedAt: 'an earlier process' }),
  );
  expect(takeLock(folder)).toMatchObject({ type: 'taken' });
});

test('a lock file cut short by a crash of the machine belongs to nobody', () => {
  writeFileSync(join(folder, 'lock.7'), '{"pid":');
  taken();
  expect(readdirSync(folder)).toEqual(['lock.8']);
});

test('of many processes that find the same dead owner at once exactly one gets the lock', async () => {
  writeFileSync(join(folder, 'lock.1'), JSON.stringify({ pid: 1, startedAt: 'long gone' }));
  const module = JSON.stringify(join(import.meta.dirname, 'lock.ts'));
  // Each holds on until all have answered: an owner that exits would rightly be succeeded.
  const script = `
    const { takeLock } = await import(${module});
    process.stdin.resume();
    console.log(takeLock(${JSON.stringify(folder)}).type);`;
  const children = Array.from({ length: contenders }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const exits = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  const answers = await Promise.all(children.map(({ stdout }) => firstLine(stdout)));
  for (const child of children) child.stdin.end();
  await Promise.all(exits);
  expect(answers.toSorted()).toEqual([...Array.from({ length: contenders - 1 }, () => 'held'), 'taken']);
});

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  return 'no answer';
}

function taken(): Lock {
  const outcome = takeLock(folder);
  if (outcome.type === 'held') throw new Error(`held by ${outcome.owner.pid}`);
  return outcome.lock;
}
