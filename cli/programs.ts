/** The programs of the hub under the one command. Each keeps its own options and help. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { CliFailure } from './failure.ts';

interface Program {
  readonly file: string;
  /** Before what the command line says. */
  readonly args: readonly string[];
  readonly summary: string;
}

const hub = 'dlq-console/main.ts';

const programs: Readonly<Record<string, Program>> = {
  api: { file: hub, args: ['--roles', 'api'], summary: "runs the mall's API" },
  relay: { file: hub, args: ['--roles', 'relay'], summary: 'runs the relay, which publishes messages' },
  worker: { file: hub, args: ['--roles', 'worker'], summary: 'runs a settlement worker' },
  sweeper: {
    file: hub,
    args: ['--roles', 'sweeper'],
    summary: 'runs the sweeper, which wakes what nobody woke',
  },
  console: { file: hub, args: ['--roles', 'console'], summary: "runs the operators' API" },
  migrate: { file: hub, args: ['--roles', 'migrate'], summary: 'brings the database up to date' },
  keys: { file: 'hub/keys.ts', args: [], summary: 'makes, lists and revokes the API keys of malls' },
  operators: { file: 'hub/operators.ts', args: [], summary: 'invites the first admin, lets people in again' },
  import: { file: 'dev/import.ts', args: [], summary: 'places the orders of a file and compares all books' },
  certify: {
    file: 'adapters/certification/main.ts',
    args: [],
    summary: "tries a channel's adapter for all that its file promises",
  },
  simulate: { file: 'dev/simulate.ts', args: [], summary: 'proves the rules in simulated worlds' },
};

export function addPrograms(program: Command): void {
  for (const [name, { summary, file, args }] of Object.entries(programs)) {
    program
      .command(`${name} [arguments...]`)
      .summary(summary)
      .usage('[options]')
      // Its options are its own, and so is its help.
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action((given: readonly string[]) => become(file, [...args, ...given]));
  }
}

/** Runs a program in this very process, so that signals and the exit code are its own. */
async function become(file: string, args: readonly string[]): Promise<void> {
  const path = join(import.meta.dirname, '..', file);
  if (!existsSync(path)) {
    throw new CliFailure('HUB_CONFIG_INVALID', `${file} is not here`, {
      cure: 'It is for development, and part of a clone of the repository only.',
    });
  }
  process.argv = [process.argv[0] ?? 'node', path, ...args];
  await import(pathToFileURL(path).href);
}
