/** Cases as operators read them. No statement here takes a lock. */
import type { SqlConnection } from '@points-hub/outbox';
import type { LegCaseCause } from '../core/attention.ts';
import type { LegName } from '../core/leg.ts';
import type { Suggestion } from '../settlement/case-words.ts';

export const caseStates = ['open', 'ignored', 'resolved', 'recovered'] as const;
export type CaseState = (typeof caseStates)[number];
export type CaseCause = LegCaseCause | 'misconfigured' | 'unreadable_message' | 'unmatched_callback';

/** One case in a list: no evidence, nothing of the user. Points are canonical decimal texts. */
export interface CaseSummary {
  readonly id: string;
  readonly version: number;
  readonly state: CaseState;
  readonly cause: CaseCause;
  readonly suggestion: Suggestion;
  readonly channel: string | null;
  readonly leg: LegName | null;
  readonly operation: string | null;
  readonly error: string;
  readonly fingerprint: string;
  readonly points: string | null;
  readonly count: number;
  readonly orderId: string | null;
  readonly mallId: string | null;
  readonly claimedBy: string | null;
  readonly isBusy: boolean;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly closedAt: Date | null;
}

export const summaryColumns = `
  cases.id, cases.version, cases.state, cases.cause, cases.suggestion, cases.channel, cases.leg, cases.operation,
  cases.error, cases.fingerprint, trim_scale(cases.points)::text as points, cases.count,
  cases.mall_order_id as "orderId", cases.mall_id as "mallId", cases.claimed_by as "claimedBy",
  exists (
    select from hub.case_operations as operation where operation.case_id = cases.id and operation.finished_at is null
  ) as "isBusy",
  cases.first_seen_at as "firstSeenAt", cases.last_seen_at as "lastSeenAt", cases.closed_at as "closedAt"`;

export interface CaseAttempt {
  readonly number: number;
  readonly leg: LegName;
  readonly action: string;
  readonly points: string;
  readonly at: string;
  readonly finishedAt: string | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly evidence: unknown;
  readonly isStale: boolean;
}

export interface CaseOperation {
  readonly id: string;
  readonly kind: string;
  readonly operator: string;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: string | null;
  readonly details: unknown;
}

export interface CaseView extends CaseSummary {
  /** A mask in place of the user, where there is one: `revealed-users.ts` tells who he is. */
  readonly user: '•••' | null;
  readonly evidence: unknown;
  readonly orderStatus: string | null;
  readonly refundId: string | null;
  /** The latest of the deduction, at most `attemptsMax`, oldest first. */
  readonly attempts: readonly CaseAttempt[];
  /** Notes included; the latest, at most `operationsMax`, oldest first. */
  readonly operations: readonly CaseOperation[];
}

const attemptsMax = 100;
const operationsMax = 200;

/** Indexes: the primary keys of cases, orders, deductions and attempts, and case_operations_by_case. */
const readCaseText = `
select ${summaryColumns}, case when cases.user_id is not null then '•••' end as "user", cases.evidence, orders.status as "orderStatus", refunds.refund_id as "refundId",
  (
    select coalesce(json_agg(json_build_object(
      'number', number, 'leg', leg, 'action', action, 'points', trim_scale(points)::text, 'at', intended_at,
      'finishedAt', finished_at, 'outcome', outcome, 'cause', cause, 'evidence', evidence, 'isStale', is_stale
    ) order by number), '[]')
    from (
      select * from hub.attempts where deduction_id = cases.deduction_id order by number desc limit $2
    ) as latest
  ) as attempts,
  (
    select coalesce(json_agg(json_build_object(
      'id', id::text, 'kind', kind, 'operator', operator, 'reason', reason, 'startedAt', started_at,
      'finishedAt', finished_at, 'outcome', outcome, 'details', details
    ) order by id), '[]')
    from (
      select * from hub.case_operations where case_id = cases.id order by id desc limit $3
    ) as latest
  ) as operations
from hub.cases
left join hub.orders on orders.id = cases.order_id
left join hub.deductions on deductions.id = cases.deduction_id
left join hub.refunds on refunds.id = deductions.refund_row_id
where cases.id = $1`;

/** One case with everything that was tried and done; undefined if there is none. */
export async function readCase(connection: SqlConnection, caseId: string): Promise<CaseView | undefined> {
  const values = [caseId, attemptsMax, operationsMax];
  return (await connection.query<CaseView>(readCaseText, values)).rows[0];
}
