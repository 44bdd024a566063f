import { join } from 'node:path';
import { eventually } from '../testing/index.ts';
import { endProcess, launch, tailOf, type ServerProcess } from '../server-process.ts';

export interface HubProcessOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly port: number;
  readonly args?: readonly string[];
}

/** A hub in a process of its own, to be killed and started again on the same port. */
export interface HubProcess {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL, as by a crash or the kernel's memory killer. */
  kill(): Promise<void>;
  /** SIGTERM, as by an orderly deployment. @returns how it ended */
  stop(): Promise<string>;
}

export function hubProcess({ environment, folder, port, args = [] }: HubProcessOptions): HubProcess {
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'hub.log');
  let current: ServerProcess | undefined;
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<string> => {
    if (current === undefined) return 'not running';
    const ending = current;
    current = undefined;
    await endProcess(ending.identity, signal, 30_000);
    return ending.awaitExit();
  };
  return {
    url,
    start: async () => {
      const config = join(import.meta.dirname, '../config');
      const main = join(import.meta.dirname, '../../hub/main.ts');
      const started = await launch({
        command: process.execPath,
        args: [main, '--config', config, '--port', String(port), '--sweep-every', '500', ...args],
        environment,
        workingFolder: folder,
        logFile,
        endBy: 'TERM',
      });
      current = started;
      await eventually(
        `the hub is up`,
        async () => {
          if (started.hasExited()) throw new Error(`the hub ended:\n${tailOf(logFile)}`);
          return (await fetch(`${url}/healthz`)).ok;
        },
        30_000,
      );
    },
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
