/** How many cases came and went, hour by hour. */
import type { SqlConnection } from '@points-hub/outbox';

export interface CaseFlowHour {
  /** The hour's beginning. */
  readonly at: Date;
  readonly opened: number;
  /** Resolved by a person, or recovered. */
  readonly ended: number;
}

/** Kept of what was opened: a week, see case-groups.ts. */
const flowHours = 168;

/** Indexes: cases_by_end; case_arrivals has a row per group and hour, of a week. */
export const flowText = `
select
  hours.at, coalesce(arrivals.cases, 0)::integer as opened, coalesce(endings.cases, 0)::integer as ended
from generate_series(
  date_trunc('hour', now()) - ($1::integer - 1) * interval '1 hour', date_trunc('hour', now()), interval '1 hour'
) as hours (at)
left join (
  select hour, sum(cases) as cases from hub.case_arrivals group by hour
) as arrivals on arrivals.hour = hours.at
left join (
  select date_trunc('hour', closed_at) as hour, count(*) as cases
  from hub.cases
  where closed_at >= date_trunc('hour', now()) - ($1::integer - 1) * interval '1 hour'
  group by 1
) as endings on endings.hour = hours.at
order by hours.at`;

/** Each of the last `flowHours` hours, this one last; what was opened is that of the last fold. Takes no lock. */
export async function readCaseFlow(connection: SqlConnection): Promise<readonly CaseFlowHour[]> {
  return (await connection.query<CaseFlowHour>(flowText, [flowHours])).rows;
}
