/** Whole days of a time zone, as statements by the day are cut. */

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The least whole days of `zone`, midnight to midnight, that cover a window. */
export function wholeDays({ fromMs, toMs }: Window, zone: string): Window {
  const last = startOfDayMs(toMs, zone);
  return {
    fromMs: startOfDayMs(fromMs, zone),
    // A window that ends at midnight needs nothing of the day that begins then.
    toMs: last === toMs ? last : startOfDayMs(last + longestDayMs, zone),
  };
}

/** Longer than any day, shorter than any two. */
const longestDayMs = 30 * 3_600_000;

/** The midnight with which the day of `atMs` begins in `zone`; where clocks skip midnight, what comes instead. */
function startOfDayMs(atMs: number, zone: string): number {
  const local = new Date(atMs + offsetMs(atMs, zone));
  const midnightMs = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  // The offset at midnight is what counts, and clocks may have changed since.
  const guessMs = midnightMs - offsetMs(atMs, zone);
  return midnightMs - offsetMs(guessMs, zone);
}

function offsetMs(atMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((one) => one.type === type)?.value);
  const asUtcMs = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return asUtcMs - Math.floor(atMs / 1_000) * 1_000;
}
