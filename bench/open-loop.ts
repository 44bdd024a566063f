/**
 * Load that does not wait for what it loads. Every order has a moment at which it is due, fixed before the run, and its
 * latency counts from then: a system that stalls is charged for everything that was due meanwhile, not only for the
 * few that a waiting client would still have sent (coordinated omission).
 */
export interface OpenLoop {
  readonly ratePerSecond: number;
  readonly count: number;
  /** Places these, at once if several are due. */
  readonly place: (indexes: readonly number[]) => Promise<void>;
  /** Callers at once at most; further ones wait, and their orders with them, at the system's charge. */
  readonly lanesMax: number;
  /** Orders of one call at most. */
  readonly batchMax: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** When each order was due, on the clock of `nowMs`. Rejects with the first failure of `place`. */
export async function runOpenLoop(loop: OpenLoop): Promise<readonly number[]> {
  const { ratePerSecond, count, place, lanesMax, batchMax, nowMs, sleep } = loop;
  const startMs = nowMs();
  const dueMs = Array.from({ length: count }, (_, index) => startMs + (index * 1_000) / ratePerSecond);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const due = dueMs[next];
      if (due === undefined) return;
      const waitMs = due - nowMs();
      if (waitMs > 0) {
        await sleep(waitMs);
        continue;
      }
      const indexes: number[] = [];
      while (indexes.length < batchMax && (dueMs[next] ?? Infinity) <= nowMs()) {
        indexes.push(next);
        next += 1;
      }
      await place(indexes);
    }
  };
  await Promise.all(Array.from({ length: lanesMax }, lane));
  return dueMs;
}
