import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endProcess, launch, tailOf } from '../../dev/server-process.ts';

/** A program of ours in a process of its own. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** SIGTERM, and waits for the end. Idempotent. @throws Error if it had ended by itself before */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  readonly args: readonly string[];
  /** Of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** What its log says once it is ready; undefined: started is ready. */
  readonly readyText: string | undefined;
}

const root = join(import.meta.dirname, '../..');
const readyWithinMs = 60_000;
const stopWithinMs = 40_000;
const pollMs = 20;

/** Resolves when the program is ready. @throws Error with the end of its log when it does not become so */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, file, args, nodeArgs = [], environment, folder, readyText } = options;
  const logFile = join(folder, `${name}.log`);
  const started = await launch({
    command: process.execPath,
    args: [...nodeArgs, join(root, file), ...args],
    environment,
    workingFolder: folder,
    logFile,
    endBy: 'TERM',
  });
  const deadline = Date.now() + readyWithinMs;
  const isReady = (): boolean => readyText === undefined || readFileSync(logFile, 'utf8').includes(readyText);
  while (!isReady()) {
    if (started.hasExited()) throw new Error(`${name} did not start:\n${tailOf(logFile)}`);
    if (Date.now() > deadline) throw new Error(`${name} was not ready in time:\n${tailOf(logFile)}`);
    await delay(pollMs);
  }
  let ending: Promise<void> | undefined;
  return {
    name,
    pid: started.identity.pid,
    logFile,
    stop: () => {
      ending ??= (async () => {
        if (started.hasExited()) throw new Error(`${name} ended by itself:\n${tailOf(logFile)}`);
        await endProcess(started.identity, 'SIGTERM', stopWithinMs);
        await started.awaitExit();
      })();
      return ending;
    },
  };
}

/** Runs a program of ours to its end. @returns its output @throws Error with its last words */
export async function runProgram(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, file), ...args], {
    env: environment,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}
