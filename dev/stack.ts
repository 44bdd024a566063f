import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './lock.ts';
import { identifySelf, isRunning, type ProcessIdentity } from './process-identity.ts';
import type { StackUrls } from './run-stack.ts';

/** A running `npm start`, as another terminal finds it. */
export interface RunningStack {
  readonly owner: ProcessIdentity;
  readonly urls: StackUrls;
}

/** What asking for a data folder led to. `running` has no `stack` while the other one is still starting. */
export type ClaimOutcome =
  | { readonly type: 'claimed'; readonly claim: StackClaim }
  | { readonly type: 'running'; readonly owner: ProcessIdentity; readonly stack: RunningStack | undefined };

export interface StackClaim {
  /** Lets other terminals find the stack; to be called once everything answers. Readable by this user only. */
  publish(urls: StackUrls): void;
  /** Takes the state back and frees the folder. Idempotent; a process that dies frees the folder by dying. */
  release(): void;
}

/**
 * Claims a data folder for one stack. Of any number of starts at once exactly one gets it; the others learn who did,
 * for which `inWords` has the sentence.
 */
export function claimStack(folder: string): ClaimOutcome {
  const outcome = takeLock(folder);
  if (outcome.type === 'held') {
    return { type: 'running', owner: outcome.owner, stack: findRunningStack(folder) };
  }
  const file = fileIn(folder);
  // Left by a start that died; the lock shows that nobody stands behind it.
  rmSync(file, { force: true });
  return {
    type: 'claimed',
    claim: {
      publish: (urls) => {
        const draft = `${file}.draft`;
        writeFileSync(draft, JSON.stringify({ owner: identifySelf(), urls }, null, 2), { mode: 0o600 });
        renameSync(draft, file);
      },
      release: () => {
        rmSync(file, { force: true });
        outcome.lock.release();
      },
    },
  };
}

/** The stack that runs on this folder and has been published; undefined when there is none or its process is gone. */
export function findRunningStack(folder: string): RunningStack | undefined {
  try {
    // Written by `publish` alone, as a whole.
    const state = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as RunningStack;
    return isRunning(state.owner) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Why a second start ends at once, in a sentence. */
export function inWords({ owner, stack }: ClaimOutcome & { readonly type: 'running' }): string {
  const where = stack === undefined ? 'still starting' : stack.urls.hub;
  return `points-hub is already running on this data folder (process ${owner.pid}, ${where}); stop it first.`;
}

function fileIn(folder: string): string {
  return join(folder, 'state.json');
}
