/** How far a replay is. */
import type { Replay } from './api.ts';

/** Of what may be retried, the part that has ended in any way; 100 only when all has. */
export function percentDone({ eligible, succeeded, failed, skipped, cancelled }: Replay): number {
  if (eligible === 0) return 0;
  return Math.floor(((succeeded + failed + skipped + cancelled) / eligible) * 100);
}
