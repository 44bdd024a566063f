/** The access tokens of this person on this machine, one per console, in a file that nobody else can read. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CliFailure } from './failure.ts';

export interface Credential {
  readonly token: string;
  /** Who it belongs to. */
  readonly name: string;
  readonly expiresAt: string;
}

interface Credentials {
  /** The console that was signed in to last. */
  readonly current: string | undefined;
  readonly consoles: Readonly<Record<string, Credential>>;
}

const none: Credentials = { current: undefined, consoles: {} };

function folder(env: NodeJS.ProcessEnv): string {
  const set = env['XDG_CONFIG_HOME'] ?? '';
  // The specification has a relative path ignored (https://specifications.freedesktop.org/basedir-spec/latest/).
  return join(isAbsolute(set) ? set : join(homedir(), '.config'), 'points-hub');
}

function fileOf(env: NodeJS.ProcessEnv): string {
  return join(folder(env), 'credentials.json');
}

/** @throws CliFailure if others can read the file, or it is not what was written */
export function readCredentials(env: NodeJS.ProcessEnv): Credentials {
  const file = fileOf(env);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return none;
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new CliFailure('HUB_CONFIG_INVALID', `${file} can be read by others`, {
      cure: `Revoke its tokens (points-hub logout) once this is mended: chmod 600 ${file}`,
    });
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  } catch (cause) {
    throw new CliFailure('HUB_CONFIG_INVALID', `${file} is not valid JSON`, {
      cause,
      cure: `Remove it, and sign in again: rm ${file}`,
    });
  }
}

export function keepCredential(env: NodeJS.ProcessEnv, url: string, credential: Credential): string {
  const { consoles } = readCredentials(env);
  return write(env, { current: url, consoles: { ...consoles, [url]: credential } });
}

export function forgetCredential(env: NodeJS.ProcessEnv, url: string): void {
  const { current, consoles } = readCredentials(env);
  const { [url]: _gone, ...others } = consoles;
  write(env, { current: current === url ? undefined : current, consoles: others });
}

/** Whole or not at all, and never readable in between. @returns where it is */
function write(env: NodeJS.ProcessEnv, credentials: Credentials): string {
  const file = fileOf(env);
  mkdirSync(folder(env), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    // The mode above is less what umask takes; it never adds.
    chmodSync(draft, 0o600);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return file;
}
