import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identify } from './process-identity.ts';
import { eventually } from './testing/index.ts';

// A project of its own that looks installed: the lockfile lists one package and npm's record has it.
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'points-hub-bootstrap-'));
  mkdirSync(join(project, 'dev'));
  cpSync(join(import.meta.dirname, 'bootstrap.mjs'), join(project, 'dev', 'bootstrap.mjs'));
  for (const folder of ['node/bin', '.bin'])
    mkdirSync(join(project, 'node_modules', folder), { recursive: true });
  symlinkSync(process.execPath, join(project, 'node_modules', 'node', 'bin', 'node'));
  const packages = { 'node_modules/thing': { version: '1.0.0' } };
  write('package-lock.json', JSON.stringify({ packages }));
  write('node_modules/.package-lock.json', JSON.stringify({ packages }));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

test('arguments and exit code pass through, and node_modules/.bin comes first in PATH', async () => {
  write(
    'dev/entry.ts',
    `
    const args: string[] = process.argv.slice(2);
    console.log(JSON.stringify({ args, bin: process.env.PATH?.split(':')[0] }));
    process.exit(7);`,
  );
  const run = bootstrap(['dev/entry.ts', '--twice', 'a b']);
  const line = await firstLine(run);
  expect(JSON.parse(line)).toEqual({ args: ['--twice', 'a b'], bin: join(project, 'node_modules', '.bin') });
  expect(await exitOf(run)).toEqual([7, null]);
});

test('a signal that arrives twice, as Ctrl-C under npm does, reaches the program once and its end is waited for', async () => {
  write(
    'dev/entry.ts',
    `
    let signals = 0;
    process.on('SIGINT', () => {
      signals += 1;
      setTimeout(() => process.exit(40 + signals), 200);
    });
    setInterval(() => undefined, 1_000);
    console.log('ready');`,
  );
  const run = bootstrap(['dev/entry.ts']);
  await firstLine(run);
  run.kill('SIGINT');
  run.kill('SIGINT');
  expect(await exitOf(run)).toEqual([41, null]);
});

test('a program that dies by a signal is told as the shell tells it', async () => {
  write('dev/entry.ts', `process.kill(process.pid, 'SIGKILL');`);
  expect(await exitOf(bootstrap(['dev/entry.ts']))).toEqual([137, null]);
});

test('killed with SIGKILL, it still has the program end in order', async () => {
  write(
    'dev/entry.ts',
    `
    import { writeFileSync } from 'node:fs';
    process.on('SIGTERM', () => { writeFileSync('ended', 'in order'); process.exit(0); });
    setInterval(() => undefined, 1_000);
    console.log(process.pid);`,
  );
  const run = bootstrap(['dev/entry.ts']);
  const pid = Number(await firstLine(run));
  run.kill('SIGKILL');
  await eventually('the program ends', () => Promise.resolve(identify(pid) === undefined));
});

test('when npm is ended, whose shell dies without a word, the program still ends in order', async () => {
  write('dev/entry.ts', 'setInterval(() => undefined, 1_000); console.log(process.pid);');
  const command = `"${process.execPath}" "${join(project, 'dev', 'bootstrap.mjs')}" dev/entry.ts; true`;
  const shell = spawn('/bin/sh', ['-c', command], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(await firstLine(shell));
  shell.kill('SIGTERM');
  await eventually('the program ends', () => Promise.resolve(identify(pid) === undefined));
});

test('an entry that does not exist is named', async () => {
  const run = bootstrap(['dev/missing.ts']);
  const [how, said] = await Promise.all([exitOf(run), all(run)]);
  expect(how).toEqual([1, null]);
  expect(said).toContain('there is no dev/missing.ts');
});

test.each([
  ['another version is installed', { 'node_modules/thing': { version: '0.9.0' } }],
  ['a package is missing', {}],
])('npm ci runs when %s', async (_, packages) => {
  write('node_modules/.package-lock.json', JSON.stringify({ packages }));
  write('dev/entry.ts', '');
  // This project's lockfile is none that npm accepts, so npm's refusal shows that it was asked.
  const run = bootstrap(['dev/entry.ts']);
  const [how, said] = await Promise.all([exitOf(run), all(run)]);
  expect(said).toContain('Installing dependencies (npm ci)');
  expect(how).toEqual([1, null]);
});

test('an optional package of another platform does not have to be there', async () => {
  const packages = { 'node_modules/thing-darwin': { version: '1.0.0', optional: true } };
  write('package-lock.json', JSON.stringify({ packages }));
  write('dev/entry.ts', 'process.exit(3);');
  expect(await exitOf(bootstrap(['dev/entry.ts']))).toEqual([3, null]);
});

function write(file: string, source: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), source);
}

function bootstrap(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(project, 'dev', 'bootstrap.mjs'), ...args], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Exit code and signal, as the event tells them. */
async function exitOf(run: ChildProcess): Promise<unknown[]> {
  if (run.exitCode === null && run.signalCode === null) await once(run, 'exit');
  return [run.exitCode, run.signalCode];
}

async function firstLine({ stdout }: Pick<ChildProcess, 'stdout'>): Promise<string> {
  if (stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(stdout), 'line')) as [string];
  return line;
}

async function all({ stdout, stderr }: ChildProcess): Promise<string> {
  if (stdout === null || stderr === null) throw new Error('no output');
  return (await Promise.all([text(stdout), text(stderr)])).join('');
}
