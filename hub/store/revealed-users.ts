/** Whose case it is: the one place where operators read a user's own references. */
import type { SqlConnection } from '@points-hub/outbox';

export interface UserOfCase {
  readonly mallId: string | null;
  /** Null for a case that is not about a leg. */
  readonly userId: string | null;
  readonly memberRef: string | null;
}

const readText = `
select cases.mall_id as "mallId", cases.user_id as "userId", deductions.member_ref as "memberRef"
from hub.cases
left join hub.deductions on deductions.id = cases.deduction_id
where cases.id = $1`;

/** Undefined if there is no such case. Indexes: the primary keys. */
export async function readUserOfCase(
  connection: SqlConnection,
  caseId: string,
): Promise<UserOfCase | undefined> {
  return (await connection.query<UserOfCase>(readText, [caseId])).rows[0];
}

/** How often a person did something lately. */
export interface LateDeeds {
  readonly count: number;
  /** Until the oldest of them is no longer late. */
  readonly firstEndsInMs: number;
}

const countText = `
select count(*)::integer as count,
  coalesce(extract(epoch from min(at) - clock_timestamp())::float8 * 1000, 0) + $3 as "firstEndsInMs"
from hub.audit
where operator_id = $1 and action = $2 and outcome = 'done'
  and at > clock_timestamp() - $3 * interval '1 ms'`;

/** What the audit says a person did within so long. Index: audit_by_time, or another one where few rows are his. */
export async function countLateDeeds(
  connection: SqlConnection,
  operatorId: string,
  action: string,
  withinMs: number,
): Promise<LateDeeds> {
  const { rows } = await connection.query<LateDeeds>(countText, [operatorId, action, withinMs]);
  return rows[0] ?? { count: 0, firstEndsInMs: withinMs };
}
