export interface BackoffLimits {
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
}

/**
 * How long to leave something alone that failed: doubled with every failure before this one, up to the maximum, and
 * spread over its upper half so that those that failed together do not come back together.
 *
 * @param chance from 0 to below 1
 */
export function backoffMs(failuresBefore: number, limits: BackoffLimits, chance: number): number {
  const full = Math.min(limits.delayMaxMs, limits.delayMinMs * 2 ** Math.min(failuresBefore, 30));
  return full / 2 + (full / 2) * chance;
}
