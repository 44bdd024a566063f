/** Exact figures of samples that are all kept: a run has some ten thousands of them, so nothing needs estimating. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** @throws RangeError without samples: a percentile of nothing is no figure */
export function summarise(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    p50: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    max: percentile(sorted, 100),
  };
}

/**
 * The smallest sample that at least `percent` of all samples do not exceed (nearest rank).
 *
 * @param sorted rising
 * @throws RangeError without samples, or for a percentage that is none
 */
export function percentile(sorted: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`${percent} is no percentage above 0`);
  const found = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  if (found === undefined) throw new RangeError('there are no samples');
  return found;
}

/** The middle one, or the mean of the two in the middle. @throws RangeError without samples */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError('there are no samples');
  return (low + high) / 2;
}

/** The median of each figure over all rounds, which have the same ones. @throws RangeError without rounds */
export function medianByName(rounds: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const [first] = rounds;
  if (first === undefined) throw new RangeError('there are no rounds');
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, median(rounds.map((round) => round[name] ?? Number.NaN))]),
  );
}

/**
 * Ours and what it is held against, by turns; each of ours between two of the others, so that what drifts, and what one leaves
 * behind for the next, meets both.
 */
export async function takeTurns<Ours>(
  rounds: number,
  raw: () => Promise<number>,
  ours: () => Promise<Ours>,
): Promise<readonly { readonly ours: Ours; readonly raw: number }[]> {
  const taken: { ours: Ours; raw: number }[] = [];
  let before = await raw();
  for (let round = 0; round < rounds; round += 1) {
    const measured = await ours();
    const after = await raw();
    taken.push({ ours: measured, raw: (before + after) / 2 });
    before = after;
  }
  return taken;
}

/** How far `after` is from `before`, as a share of it: -0.1 is a tenth less. */
export function drift(before: number, after: number): number {
  return after / before - 1;
}

/** Events per second in each window of `windowMs` from the first event on; the last, broken window is left out. */
export function ratePerWindow(timesMs: readonly number[], windowMs: number): number[] {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const counts = Array.from({ length: Math.floor((last - first) / windowMs) }, () => 0);
  for (const timeMs of sorted) {
    const window = Math.floor((timeMs - first) / windowMs);
    if (window < counts.length) counts[window] = (counts[window] ?? 0) + 1;
  }
  return counts.map((count) => count / (windowMs / 1_000));
}
