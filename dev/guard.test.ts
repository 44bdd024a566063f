import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { dismissGuard, unwatch, watch } from './guard.ts';
import { identify } from './process-identity.ts';
import { eventually } from './testing/index.ts';

test('a guard that still has something in its care is not dismissed, so nothing is ended by mistake', async () => {
  const sleeper = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const pid = sleeper.pid ?? 0;
  watch(pid, 'TERM');
  await dismissGuard();
  expect(identify(pid)).toBeDefined();
  sleeper.kill('SIGKILL');
  await once(sleeper, 'exit');
  unwatch(pid);
  await dismissGuard();
});

test('when the starter is killed, what it watched ends and its temporary folder goes; what it took back stays', async () => {
  const [doomed, kept] = ['doomed', 'kept'].map((name) => mkdtempSync(join(tmpdir(), `points-hub ${name}-`)));
  const module = JSON.stringify(join(import.meta.dirname, 'guard.ts'));
  const script = `
    import { spawn } from 'node:child_process';
    const { keepFolder, removeFolderOnDeath, unwatch, watch } = await import(${module});
    const [one, other] = [1, 2].map(() => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).pid);
    watch(one, 'TERM');
    watch(other, 'TERM');
    unwatch(other);
    for (const folder of ${JSON.stringify([doomed, kept])}) removeFolderOnDeath(folder);
    keepFolder(${JSON.stringify(kept)});
    console.log(one + ' ' + other);
    setInterval(() => undefined, 60_000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [watched = 0, other = 0] = (await firstLine(starter)).split(' ').map(Number);
  starter.kill('SIGKILL');
  await eventually('the watched one ends', () => Promise.resolve(identify(watched) === undefined));
  await eventually('the folder goes', () => Promise.resolve(!existsSync(doomed ?? '')));
  expect(identify(other)).toBeDefined();
  expect(existsSync(kept ?? '')).toBe(true);
  process.kill(other, 'SIGKILL');
  rmSync(kept ?? '', { recursive: true });
});

async function firstLine({ stdout }: Pick<ChildProcess, 'stdout'>): Promise<string> {
  if (stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(stdout), 'line')) as [string];
  return line;
}
