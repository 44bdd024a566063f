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

export interface CaseFilter {
  readonly state: CaseState;
  readonly channel: string | undefined;
  readonly cause: string | undefined;
  readonly fingerprint: string | undefined;
}

const summaryColumns = `
  cases.id, cases.version, cases.state, cases.cause, cases.suggestion, cases.channel, cases.leg, cases.operation,
  cases.error, cases.fingerprint, trim_scale(cases.points)::text as points, cases.count,
  orders.order_id as "orderId", orders.mall_id as "mallId", cases.claimed_by as "claimedBy",
  exists (
    select from hub.case_operations as operation where operation.case_id = cases.id and operation.finished_at is null
  ) as "isBusy",
  cases.first_seen_at as "firstSeenAt", cases.last_seen_at as "lastSeenAt", cases.closed_at as "closedAt"`;

/** Indexes: cases_by_channel, cases_by_cause or cases_by_state, whichever the filter fits, read backwards. */
const listText = `
select ${summaryColumns}
from hub.cases
left join hub.orders on orders.id = cases.order_id
where cases.state = $1
  and ($2::text is null or cases.channel = $2)
  and ($3::text is null or cases.cause = $3)
  and ($4::text is null or cases.fingerprint = $4)
  and ($5::bigint is null or cases.id < $5)
order by cases.id desc
limit $6`;

/** The newest first. @param before the id after which the page begins; undefined for the first page */
export async function listCases(
  connection: SqlConnection,
  { state, channel, cause, fingerprint }: CaseFilter,
  before: string | undefined,
  limit: number,
): Promise<readonly CaseSummary[]> {
  const values = [state, channel ?? null, cause ?? null, fingerprint ?? null, before ?? null, limit];
  return (await connection.query<CaseSummary>(listText, values)).rows;
}

export interface CaseGroup {
  readonly fingerprint: string;
  readonly cause: CaseCause;
  readonly suggestion: Suggestion;
  readonly error: string;
  readonly cases: number;
  readonly channels: readonly string[];
  readonly points: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** Index: cases_by_fingerprint. */
const groupsText = `
select
  fingerprint,
  min(cause) as cause,
  min(suggestion) as suggestion,
  min(error) as error,
  count(*)::integer as cases,
  coalesce(array_agg(distinct channel) filter (where channel is not null), '{}') as channels,
  trim_scale(coalesce(sum(points), 0))::text as points,
  min(first_seen_at) as "firstSeenAt",
  max(last_seen_at) as "lastSeenAt"
from hub.cases
where state = $1
group by fingerprint
order by count(*) desc, fingerprint
limit $2`;

/** Cases of one state by what is wrong, the largest group first. */
export async function groupCases(
  connection: SqlConnection,
  state: CaseState,
  limit: number,
): Promise<readonly CaseGroup[]> {
  return (await connection.query<CaseGroup>(groupsText, [state, limit])).rows;
}

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
select ${summaryColumns}, cases.evidence, orders.status as "orderStatus", refunds.refund_id as "refundId",
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
