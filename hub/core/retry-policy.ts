/** How long to wait before the next try after trouble; bounds are inclusive. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter: a uniform draw from zero to the doubled bound, so that many deductions
 * that failed together do not come back together.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures how many tries in a row met trouble; 1 or more
 * @param random uniform in [0, 1), drawn by the caller
 * @returns whole milliseconds, at least 1 and at most `backoff.maxMs`
 */
export function retryDelayMs(failures: number, backoff: Backoff, random: number): number {
  // 2^30 times the first delay is beyond every bound; capping the exponent keeps the product finite.
  const exponent = Math.min(Math.max(failures, 1) - 1, 30);
  const bound = Math.min(backoff.maxMs, backoff.firstMs * 2 ** exponent);
  return Math.max(1, Math.round(random * bound));
}
