import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLineOf, identify, type ProcessIdentity } from '../process-identity.ts';
import { endProcess } from '../server-process.ts';

/** A process whose parent has just ended may be on its way out by itself. */
const LEAVES_BY_ITSELF_WITHIN_MS = 3_000;
const POLL_MS = 50;
const GRACE_MS = 5_000;
const GUARD_ENDS_WITHIN_MS = 12_000;

export interface Leftover {
  readonly identity: ProcessIdentity;
  readonly command: string;
}

/**
 * Ends and returns the processes that carry this run's TEST_RUN in their environment, wherever they have been
 * re-parented to, except this process and jest's own workers. An empty `run` matches nothing.
 */
export async function endLeftovers(run: string): Promise<readonly Leftover[]> {
  if (run === '') return [];
  const deadline = Date.now() + LEAVES_BY_ITSELF_WITHIN_MS;
  let leftovers = leftoversOf(run);
  while (leftovers.length > 0 && Date.now() < deadline) {
    await delay(POLL_MS);
    leftovers = leftoversOf(run);
  }
  const isGuard = ({ command }: Leftover): boolean => command.includes('points-hub-guard');
  for (const { identity } of leftovers.filter((one) => !isGuard(one))) {
    await endProcess(identity, 'SIGTERM', GRACE_MS);
  }
  // A guard whose starter is gone still removes its folders, and then ends by itself: killed only if it does not.
  while (leftoversOf(run).some(isGuard) && Date.now() < deadline + GUARD_ENDS_WITHIN_MS) await delay(POLL_MS);
  for (const { identity } of leftoversOf(run)) await endProcess(identity, 'SIGKILL', GRACE_MS);
  return leftovers;
}

function leftoversOf(run: string): Leftover[] {
  return carriersOf(`TEST_RUN=${run}`).flatMap((pid) => {
    const [identity, command] = [identify(pid), commandLineOf(pid)];
    const isOurs = pid === process.pid || command.includes('jest-worker');
    return identity === undefined || isOurs ? [] : [{ identity, command }];
  });
}

function carriersOf(assignment: string): number[] {
  return process.platform === 'linux' ? carriersOnLinux(assignment) : carriersByPs(assignment);
}

function carriersOnLinux(assignment: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(assignment);
      } catch {
        // It ended meanwhile, or belongs to another user and so not to this run.
        return false;
      }
    })
    .map(Number);
}

function carriersByPs(assignment: string): number[] {
  return execFileSync('ps', ['-axeww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
    .split('\n')
    .filter((line) => line.split(' ').includes(assignment))
    .map((line) => Number.parseInt(line, 10));
}
