import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A user other than root, by number. */
export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

const FOLDER_FOR_ROOT = '/var/lib/points-hub';

/** Whether this user can enter every folder on the way to `path`, judged by the permission bits. */
export function isReachableBy(user: UnixUser, path: string): boolean {
  for (let folder = nearestExisting(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = statSync(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * Where `wanted` may live so that `user` can reach it: there, if the way is open, else in a substitute. The same
 * `wanted` always leads to the same place. Only root has this trouble: a clone under /root is closed to the user who
 * must own Postgres' files.
 */
export function reachableFolder(wanted: string, user: UnixUser): string {
  if (isReachableBy(user, wanted)) return wanted;
  return substituteFolder(
    `${basename(wanted)}-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`,
    user,
  );
}

/** A folder of ours, made if missing, that `user` can reach: under /var/lib (it outlives a reboot) or, failing that, under /tmp. */
export function substituteFolder(name: string, user: UnixUser): string {
  const candidates = [join(FOLDER_FOR_ROOT, name), join(tmpdir(), `points-hub-${name}`)];
  const substitute = candidates.find((folder) => canMake(folder) && isReachableBy(user, folder));
  if (substitute === undefined)
    throw new Error(`user ${user.uid} can reach neither of ${candidates.join(', ')}`);
  return substitute;
}

/** Makes a folder and those above it, open for everyone to pass through whatever the umask says. */
export function makePassableFolder(folder: string): void {
  if (existsSync(folder)) return;
  makePassableFolder(dirname(folder));
  mkdirSync(folder);
  chmodSync(folder, 0o755);
}

// Under the world-writable temporary folder somebody else may have put the name there first.
function canMake(folder: string): boolean {
  try {
    makePassableFolder(folder);
    return lstatSync(folder).isDirectory() && lstatSync(folder).uid === process.getuid?.();
  } catch {
    return false;
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? realpathSync(path) : nearestExisting(dirname(path));
}
