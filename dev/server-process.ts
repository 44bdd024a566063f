import { type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { unwatch, watch } from './guard.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

const LOG_TAIL_LINES = 15;
const POLL_MS = 20;

/** A server program running in a session of its own, with its output in a file and the guard watching it. */
export interface ServerProcess {
  readonly identity: ProcessIdentity;
  /** Resolves, never rejects, once the process has exited; to a phrase such as `exit code 1`. */
  readonly exited: Promise<string>;
  /** `exited`, and holds this process alive until then, also after `letGo`. */
  awaitExit(): Promise<string>;
  /** From now on the running server does not hold this process alive. */
  letGo(): void;
  hasExited(): boolean;
  signal(signal: NodeJS.Signals): void;
}

export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly workingFolder: string;
  /** Gets standard output and error; the last run's is kept as `.previous`. Undefined: the output is dropped. */
  readonly logFile: string | undefined;
  /** Signal by which the guard ends the program if we die. */
  readonly endBy: 'INT' | 'TERM' | 'KILL';
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Starts the program. @throws Error when it cannot be executed at all. */
export async function launch(program: ServerProgram): Promise<ServerProcess> {
  const log = program.logFile === undefined ? 'ignore' : openLog(program.logFile);
  const options: SpawnOptions = {
    cwd: program.workingFolder,
    env: program.environment,
    detached: true,
    // A file, not a pipe: a server that outlives us must not block or die on a pipe that nobody reads.
    stdio: ['ignore', log, log],
    ...(program.owner === undefined ? {} : program.owner),
  };
  const child = spawn(program.command, program.args, options);
  const pid = child.pid;
  if (pid !== undefined) watch(pid, program.endBy);
  let ended = false;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      if (pid !== undefined) unwatch(pid);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`cannot start ${program.command}`, { cause })));
  }).finally(() => {
    if (typeof log === 'number') closeSync(log);
  });
  const identity = pid === undefined ? undefined : identify(pid);
  return {
    identity: identity ?? { pid: pid ?? 0, startedAt: 'exited' },
    exited,
    awaitExit: () => {
      child.ref();
      return exited;
    },
    letGo: () => child.unref(),
    hasExited: () => ended,
    signal: (signal) => {
      if (!ended) child.kill(signal);
    },
  };
}

/** Ends a process that may not be our child: by `signal`, after `graceMs` by SIGKILL; returns once it is gone. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  sendSignal(identity, signal);
  if (await isGoneWithin(identity, graceMs)) return;
  sendSignal(identity, 'SIGKILL');
  if (!(await isGoneWithin(identity, graceMs)))
    throw new Error(`process ${identity.pid} does not end by SIGKILL`);
}

/** The last lines of a log file, for an error message; empty when there is none. */
export function tailOf(logFile: string): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}

// What a program wrote before it died is what its restart must not erase.
function openLog(logFile: string): number {
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.previous`);
  return openSync(logFile, 'w', 0o644);
}

function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGoneWithin(identity: ProcessIdentity, graceMs: number): Promise<boolean> {
  const deadline = Date.now() + graceMs;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
