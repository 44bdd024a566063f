import { chownSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { UnixUser } from './reachable-folder.ts';
import { launch, tailOf } from './server-process.ts';

/** What a new Postgres cluster is made from. */
export interface ClusterPlan {
  readonly binaries: PostgresBinaries;
  /** The folder to make; its parent exists and is ours. */
  readonly data: string;
  /** Who will own the files; undefined: whoever we are. */
  readonly user: UnixUser | undefined;
  /** False: the files are not forced to disk; for tests only. */
  readonly durable: boolean;
  readonly superuser: string;
  readonly password: string;
}

/**
 * Makes a cluster with UTF-8, one collation on every machine, and passwords required. It appears at `data` complete
 * or not at all: an initdb that was killed half-way leaves only a draft, which the next call clears away.
 *
 * @throws Error with the end of initdb's output.
 */
export async function initialiseCluster(plan: ClusterPlan): Promise<void> {
  removeDrafts(plan.data);
  const draft = mkdtempSync(`${plan.data}.draft-`);
  const passwordFile = `${draft}.password`;
  const log = `${draft}.log`;
  writeFileSync(passwordFile, plan.password, { mode: 0o600 });
  if (plan.user !== undefined) {
    chownSync(draft, plan.user.uid, plan.user.gid);
    chownSync(passwordFile, plan.user.uid, plan.user.gid);
  }
  try {
    const initdb = await launch({
      command: plan.binaries.initdb,
      args: [
        `--pgdata=${draft}`,
        `--username=${plan.superuser}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Postgres' own locale: the operating system's collations differ and change under an index.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...(plan.durable ? [] : ['--no-sync']),
      ],
      environment: { ...process.env, LC_ALL: 'C' },
      workingFolder: dirname(plan.data),
      logFile: log,
      endBy: 'KILL',
      owner: plan.user,
    });
    const how = await initdb.awaitExit();
    if (how !== 'exit code 0' || !existsSync(`${draft}/PG_VERSION`)) {
      throw new Error(`initdb failed (${how}):\n${tailOf(log)}`);
    }
    renameSync(draft, plan.data);
  } finally {
    removeDrafts(plan.data);
  }
}

// A child of a killed initdb may still write into its draft for a moment, which then stays until the next time; the
// name is another each time so that this disturbs nobody.
function removeDrafts(data: string): void {
  for (const name of readdirSync(dirname(data)).filter((one) => one.startsWith(`${basename(data)}.draft-`))) {
    try {
      rmSync(join(dirname(data), name), { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}
