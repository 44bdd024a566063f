import type { Verdict } from '../core/advance.ts';
import { HubError } from '../errors.ts';
import { busy, refused } from './wish.ts';

/** @throws HubError HUB_OPERATION_REFUSED, HUB_CASE_BUSY */
export function accepted(verdict: Verdict): Extract<Verdict, { type: 'accepted' }> {
  switch (verdict.type) {
    case 'accepted':
      return verdict;
    case 'refused':
      throw refused(verdict.reason);
    case 'release':
      throw busy('a call for this deduction is under way; try again');
    case 'call':
    case 'stuck':
    case 'stale':
    case 'unknown':
      throw new HubError('HUB_INTERNAL', `an operator's wish came to ${verdict.type}`);
  }
}

/** The verdict on the one input that was let in. */
export function only(verdicts: readonly Verdict[]): Verdict {
  const [verdict] = verdicts;
  if (verdict === undefined) throw new Error('each input has a verdict');
  return verdict;
}
