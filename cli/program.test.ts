import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { errorTable } from '@points-hub/hub/errors';
import { CliFailure } from './failure.ts';
import { openProgram } from './program.ts';
import { openTerminal } from './terminal.ts';

const world = { env: {}, terminal: openTerminal(), now: () => new Date(), endWith: () => undefined };

function leavesOf(command: Command, path: string): { readonly path: string; readonly command: Command }[] {
  const here = `${path} ${command.name()}`.trim();
  if (command.commands.length === 0) return [{ path: here, command }];
  return command.commands.flatMap((one) => leavesOf(one, here));
}

const leaves = openProgram(world).commands.flatMap((command) => leavesOf(command, ''));

test('there is every command that is promised', () => {
  const promised = `
    cases groups|cases list|cases show|cases query-channel|cases claim|cases note|cases retry|cases resolve
    cases ignore|cases restore|replay preview|replay start|replay watch|replay pause|replay resume|replay cancel
    replay retry-failed|compensation request|compensation approve|compensation reject|compensation list
    channel list|channel pause|channel resume|channel limit|audit list|audit export|audit verify|login|logout|whoami
    cases export|compensation show|compensation withdraw|compensation thresholds|compensation threshold
    api|relay|worker|sweeper|console|migrate|import|simulate|certify|keys|operators|complete`
    .split(/[|\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  expect(leaves.map(({ path }) => path)).toEqual(expect.arrayContaining(promised));
});

const ofTheApi = leaves.filter(({ command }) => command.options.some(({ long }) => long === '--json'));

test.each(ofTheApi.map(({ path, command }) => [path, command] as const))(
  'the help of "%s" has examples of that very command',
  (path, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toContain(`  $ points-hub ${path}`);
    expect(help).toContain('--json');
  },
);

test('an error ends with the exit code of its code, and one that is not known is a refusal', () => {
  for (const [code, { exitCode }] of Object.entries(errorTable)) {
    expect([code, new CliFailure(code, '').exitCode]).toEqual([code, exitCode]);
  }
  expect(new CliFailure('HUB_FROM_THE_FUTURE', '').exitCode).toBe(2);
  expect(new CliFailure('toString', '').exitCode).toBe(2);
});
