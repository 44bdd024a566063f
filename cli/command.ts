/** What all commands about the operators' API have in common. */
import { Option, type Command } from 'commander';
import { openClient, type Client } from './client.ts';
import { readCredentials } from './credentials.ts';
import { CliFailure, type ExitCode } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** What a command finds around it. */
export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly now: () => Date;
  /** How the command ends if nothing is thrown; 0 if never called. */
  endWith(code: ExitCode): void;
}

export interface CommonOptions {
  readonly json?: true;
  readonly url?: string;
}

const defaultUrl = 'http://127.0.0.1:8081';

/** Adds a command with `--json`, `--url` and examples in its help. */
export function addCommand(
  parent: Command,
  usage: string,
  summary: string,
  examples: readonly string[],
): Command {
  const command = parent.command(usage).summary(summary).description(`${summary}.`);
  const lines = examples.map((example) => `  $ points-hub ${example}`);
  return command
    .addOption(new Option('--json', "print the API's own answer, for programs"))
    .addOption(new Option('--url <url>', 'of the console; else HUB_OPS_URL, else where you signed in last'))
    .addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** A name that has commands below it. */
export function addTopic(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(`${summary}.`);
}

/** @throws CliFailure */
export function urlOf({ env }: Pick<World, 'env'>, { url }: CommonOptions): string {
  const written = url ?? env['HUB_OPS_URL'] ?? readCredentials(env).current ?? defaultUrl;
  const parsed = URL.parse(written);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '') {
    throw new CliFailure('HUB_CONFIG_INVALID', `"${written}" is no address of a console`, {
      cure: 'Write it like https://ops.example.com',
    });
  }
  return parsed.origin;
}

/** The API, as the person whose token is set or kept. @throws CliFailure HUB_SIGN_IN_NEEDED */
export function connect(world: Pick<World, 'env'>, options: CommonOptions): Client {
  const url = urlOf(world, options);
  const token = world.env['HUB_OPS_TOKEN'] ?? readCredentials(world.env).consoles[url]?.token;
  if (token === undefined || token === '') {
    throw new CliFailure('HUB_SIGN_IN_NEEDED', `you are not signed in to ${url}`, {
      cure: 'Sign in: points-hub login, or set HUB_OPS_TOKEN.',
    });
  }
  // What is no header would be an error of the runtime that shows the token.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new CliFailure('HUB_ACCESS_TOKEN_WRONG', 'the token has characters that no token has');
  }
  return openClient(url, { authorization: `Bearer ${token}` });
}

/** What a guarded command takes besides. */
export interface SureOptions {
  readonly yes?: true;
  readonly expectCount?: string;
}

export function addSureOptions(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask; needed where nobody can be asked')
    .option('--expect-count <n>', 'how many you mean; with another number nothing is done (exit code 3)');
}

/**
 * Makes sure that the person means it: asks him, or where nobody can be asked demands `--yes --expect-count`.
 *
 * @throws CliFailure with exit code 3 if there are more or fewer than he expects, 2 if he does not want it
 */
export async function makeSure(
  { terminal }: Pick<World, 'terminal'>,
  { yes, expectCount }: SureOptions,
  count: number,
  question: string,
): Promise<void> {
  if (expectCount !== undefined && Number(expectCount) !== count) {
    throw new CliFailure('COUNT_DIFFERS', `there are ${count}, and --expect-count says ${expectCount}`, {
      exitCode: 3,
      cure: 'Nothing was done. Look at what has changed, and name the number that you mean.',
    });
  }
  if (yes === true && (expectCount !== undefined || terminal.canAsk)) return;
  if (!terminal.canAsk) {
    throw new CliFailure('NOT_CONFIRMED', `this is about ${count}, and nobody can be asked`, {
      exitCode: 2,
      cure: `Nothing was done. If you mean it: --yes --expect-count ${count}`,
    });
  }
  if (!(await asked(question))) {
    throw new CliFailure('NOT_CONFIRMED', 'you did not confirm', { exitCode: 2, cure: 'Nothing was done.' });
  }
}

async function asked(question: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  const answer = await whileOpen((signal) =>
    confirm({ message: question, initialValue: false, output: process.stderr, signal }),
  );
  return answer === true;
}

/** Asks for a password, or reads it from standard input's first line. @throws CliFailure */
export async function askPassword(
  { terminal }: Pick<World, 'terminal'>,
  message: string,
  isFromInput: boolean,
): Promise<string> {
  if (isFromInput) return readInputLine();
  if (!terminal.canAsk) {
    throw new CliFailure('NOT_CONFIRMED', 'a password is needed, and nobody can be asked for it', {
      exitCode: 2,
      cure: 'Send it to standard input, and say so: --password-stdin',
    });
  }
  const { password } = await import('@clack/prompts');
  const given = await whileOpen((signal) => password({ message, output: process.stderr, signal }));
  if (typeof given === 'string' && given !== '') return given;
  throw new CliFailure('NOT_CONFIRMED', 'no password was given', { exitCode: 2, cure: 'Nothing was done.' });
}

/** A prompt does not notice that the terminal is gone; it is cancelled then. */
async function whileOpen<Answer>(prompt: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  process.stdin.once('end', leave);
  try {
    return await prompt(gone.signal);
  } finally {
    process.stdin.off('end', leave);
  }
}

/** The first line of standard input. */
export async function readInputLine(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) text += String(chunk);
  return text.split(/\r?\n/, 1)[0] ?? '';
}
