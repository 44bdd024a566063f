/** All commands of `points-hub`. */
import addCompletion from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import type { World } from './command.ts';
import { addAudit } from './commands/audit.ts';
import { addCases } from './commands/cases.ts';
import { addChannel } from './commands/channel.ts';
import { addCompensation } from './commands/compensation.ts';
import { addReplay } from './commands/replay.ts';
import { addSignIn } from './commands/sign-in.ts';
import { addPrograms } from './programs.ts';

const exitCodes = `
Exit codes: 0 all well, 1 some failed or nobody answered, 2 refused by a rule, 3 the situation has changed.
Environment: HUB_OPS_URL, HUB_OPS_TOKEN, NO_COLOR. docs/cli.md tells more.`;

export function openProgram(world: World): Command {
  const program = new Command('points-hub')
    .description('Looks after points-hub: what waits for a person, and every program of the hub.')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(--help tells what there is)')
    .addHelpText('after', exitCodes);
  program.commandsGroup('For operators, over the API of the console:');
  addCases(program, world);
  addReplay(program, world);
  addCompensation(program, world);
  addChannel(program, world);
  addAudit(program, world);
  addSignIn(program, world);
  program.commandsGroup('Programs of the hub, on the server itself:');
  addPrograms(program);
  program.commandsGroup('For the shell:');
  // It reads the commands that are there, so it comes last.
  addCompletion(program);
  program.commands.at(-1)?.summary('makes the completion of bash, zsh or fish');
  return program;
}
