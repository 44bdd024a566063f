/** `login`, `logout`, `whoami`. */
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { proveInBrowser } from '../browser.ts';
import { openClient } from '../client.ts';
import {
  addCommand,
  askPassword,
  connect,
  readInputLine,
  urlOf,
  type CommonOptions,
  type World,
} from '../command.ts';
import { forgetCredential, keepCredential, readCredentials } from '../credentials.ts';
import { CliFailure } from '../failure.ts';
import type { Me } from '../me.ts';
import { inSession, type SignInWay } from '../session.ts';
import { showFields } from '../terminal.ts';
import { plain, shortTime } from '../text.ts';

interface LoginOptions extends CommonOptions {
  readonly name?: string;
  readonly passwordStdin?: true;
  readonly token?: string;
  readonly tokenStdin?: true;
  readonly sso?: true;
  readonly scopes?: string;
  readonly days: string;
}

/** What the hub gives to no token (docs/operators.md), so asking for all that one may means without them. */
const neverOfTokens = ['people.manage', 'compensation.approve'];

export function addSignIn(program: Command, world: World): void {
  addCommand(program, 'login', 'Signs in: makes an access token and keeps it, readable for you alone', [
    'login --url https://ops.example.com --name ada',
    'login --sso',
    'login --name ada --days 7 --scopes cases.read,cases.retry',
    'login --token-stdin < token.txt      # one that was made on the web page',
  ])
    .option('--name <name>', 'whose password will be asked for')
    .option('--password-stdin', 'read the password from standard input')
    .option('--sso', 'sign in at the identity provider, in your browser on this machine')
    .option(
      '--token <token>',
      'keep this token; other people of this machine may see it while the command runs',
    )
    .option('--token-stdin', 'read the token from standard input')
    .option('--scopes <list>', 'permissions of the new token; else all of yours that a token may have')
    .option('--days <n>', 'after so many days it opens nothing any more', '30')
    .action((options: LoginOptions) => login(world, options));

  addCommand(program, 'logout', 'Revokes the kept access token, and forgets it', ['logout']).action(
    (options: CommonOptions) => logout(world, options),
  );

  addCommand(program, 'whoami', 'Says who you are to the console, and what you may do', [
    'whoami',
    'whoami --json | jq -r .permissions[]',
  ]).action(async (options: CommonOptions) => {
    const api = connect(world, options);
    const me = await api.get<Me>('/me');
    if (options.json === true) world.terminal.json(me);
    else showMe(world, api.url, me);
  });
}

function showMe({ terminal }: World, url: string, { name, roles, permissions, proof }: Me): void {
  showFields(terminal, [
    ['you are', name],
    ['at', url],
    ['roles', roles.join(', ')],
    ['you may', permissions.join('\n')],
    ['until', proof.type === 'token' ? shortTime(proof.expiresAt) : undefined],
  ]);
}

async function login(world: World, options: LoginOptions): Promise<void> {
  const { env, terminal } = world;
  const url = urlOf(world, options);
  // Before a token is made that could not be kept.
  readCredentials(env);
  const token = await tokenFor(world, options, url);
  const me = await openClient(url, { authorization: `Bearer ${token}` }).get<Me>('/me');
  if (me.proof.type !== 'token') throw new Error('a token was not answered as a token');
  const { expiresAt } = me.proof;
  const file = keepCredential(env, url, { token, name: me.name, expiresAt });
  if (options.json === true) terminal.json(me);
  else {
    terminal.line(
      `Signed in to ${url} as ${plain(me.name)} until ${shortTime(expiresAt)}. The token is in ${plain(file)}.`,
    );
  }
}

async function tokenFor(world: World, options: LoginOptions, url: string): Promise<string> {
  const given = options.tokenStdin === true ? await readInputLine() : options.token;
  if (given !== undefined) {
    if (/^pht_[\x21-\x7e]+$/.test(given)) return given;
    throw new CliFailure('HUB_ACCESS_TOKEN_WRONG', 'that is no access token; one begins with pht_');
  }
  const { scopes, days } = options;
  const made = await inSession(url, await wayOf(world, options, url), async (api) => {
    const wanted =
      scopes?.split(',') ??
      (await api.get<Me>('/me')).permissions.filter((permission) => !neverOfTokens.includes(permission));
    return api.post<{ token: string }>('/tokens', {
      name: `points-hub on ${hostname()}`.slice(0, 100),
      scopes: wanted,
      days: Number(days),
    });
  });
  return made.token;
}

async function wayOf(
  world: World,
  { name, sso, passwordStdin }: LoginOptions,
  url: string,
): Promise<SignInWay> {
  if (sso === true) return { type: 'browser', ...(await proveInBrowser(world, url)) };
  if (name === undefined) {
    throw new CliFailure('HUB_REQUEST_INVALID', 'who signs in?', {
      cure: 'points-hub login --name NAME, at the identity provider: points-hub login --sso, or with a token from the web page: points-hub login --token-stdin',
    });
  }
  const password = await askPassword(world, `Password of ${plain(name)} at ${url}`, passwordStdin === true);
  return { type: 'password', name, password };
}

async function logout(world: World, options: CommonOptions): Promise<void> {
  const { env, terminal } = world;
  const url = urlOf(world, options);
  const kept = readCredentials(env).consoles[url];
  if (kept === undefined) {
    throw new CliFailure('HUB_SIGN_IN_NEEDED', `no token for ${url} is kept here`, {
      cure: 'There is nothing to forget. HUB_OPS_TOKEN is yours to unset, and to revoke on the web page.',
    });
  }
  const api = openClient(url, { authorization: `Bearer ${kept.token}` });
  const wasValid = await revoke(api);
  forgetCredential(env, url);
  if (options.json === true) terminal.json({ url, wasValid });
  else {
    terminal.line(
      wasValid
        ? `Signed out of ${url}; the token is revoked.`
        : `The token for ${url} was not valid any more.`,
    );
  }
}

/** @returns false if it opened nothing any more. Whatever else fails leaves it kept, so that it can be tried again. */
async function revoke(api: ReturnType<typeof openClient>): Promise<boolean> {
  try {
    const { proof } = await api.get<Me>('/me');
    if (proof.type === 'token') await api.post(`/tokens/${proof.tokenId}/revoke`);
    return true;
  } catch (error) {
    if (error instanceof CliFailure && error.problem.code === 'HUB_ACCESS_TOKEN_WRONG') return false;
    throw error;
  }
}
