/** The command `points-hub`. */
import { CommanderError } from 'commander';
import { CliFailure } from './failure.ts';
import { openProgram } from './program.ts';
import { openTerminal } from './terminal.ts';
import { plainLines, safeJson } from './text.ts';

const terminal = openTerminal();

// A reader that has seen enough, as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  const program = openProgram({
    env: process.env,
    terminal,
    now: () => new Date(),
    endWith: (code) => (process.exitCode = code),
  });
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = tell(error);
}

/** @returns the exit code */
function tell(error: unknown): number {
  // Help and version are thrown as well, with 0. A command line that cannot be read is refused by a rule.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof CliFailure)) throw error;
  if (process.argv.includes('--json')) {
    terminal.aside(safeJson({ ...error.problem, cure: error.cure, exitCode: error.exitCode }));
    return error.exitCode;
  }
  const [first = '', ...rest] = plainLines(error.message);
  terminal.aside(`points-hub: ${first} (${error.problem.code})`);
  for (const line of rest) terminal.aside(`  ${line}`);
  if (error.cure !== undefined) terminal.aside(error.cure);
  return error.exitCode;
}
