import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@points-hub/dev/testing';
import { dismissGuard } from '../../dev/guard.ts';
import { freePort } from '../../dev/ports.ts';
import { endProcess, launch, tailOf, type ServerProcess } from '../../dev/server-process.ts';

export interface ConsoleProcess {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL, as by a crash or the kernel's memory killer. */
  kill(): Promise<void>;
  /** SIGTERM, and all that it left. */
  close(): Promise<void>;
}

export interface ConsoleProcessOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly configFolder: string;
  readonly prefix: string;
}

/** The operators' console as a process of its own, to be killed and started again on the same port. */
export async function consoleProcess(options: ConsoleProcessOptions): Promise<ConsoleProcess> {
  const { environment, configFolder, prefix } = options;
  const folder = mkdtempSync(join(tmpdir(), 'points-hub-console-'));
  const logFile = join(folder, 'console.log');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let current: ServerProcess | undefined;
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (current === undefined) return;
    const ending = current;
    current = undefined;
    await endProcess(ending.identity, signal, 30_000);
    await ending.awaitExit();
  };
  return {
    url,
    start: async () => {
      const main = join(import.meta.dirname, '../main.ts');
      const where = ['--config', configFolder, '--prefix', prefix, '--console-port', String(port)];
      const started = await launch({
        command: process.execPath,
        args: [main, '--roles', 'console', ...where],
        environment: { ...process.env, ...environment },
        workingFolder: folder,
        logFile,
        endBy: 'TERM',
      });
      current = started;
      await eventually(
        'the console is up',
        async () => {
          if (started.hasExited()) throw new Error(`the console ended:\n${tailOf(logFile)}`);
          return (await fetch(`${url}/ops/v1/openapi.json`)).ok;
        },
        30_000,
      );
    },
    kill: () => end('SIGKILL'),
    close: async () => {
      await end('SIGTERM');
      await dismissGuard();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
