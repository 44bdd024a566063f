/**
 * Waits for the work, but not longer: false if the time was up first. The work itself is not ended.
 *
 * @throws what the work failed with, if that came first
 */
export function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  // Not a delay of node:timers/promises: ending one makes an error with its stack, for every batch of the relay.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    work.then(() => resolve(true), reject).finally(() => clearTimeout(timer));
  });
}
