/** Cases by what is wrong. The counters are kept by folding what changed, see 0008_operations.sql. */
import type { SqlConnection } from '@points-hub/outbox';
import type { Suggestion } from '../settlement/case-words.ts';
import type { CaseCause, CaseState } from './cases.ts';
import type { Database } from './database.ts';

export interface CaseGroup {
  readonly fingerprint: string;
  readonly cause: CaseCause;
  /** Of its newest case, as the error. */
  readonly suggestion: Suggestion;
  readonly error: string;
  readonly operation: string | null;
  readonly cases: number;
  readonly users: number;
  readonly channels: readonly string[];
  readonly claimedBy: readonly string[];
  /** At stake. A canonical decimal text. */
  readonly points: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** Cases opened in each of the last 24 hours, whatever became of them; the hour that is now comes last. */
  readonly trend: readonly number[];
}

/** One folds at a time; any number. */
const foldLockText = `select pg_advisory_xact_lock(hashtext('hub.case_groups'))`;

/**
 * Takes the oldest changes and adds them up. A case's changes are noted in their order, so no counter of what is taken
 * ever falls below zero. Indexes: the primary keys.
 */
const foldText = `
with taken as (
  delete from hub.case_deltas
  where id in (select id from hub.case_deltas order by id limit $1)
  returning *
), members as (
  select state, fingerprint, kind, one.member, sum(cases) as cases
  from taken
  cross join lateral (
    values ('channel', taken.channel), ('user', taken.member), ('claimer', taken.claimed_by)
  ) as one (kind, member)
  where one.member is not null
  group by state, fingerprint, kind, one.member
  having sum(cases) <> 0
), counted as (
  insert into hub.case_group_members as known (state, fingerprint, kind, member, cases)
  select state, fingerprint, kind, member, cases from members
  on conflict (state, fingerprint, kind, member) do update set cases = known.cases + excluded.cases
  returning state, fingerprint, kind, member, cases
), users as (
  select state, fingerprint, sum((counted.cases > 0)::int - (counted.cases - members.cases > 0)::int) as users
  from counted
  join members using (state, fingerprint, kind, member)
  where kind = 'user'
  group by state, fingerprint
), arrivals as (
  insert into hub.case_arrivals as known (fingerprint, hour, cases)
  select fingerprint, date_trunc('hour', arrived_at), count(*)
  from taken
  where arrived_at is not null
  group by 1, 2
  on conflict (fingerprint, hour) do update set cases = known.cases + excluded.cases
), groups as (
  select state, fingerprint, sum(cases) as cases, sum(points) as points, max(seen_at) as last_seen_at
  from taken
  group by state, fingerprint
), added as (
  insert into hub.case_groups as known (state, fingerprint, cases, points, last_seen_at, users)
  select state, fingerprint, groups.cases, points, last_seen_at, coalesce(users.users, 0)
  from groups
  left join users using (state, fingerprint)
  on conflict (state, fingerprint) do update
  set cases = known.cases + excluded.cases,
      points = known.points + excluded.points,
      users = known.users + excluded.users,
      last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
)
select count(*)::integer as taken from taken`;

/** What is shown of arrivals is one day. Indexes: case_group_members_gone; case_arrivals has a row per group and hour. */
const sweepMembersText = `delete from hub.case_group_members where cases = 0`;
const sweepArrivalsText = `delete from hub.case_arrivals where hour < now() - interval '7 days'`;

const foldMax = 20_000;

/** Brings the counters up to date. Each batch is a transaction of its own; anybody may fold, one at a time does. */
export async function foldCaseGroups(database: Pick<Database, 'transaction'>): Promise<void> {
  for (;;) {
    const taken = await database.transaction(async (connection) => {
      await connection.query(foldLockText);
      const { rows } = await connection.query<{ taken: number }>(foldText, [foldMax]);
      const count = rows[0]?.taken ?? 0;
      if (count > 0) {
        await connection.query(sweepMembersText);
        await connection.query(sweepArrivalsText);
      }
      return count;
    });
    if (taken < foldMax) return;
  }
}

/** Indexes: the primary keys of the counters; cases_by_fingerprint for the oldest and the newest case of each group. */
export const groupsText = `
select
  groups.fingerprint, newest.cause, newest.suggestion, newest.error, newest.operation,
  groups.cases::integer as cases, groups.users::integer as users,
  members.channels, members."claimedBy",
  trim_scale(groups.points)::text as points,
  oldest.first_seen_at as "firstSeenAt", groups.last_seen_at as "lastSeenAt",
  past.arrivals
from (
  select * from hub.case_groups
  where state = $1 and cases > 0
  order by cases desc, fingerprint
  limit $2
) as groups
cross join lateral (
  select first_seen_at from hub.cases
  where state = $1 and fingerprint = groups.fingerprint
  order by cases.first_seen_at, id limit 1
) as oldest
cross join lateral (
  select cause, suggestion, error, operation from hub.cases
  where state = $1 and fingerprint = groups.fingerprint
  order by cases.first_seen_at desc, id desc limit 1
) as newest
cross join lateral (
  select
    array(
      select member from hub.case_group_members as known
      where known.state = $1 and known.fingerprint = groups.fingerprint and kind = 'channel' and known.cases > 0
      order by member limit 100
    ) as channels,
    array(
      select member from hub.case_group_members as known
      where known.state = $1 and known.fingerprint = groups.fingerprint and kind = 'claimer' and known.cases > 0
      order by member limit 100
    ) as "claimedBy"
) as members
cross join lateral (
  select coalesce(json_object_agg(
    (extract(epoch from date_trunc('hour', now()) - hour) / 3600)::integer, arrivals.cases
  ), '{}') as arrivals
  from hub.case_arrivals as arrivals
  where arrivals.fingerprint = groups.fingerprint and hour >= date_trunc('hour', now()) - interval '23 hours'
) as past
order by groups.cases desc, groups.fingerprint`;

/** Groups of one state, the largest first; the counters are those of the last fold. */
export async function listCaseGroups(
  connection: SqlConnection,
  state: CaseState,
  limit: number,
): Promise<readonly CaseGroup[]> {
  const { rows } = await connection.query<GroupRow>(groupsText, [state, limit]);
  return rows.map(({ arrivals, ...group }) => ({ ...group, trend: trendOf(arrivals) }));
}

interface GroupRow extends Omit<CaseGroup, 'trend'> {
  /** Cases opened, by how many hours ago. */
  readonly arrivals: Readonly<Record<number, number>>;
}

const trendHours = 24;

function trendOf(arrivals: GroupRow['arrivals']): readonly number[] {
  return Array.from({ length: trendHours }, (_, index) => arrivals[trendHours - 1 - index] ?? 0);
}
