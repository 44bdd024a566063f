/** A remote that asks for more is not obeyed to the letter: an order's deadline comes long before. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): whole seconds or an HTTP date, against `now`. Undefined if absent or
 * unreadable; 0 for a date in the past; one hour at most.
 */
export function readRetryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS);
  // Only dates that name their day: Date.parse alone would read "12" or "-5" as years.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(0, atMs - now.getTime()), RETRY_AFTER_MAX_MS);
}
