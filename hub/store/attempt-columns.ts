/** One remote call as the columns that keep it. */
import type { Attempt } from '../core/advance.ts';
import type { FinishedAttempt } from '../settlement/store-port.ts';
import { writeTimestamp } from './timestamps.ts';

/** An attempt with its intent. */
export function columnsOfAttempt({ deductionId, token, call, key, points, intendedAt, sendBy }: Attempt) {
  return {
    deduction_id: deductionId,
    number: token,
    intended_at: writeTimestamp(intendedAt),
    send_by: writeTimestamp(sendBy),
    leg: call.leg,
    action: call.action,
    key,
    points: points.toFixed(),
  };
}

/** What an attempt came to. */
export function columnsOfFinished({
  deductionId,
  token,
  outcome,
  cause,
  evidence,
  isStale,
}: FinishedAttempt) {
  return { deduction_id: deductionId, number: token, outcome, cause, evidence, is_stale: isStale };
}
