/** Bulk replays as rows. */
import type { SqlConnection } from '@points-hub/outbox';
import type { ReplayFacts, ReplayState } from '../core/replay.ts';
import { filterText, filterValues, type CaseFilter } from './case-lists.ts';

/** Which cases a preview is made from. */
export type ReplayChoice =
  | { readonly type: 'filter'; readonly filter: CaseFilter }
  | { readonly type: 'cases'; readonly caseIds: readonly string[] }
  /** Those that failed in another replay. */
  | { readonly type: 'failed_of'; readonly replayId: string };

export interface ReplayLimits {
  readonly ratePerSecond: number;
  readonly canary: number;
  readonly failedPercentMax: number;
}

const insertReplayText = `
insert into hub.replays (previewed_by, chosen, rate_per_second, canary, failed_percent_max, expires_at)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms')
returning id`;

/**
 * Freezes the cases as they are at this moment, the oldest first, with what keeps each from being retried. Index: that of
 * a list by the same filter, the primary key of cases, or replay_items_by_state.
 */
const freezeText = `
insert into hub.replay_items (replay_id, number, case_id, order_id, seen, points, state, outcome)
select
  $16::bigint, row_number() over (order by first_seen_at, id), id, order_id, count, points,
  case when reason is null then 'waiting' else 'ineligible' end, reason
from (
  select cases.id, cases.order_id, cases.count, cases.points, cases.first_seen_at, case
    when cases.state <> 'open' then 'not_open'
    when exists (
      select from hub.case_operations as operation
      where operation.case_id = cases.id and operation.finished_at is null
    ) then 'operation_under_way'
    when cases.cause = 'misconfigured' then 'mend_the_set_up_first'
    when cases.deduction_id is null then 'nothing_to_retry'
    when cases.cause in ('late_truth', 'another_amount') then 'needs_the_truth'
    when exists (
      select from hub.compensations as asked
      where asked.deduction_id = cases.deduction_id and asked.leg = cases.leg and asked.state = 'requested'
    ) then 'awaiting_approval'
    when exists (
      select from hub.channel_states as remote
      where remote.paused_at is not null and remote.remote in ('portal', 'channel:' || cases.channel)
    ) then 'channel_paused'
  end as reason
  from hub.cases
  where ${filterText}
    and ($13::bigint[] is null or cases.id = any ($13))
    and ($14::bigint is null or cases.id in (
      select case_id from hub.replay_items where replay_id = $14 and state = 'failed'
    ))
  order by cases.first_seen_at, cases.id
  limit $15
) as chosen`;

/** Index: the primary key of replay_items. */
const sumUpText = `
with eligible as (
  select count(*) as count, count(distinct (cases.mall_id, cases.user_id)) as users, coalesce(sum(items.points), 0) as points,
    coalesce(array_agg(distinct cases.channel), '{}') as channels
  from hub.replay_items as items
  join hub.cases on cases.id = items.case_id
  where items.replay_id = $1 and items.state = 'waiting'
), ineligible as (
  select coalesce(jsonb_object_agg(outcome, count), '{}') as reasons, coalesce(sum(count), 0) as count
  from (
    select outcome, count(*) as count from hub.replay_items
    where replay_id = $1 and state = 'ineligible'
    group by outcome
  ) as by_reason
)
update hub.replays
set items = eligible.count + ineligible.count, eligible = eligible.count, users = eligible.users,
  points = eligible.points, channels = eligible.channels, ineligible = ineligible.reasons
from eligible, ineligible
where id = $1`;

export interface NewReplay extends ReplayLimits {
  readonly by: string;
  readonly choice: ReplayChoice;
  readonly expiresInMs: number;
  readonly itemsMax: number;
}

const anyFilter: CaseFilter = {
  state: undefined,
  channel: undefined,
  cause: undefined,
  operation: undefined,
  fingerprint: undefined,
  claimedBy: undefined,
  since: undefined,
  until: undefined,
  pointsMin: undefined,
  pointsMax: undefined,
  orderId: undefined,
  user: undefined,
};

/** @returns the preview's id; undefined if more than `itemsMax` cases were chosen: roll back then */
export async function insertPreview(
  connection: SqlConnection,
  { by, choice, expiresInMs, itemsMax, ratePerSecond, canary, failedPercentMax }: NewReplay,
): Promise<string | undefined> {
  const made = [
    by,
    JSON.stringify(withoutUser(choice)),
    ratePerSecond,
    canary,
    failedPercentMax,
    expiresInMs,
  ];
  const [replay] = (await connection.query<{ id: string }>(insertReplayText, made)).rows;
  if (replay === undefined) throw new Error('the statement that makes a preview always returns one row');
  const { rowCount } = await connection.query(freezeText, [
    ...filterValues(choice.type === 'filter' ? choice.filter : anyFilter),
    choice.type === 'cases' ? choice.caseIds : null,
    choice.type === 'failed_of' ? choice.replayId : null,
    itemsMax + 1,
    replay.id,
  ]);
  if (rowCount > itemsMax) return undefined;
  await connection.query(sumUpText, [replay.id]);
  return replay.id;
}

/** Whoever reads replays need not know whose cases were looked for. */
function withoutUser(choice: ReplayChoice): object {
  if (choice.type !== 'filter' || choice.filter.user === undefined) return choice;
  return { ...choice, filter: { ...choice.filter, user: '***' } };
}

export interface ReplayRow extends Omit<ReplayFacts, 'nextAt' | 'heldRemote'> {
  readonly id: string;
  readonly items: number;
  readonly users: number;
  readonly points: string;
  readonly channels: readonly string[];
  readonly ineligible: Readonly<Record<string, number>>;
  /** The filter or the cases that it was made from. */
  readonly chosen: object;
  readonly previewedBy: string;
  readonly reason: string | null;
  readonly pauseCause: string | null;
  readonly previewedAt: Date;
  readonly expiresAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

const replayColumns = `
  id, state, items, eligible, users, trim_scale(points)::text as points, channels, ineligible, chosen, begun, succeeded,
  failed, skipped, cancelled, canary, is_canary_over as "isCanaryOver", succeeded_before as "succeededBefore",
  failed_before as "failedBefore", failed_percent_max as "failedPercentMax", rate_per_second as "ratePerSecond",
  previewed_by as "previewedBy", reason, pause_cause as "pauseCause", previewed_at as "previewedAt",
  expires_at as "expiresAt", started_at as "startedAt", ended_at as "endedAt"`;

const readReplayText = `select ${replayColumns} from hub.replays where id = $1`;

export async function readReplay(connection: SqlConnection, id: string): Promise<ReplayRow | undefined> {
  return (await connection.query<ReplayRow>(readReplayText, [id])).rows[0];
}

/** Locks the row until the transaction ends. Index: the primary key. */
const lockReplayText = `
select ${replayColumns}, expires_at < clock_timestamp() as "isExpired"
from hub.replays
where id = $1
for update`;

export async function lockReplay(
  connection: SqlConnection,
  id: string,
): Promise<(ReplayRow & { readonly isExpired: boolean }) | undefined> {
  return (await connection.query<ReplayRow & { isExpired: boolean }>(lockReplayText, [id])).rows[0];
}

/** Index: the primary key, read backwards. */
const listReplaysText = `
select ${replayColumns}
from hub.replays
where ($1::text is null or state = $1) and ($2::bigint is null or id < $2)
order by id desc
limit $3`;

/** The newest first. */
export async function listReplays(
  connection: SqlConnection,
  state: ReplayState | undefined,
  before: string | undefined,
  limit: number,
): Promise<readonly ReplayRow[]> {
  return (await connection.query<ReplayRow>(listReplaysText, [state ?? null, before ?? null, limit])).rows;
}

const startText = `
update hub.replays
set state = 'running', started_at = clock_timestamp(), next_at = clock_timestamp(), reason = $2,
  rate_per_second = $3, canary = $4, failed_percent_max = $5
where id = $1`;

/** The caller holds the row's lock, here and below. */
export async function startReplay(
  connection: SqlConnection,
  id: string,
  reason: string,
  { ratePerSecond, canary, failedPercentMax }: ReplayLimits,
): Promise<void> {
  await connection.query(startText, [id, reason, ratePerSecond, canary, failedPercentMax]);
}

export async function pauseReplay(connection: SqlConnection, id: string, cause: string): Promise<void> {
  await connection.query(`update hub.replays set state = 'paused', pause_cause = $2 where id = $1`, [
    id,
    cause,
  ]);
}

/** What failed before is known to whoever resumes; a canary that was sent is over. */
const resumeText = `
update hub.replays
set state = 'running', pause_cause = null, next_at = clock_timestamp(), is_canary_over = begun >= canary,
  succeeded_before = succeeded, failed_before = failed
where id = $1`;

export async function resumeReplay(connection: SqlConnection, id: string): Promise<void> {
  await connection.query(resumeText, [id]);
}

/** Index: replay_items_by_state. */
const cancelText = `
with rest as (
  update hub.replay_items set state = 'cancelled', ended_at = clock_timestamp()
  where replay_id = $1 and state = 'waiting'
  returning 1
)
update hub.replays
set state = 'cancelling', pause_cause = null, cancelled = cancelled + (select count(*) from rest)
where id = $1`;

/** What is under way goes on to its end. */
export async function cancelReplay(connection: SqlConnection, id: string): Promise<void> {
  await connection.query(cancelText, [id]);
}

/** So many previews at a time, each of 100,000 items at most. */
const forgetText = `
with old as (
  select id from hub.replays
  where state = 'previewed' and expires_at < now() - interval '1 day'
  order by id
  limit 2
  for update skip locked
), items as (
  delete from hub.replay_items where replay_id in (select id from old) returning 1
)
select (select count(*) from items)::integer as items, array(select id from old) as ids`;

/** Previews that were never started, a day after they could have been last. */
export async function forgetPreviews(connection: SqlConnection): Promise<void> {
  const { rows } = await connection.query<{ ids: readonly string[] }>(forgetText);
  const ids = rows[0]?.ids ?? [];
  if (ids.length > 0) await connection.query('delete from hub.replays where id = any ($1::bigint[])', [ids]);
}
