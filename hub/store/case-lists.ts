/** Cases as operators look for them: one page of a list at a time. */
import type { CaseState, CaseSummary } from './cases.ts';
import { summaryColumns } from './cases.ts';
import type { Database } from './database.ts';
import type { SqlConnection } from '@points-hub/outbox';

/** What the cases of a list have in common. Undefined: whatever it is. */
export interface CaseFilter {
  /** Undefined only where `orderId` or `user` is given: they are few then. */
  readonly state: CaseState | undefined;
  readonly channel: string | undefined;
  readonly cause: string | undefined;
  readonly operation: string | undefined;
  readonly fingerprint: string | undefined;
  readonly claimedBy: string | undefined;
  /** When the case was opened: from `since` on, before `until`. */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  /** Points at stake, both ends included. Canonical decimal texts. */
  readonly pointsMin: string | undefined;
  readonly pointsMax: string | undefined;
  /** The mall's own id of the order. */
  readonly orderId: string | undefined;
  /** The mall's own id of the user. */
  readonly user: string | undefined;
}

/** The last case of a page: the next page begins after it. */
export interface CasePlace {
  /** Microseconds since 1970: two cases of one millisecond have their order, too. */
  readonly seenAtUs: string;
  readonly id: string;
}

/** Parameters $1 to $12, in this order, by `filterValues`. */
export const filterText = `
      ($1::text is null or cases.state = $1)
  and ($2::text is null or cases.channel = $2)
  and ($3::text is null or cases.cause = $3)
  and ($4::text is null or cases.operation = $4)
  and ($5::text is null or cases.fingerprint = $5)
  and ($6::text is null or cases.claimed_by = $6)
  and ($7::timestamptz is null or cases.first_seen_at >= $7)
  and ($8::timestamptz is null or cases.first_seen_at < $8)
  and ($9::numeric is null or cases.points >= $9)
  and ($10::numeric is null or cases.points <= $10)
  and ($11::text is null or cases.mall_order_id = $11)
  and ($12::text is null or cases.user_id = $12)`;

export function filterValues(filter: CaseFilter): readonly unknown[] {
  const { state, channel, cause, operation, fingerprint, claimedBy, since, until } = filter;
  const { pointsMin, pointsMax, orderId, user } = filter;
  const values = [state, channel, cause, operation, fingerprint, claimedBy, since, until];
  return [...values, pointsMin, pointsMax, orderId, user].map((value) => value ?? null);
}

const pageText = `
select ${summaryColumns}, (extract(epoch from cases.first_seen_at) * 1000000)::bigint as "seenAtUs"
from hub.cases
where ${filterText}
  and (
    $13::bigint is null
    or (cases.first_seen_at, cases.id) < (timestamptz 'epoch' + $13 * interval '1 microsecond', $14::bigint)
  )`;

const newestFirst = `
order by cases.first_seen_at desc, cases.id desc
limit $15`;

/**
 * Indexes: the cases_by_... of a filter that is given, read backwards. Which one is for the planner to say, who knows
 * how rare each value is; that is why it has to plan with the values, see `withValues`.
 */
export const listText = pageText + newestFirst;

/** Index: cases_by_points. */
export const listFewText = `
with few as materialized (
  select id from hub.cases
  where state = $1 and ($9::numeric is null or points >= $9) and ($10::numeric is null or points <= $10)
)
${pageText} and cases.id in (select id from few) ${newestFirst}`;

/** Index: cases_by_points. */
const countFewText = `
select count(*)::integer as count
from (
  select from hub.cases
  where state = $1 and ($2::numeric is null or points >= $2) and ($3::numeric is null or points <= $3)
  limit $4
) as counted`;

/** So many are sorted faster than they are met by reading all cases from the newest on. */
const fewMax = 5_000;

/**
 * Plans `work`'s statements with their values, each time. A plan for any values would have to read every case where a
 * filter is not given. https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-PLAN-CACHE-MODE
 */
export async function withValues<Result>(
  database: Pick<Database, 'transaction'>,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (connection) => {
    await connection.query(`set local plan_cache_mode = force_custom_plan`);
    return work(connection);
  });
}

/** One page, the newest first. @param after the last case of the page before; undefined for the first page */
export async function listCases(
  database: Pick<Database, 'transaction'>,
  filter: CaseFilter,
  after: CasePlace | undefined,
  limit: number,
): Promise<{ readonly cases: readonly CaseSummary[]; readonly last: CasePlace | undefined }> {
  const values = [...filterValues(filter), after?.seenAtUs ?? null, after?.id ?? null, limit];
  const { rows } = await withValues(database, async (connection) => {
    const text = (await areFew(connection, filter)) ? listFewText : listText;
    return connection.query<CaseSummary & { seenAtUs: string }>(text, values);
  });
  const places = rows.map(({ seenAtUs, ...summary }) => ({
    summary,
    place: { seenAtUs, id: summary.id },
  }));
  // A full page may be the last one; the next is then empty.
  const last = rows.length < limit ? undefined : places.at(-1)?.place;
  return { cases: places.map(({ summary }) => summary), last };
}

const countText = `
select count(*)::integer as count
from (select from hub.cases where ${filterText} limit $13) as counted`;

/** How many cases fit, counted up to `max`. Indexes: as of a list. */
export async function countCases(
  database: Pick<Database, 'transaction'>,
  filter: CaseFilter,
  max: number,
): Promise<number> {
  const { rows } = await withValues(database, (connection) =>
    connection.query<{ count: number }>(countText, [...filterValues(filter), max]),
  );
  return rows[0]?.count ?? 0;
}

/**
 * Whether few cases have such points. Asked of the index, for the planner only guesses: between two amounts that people
 * do choose there may be no case at all, and it would look for them among all cases.
 */
async function areFew(
  connection: SqlConnection,
  { state, pointsMin, pointsMax }: CaseFilter,
): Promise<boolean> {
  if (state === undefined || (pointsMin === undefined && pointsMax === undefined)) return false;
  const values = [state, pointsMin ?? null, pointsMax ?? null, fewMax + 1];
  const { rows } = await connection.query<{ count: number }>(countFewText, values);
  return (rows[0]?.count ?? 0) <= fewMax;
}
