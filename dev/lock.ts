import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifySelf, isRunning, type ProcessIdentity } from './process-identity.ts';

/** What trying to take a lock led to. `held` names the living process that has it. */
export type LockOutcome =
  | { readonly type: 'taken'; readonly lock: Lock }
  | { readonly type: 'held'; readonly owner: ProcessIdentity };

export interface Lock {
  /** Gives the lock back. Idempotent. A process that dies without it frees the lock by dying. */
  release(): void;
}

/**
 * Takes the exclusive use of a folder, which is made if it is missing.
 *
 * The lock is the file `lock.N` with the highest N. A dead or released owner is succeeded by linking `lock.N+1` into
 * place, which the file system grants to exactly one, and the highest file is never deleted: so of any number of
 * processes that find the same dead owner at the same moment only one wins, which deleting and making one file anew
 * cannot promise.
 */
export function takeLock(folder: string): LockOutcome {
  mkdirSync(folder, { recursive: true });
  const self = identifySelf();
  const draft = join(folder, `lock-draft.${self.pid}`);
  for (;;) {
    const newest = newestGeneration(folder);
    const owner = newest === 0 ? undefined : readOwner(fileOf(folder, newest));
    if (owner !== undefined && isRunning(owner)) return { type: 'held', owner };
    const mine = fileOf(folder, newest + 1);
    writeFileSync(draft, JSON.stringify(self), { mode: 0o644 });
    try {
      linkSync(draft, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    for (const generation of generations(folder)) {
      if (generation <= newest) rmSync(fileOf(folder, generation), { force: true });
    }
    return { type: 'taken', lock: { release: () => release(mine, draft) } };
  }
}

// The file stays, owned by nobody: deleting the highest one would let generations begin anew.
function release(file: string, draft: string): void {
  writeFileSync(draft, JSON.stringify({ pid: 0, startedAt: 'released' }));
  renameSync(draft, file);
}

function fileOf(folder: string, generation: number): string {
  return join(folder, `lock.${generation}`);
}

function generations(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const match = /^lock\.(\d+)$/.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

function newestGeneration(folder: string): number {
  return Math.max(0, ...generations(folder));
}

// A file that is not readable as an owner was cut short by a crash of the machine: nobody holds it.
function readOwner(file: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof pid !== 'number' || pid <= 0 || typeof startedAt !== 'string') return undefined;
    return { pid, startedAt };
  } catch {
    return undefined;
  }
}
