import type { SqlConnection } from '@points-hub/outbox';
import type { Action } from '../core/deduction.ts';
import type { Finding, Inquiry } from '../core/evidence.ts';
import { Points } from '../core/points.ts';

/** A finding as it stands in an operation's details. */
export interface StoredFinding {
  readonly type: Finding['type'];
  readonly points?: string;
}

export function storedFinding(finding: Finding): StoredFinding {
  return finding.type === 'done'
    ? { type: 'done', points: finding.points.toFixed() }
    : { type: finding.type };
}

/** Indexes: case_operations_by_case, the primary keys of cases and attempts. Takes no lock. */
const latestInquiryText = `
select
  operation.details -> 'finding' as finding, asked.action, asked.intended_at as "askedAt",
  (
    select max(send_by) from hub.attempts as sent
    where sent.deduction_id = cases.deduction_id and sent.leg = cases.leg and sent.action in ('deduct', 'hold', 'confirm', 'give_back', 'release')
  ) as "lastSendBy"
from hub.case_operations as operation
join hub.cases on cases.id = operation.case_id
join hub.attempts as asked
  on asked.deduction_id = cases.deduction_id and asked.number = (operation.details ->> 'attempt')::integer
where operation.case_id = $1 and operation.kind = 'query' and operation.details ? 'finding'
order by operation.id desc
limit 1`;

/** The latest look-up of a case by an operator; undefined if none has ended. */
export async function readLatestInquiry(
  connection: SqlConnection,
  caseId: string,
): Promise<Inquiry | undefined> {
  const { rows } = await connection.query<{
    finding: StoredFinding;
    action: Action;
    askedAt: Date;
    lastSendBy: Date | null;
  }>(latestInquiryText, [caseId]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { finding, action, askedAt, lastSendBy } = row;
  return { action, finding: findingOfStored(finding), askedAt, lastSendBy: lastSendBy ?? undefined };
}

function findingOfStored({ type, points }: StoredFinding): Finding {
  if (type !== 'done') return { type };
  if (points === undefined) throw new Error('a finding of an effect names its points');
  return { type, points: new Points(points) };
}
