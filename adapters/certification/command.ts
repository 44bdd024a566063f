/** `npm run certify`, without the process around it: what it says and asks goes through `Terminal`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { readChannelDescription, type ChannelDescription } from '../channel-description.ts';
import { readBaseUrl } from '../environment.ts';
import { ApiDocument } from './api-document.ts';
import { certify, type CertifyOptions } from './certify.ts';
import { environmentFor, namedIn } from './environment.ts';
import { isCertified, writeTable } from './report.ts';
import { documentOf, playerOf } from './shapes/index.ts';
import { testEnvironmentOf } from './shapes/test-environment.ts';

const USAGE = `npm run certify -- path/to/channel.yaml [--json] [--document openapi.yaml]
    [--against test-environment --member REF [--yes]]`;

/** Who sits in front of it. */
export interface Terminal {
  readonly print: (text: string) => void;
  /** Asks for yes or no; undefined where nobody can be asked. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Tries the channel's adapter for every behaviour that its capabilities imply.
 *
 * @returns the exit code: 0 certified, 1 if a behaviour is missing or an exchange is not as the API's document says
 * @throws Error where nothing could be tried; its message says what to do
 */
export async function runCertify(
  args: readonly string[],
  given: Variables,
  terminal: Terminal,
): Promise<number> {
  const { path, json, against, member, document, yes } = readArguments(args);
  const text = readFileSync(path, 'utf8');
  const description = readChannelDescription(text, path);
  switch (against) {
    case 'sandbox': {
      const play = playerOf(description);
      if (play === undefined) {
        throw new Error(
          'the sandbox does not speak this API; try --against test-environment, or add a shape to adapters/certification/shapes',
        );
      }
      const env = environmentFor(text, given);
      return certifyAndTell(
        { description, play, env, document: openDocument(document ?? documentOf(description)), atOnce: 8 },
        json,
        terminal,
      );
    }
    case 'test-environment': {
      const env = namedIn(text, given);
      const environment = testEnvironmentOf(description, env, member);
      await agreeTo(await environment.opening(), { description, member, env, yes, terminal });
      const options = { description, play: environment.play, env, document: openDocument(document) };
      const exitCode = await certifyAndTell(options, json, terminal);
      if (!json) terminal.print(`\n${member} has ${await environment.balance()} points now`);
      return exitCode;
    }
  }
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      against: { type: 'string', default: 'sandbox' },
      member: { type: 'string' },
      document: { type: 'string' },
      yes: { type: 'boolean', default: false },
    },
  });
  const { against, member = '', json, document, yes } = values;
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Error(USAGE);
  if (against !== 'sandbox' && against !== 'test-environment') throw new Error(USAGE);
  if (against === 'test-environment' && member === '') {
    throw new Error(
      `--against test-environment needs --member, a member of the channel's test environment\n${USAGE}`,
    );
  }
  return { path, json, against, member, document, yes } as const;
}

function openDocument(file: string | URL | undefined): ApiDocument | undefined {
  return file === undefined ? undefined : new ApiDocument(readFileSync(file, 'utf8'), String(file));
}

async function certifyAndTell(options: CertifyOptions, json: boolean, { print }: Terminal): Promise<number> {
  const certification = await certify(options);
  print(json ? JSON.stringify(certification, undefined, 2) : writeTable(certification));
  return isCertified(certification) ? 0 : 1;
}

/** Before anything is deducted outside this machine somebody has to agree to where, and from whom. */
async function agreeTo(
  opening: string,
  {
    description,
    member,
    env,
    yes,
    terminal,
  }: {
    readonly description: ChannelDescription;
    readonly member: string;
    readonly env: Variables;
    readonly yes: boolean;
    readonly terminal: Terminal;
  },
): Promise<void> {
  if (yes) return;
  const { origin } = new URL(readBaseUrl(description.baseUrl, env));
  const what = `This deducts points of ${member}, who has ${opening}, at ${origin}, and gives some of them back.`;
  if (terminal.ask === undefined) throw new Error(`${what} Nobody can be asked here: say --yes to agree.`);
  const answer = await terminal.ask(`${what} Go on? [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new Error('Nothing was sent.');
}
