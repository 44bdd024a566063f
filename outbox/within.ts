import { setTimeout as delay } from 'node:timers/promises';

/** Waits for the work, but not longer: false if the time was up first. The work itself is not ended. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const isDone = new AbortController();
  const timeUp = delay(timeoutMs, false, { signal: isDone.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), timeUp]);
  } finally {
    isDone.abort();
  }
}
