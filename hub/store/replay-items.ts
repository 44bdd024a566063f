/** What a replay's driver does to its items. Every statement runs in the transaction that holds the replay's lock. */
import type { SqlConnection } from '@points-hub/outbox';
import type { ReplayFacts } from '../core/replay.ts';

/** A replay that somebody has to drive on, under its lock. */
export interface DrivenReplay extends ReplayFacts {
  readonly id: string;
  readonly previewedBy: string;
  readonly reason: string | null;
  readonly now: Date;
}

/** Index: replays_under_way. */
const listUnderWayText = `
select id from hub.replays where state in ('running', 'cancelling') order by id`;

export async function listUnderWay(connection: SqlConnection): Promise<readonly string[]> {
  return (await connection.query<{ id: string }>(listUnderWayText)).rows.map(({ id }) => id);
}

/** Skips a replay that another process drives at this moment. Index: the primary key. */
const takeText = `
select id from hub.replays
where id = $1 and state in ('running', 'cancelling')
for update skip locked`;

/**
 * Retries that have ended. Whether a retry worked is what its case's history says.
 * Indexes: replay_items_by_state, the primary key of case_operations.
 */
const collectText = `
with ended as (
  update hub.replay_items as item
  set state = case operation.outcome when 'recovered' then 'succeeded' else 'failed' end,
    outcome = operation.outcome,
    ended_at = operation.finished_at
  from hub.case_operations as operation
  where item.replay_id = $1 and item.state = 'under_way'
    and operation.id = item.operation_id and operation.finished_at is not null
  returning item.state
)
update hub.replays
set succeeded = succeeded + (select count(*) from ended where state = 'succeeded'),
  failed = failed + (select count(*) from ended where state = 'failed')
where id = $1
returning id, state, eligible, begun, succeeded, failed, skipped, cancelled, canary, is_canary_over as "isCanaryOver",
  succeeded_before as "succeededBefore", failed_before as "failedBefore", failed_percent_max as "failedPercentMax",
  rate_per_second as "ratePerSecond", next_at as "nextAt", previewed_by as "previewedBy", reason,
  (
    select remote from hub.channel_states as remote
    where (remote.state <> 'closed' or remote.paused_at is not null)
      and (remote = 'portal' or substr(remote, 9) = any (channels))
    order by remote
    limit 1
  ) as "heldRemote",
  clock_timestamp() as now`;

/** Locks a replay, notes what has ended since. @returns undefined if there is nothing to drive, or another does */
export async function takeReplay(connection: SqlConnection, id: string): Promise<DrivenReplay | undefined> {
  const { rowCount } = await connection.query(takeText, [id]);
  if (rowCount === 0) return undefined;
  const { rows } = await connection.query<DrivenReplay & { heldRemote: string | null }>(collectText, [id]);
  const [row] = rows;
  return row === undefined ? undefined : { ...row, heldRemote: row.heldRemote ?? undefined };
}

export async function endReplay(
  connection: SqlConnection,
  id: string,
  as: 'done' | 'cancelled',
): Promise<void> {
  await connection.query(`update hub.replays set state = $2, ended_at = clock_timestamp() where id = $1`, [
    id,
    as,
  ]);
}

export interface WaitingItem {
  readonly number: number;
  readonly caseId: string;
  readonly orderRowId: string;
  readonly seen: number;
}

/** Index: replay_items_by_state. */
const nextItemsText = `
select number, case_id as "caseId", order_id as "orderRowId", seen
from hub.replay_items
where replay_id = $1 and state = 'waiting'
order by number
limit $2`;

export async function nextItems(
  connection: SqlConnection,
  id: string,
  limit: number,
): Promise<readonly WaitingItem[]> {
  return (await connection.query<WaitingItem>(nextItemsText, [id, limit])).rows;
}

/** What became of an item that is waiting no more. */
export interface ItemFate {
  readonly number: number;
  readonly caseId: string;
  /** Undefined: its retry has begun. */
  readonly skippedFor: string | undefined;
}

/**
 * Begins the retries as operations of their cases. Index: case_operations_one_open, which refuses a second one under way.
 */
const beginText = `
with fates as (
  select * from unnest($2::integer[], $3::bigint[], $4::text[]) as fate (number, case_id, skipped_for)
), begun as (
  insert into hub.case_operations (case_id, kind, operator, reason, details)
  select case_id, 'retry', $5, $6, jsonb_build_object('replayId', $1::text) from fates where skipped_for is null
  returning id, case_id
), raised as (
  update hub.cases set version = version + 1 where id in (select case_id from begun) returning 1
), moved as (
  update hub.replay_items as item
  set state = case when fates.skipped_for is null then 'under_way' else 'skipped' end,
    outcome = fates.skipped_for,
    operation_id = begun.id,
    began_at = case when fates.skipped_for is null then clock_timestamp() end,
    ended_at = case when fates.skipped_for is null then null else clock_timestamp() end
  from fates
  left join begun on begun.case_id = fates.case_id
  where item.replay_id = $1::bigint and item.number = fates.number
  returning item.state
)
update hub.replays
set begun = begun + (select count(*) from moved where state = 'under_way'),
  skipped = skipped + (select count(*) from moved where state = 'skipped'),
  next_at = $7,
  is_canary_over = $8
where id = $1::bigint`;

export async function beginItems(
  connection: SqlConnection,
  { id, previewedBy, reason }: Pick<DrivenReplay, 'id' | 'previewedBy' | 'reason'>,
  fates: readonly ItemFate[],
  nextAt: Date,
  isCanaryOver: boolean,
): Promise<void> {
  await connection.query(beginText, [
    id,
    fates.map(({ number }) => number),
    fates.map(({ caseId }) => caseId),
    fates.map(({ skippedFor }) => skippedFor ?? null),
    previewedBy,
    reason,
    nextAt,
    isCanaryOver,
  ]);
}

export const replayItemStates = [
  'ineligible',
  'waiting',
  'under_way',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
] as const;
export type ReplayItemState = (typeof replayItemStates)[number];

export interface ReplayItem {
  readonly number: number;
  readonly caseId: string;
  readonly channel: string | null;
  readonly orderId: string | null;
  readonly points: string | null;
  readonly state: ReplayItemState;
  /** Why it is not eligible or was skipped, or what came of its retry. */
  readonly outcome: string | null;
  readonly beganAt: Date | null;
  readonly endedAt: Date | null;
}

/** Indexes: the primary key of replay_items, or replay_items_by_state; the primary key of cases. */
const listItemsText = `
select items.number, items.case_id as "caseId", cases.channel, cases.mall_order_id as "orderId",
  trim_scale(items.points)::text as points, items.state, items.outcome, items.began_at as "beganAt",
  items.ended_at as "endedAt"
from hub.replay_items as items
join hub.cases on cases.id = items.case_id
where items.replay_id = $1 and items.number > $2 and ($3::text is null or items.state = $3)
order by items.number
limit $4`;

/** Takes no lock. */
export async function listItems(
  connection: SqlConnection,
  id: string,
  state: ReplayItemState | undefined,
  after: number,
  limit: number,
): Promise<readonly ReplayItem[]> {
  return (await connection.query<ReplayItem>(listItemsText, [id, after, state ?? null, limit])).rows;
}

export interface FrozenCase {
  readonly id: string;
  readonly deductionId: string | null;
  readonly state: string;
  readonly count: number;
  readonly isBusy: boolean;
}

/** In id order, after their orders'. Index: the primary key. */
const lockCasesText = `
select id from hub.cases where id = any ($1::bigint[]) order by id for update`;

/** What died with its process keeps nobody out. Index: case_operations_one_open. */
const endExpiredText = `
update hub.case_operations
set finished_at = clock_timestamp(), outcome = 'abandoned'
where case_id = any ($1::bigint[]) and finished_at is null and expires_at < clock_timestamp()`;

/** A statement of its own, so that its snapshot is taken after the locks were granted. */
const readCasesText = `
select
  id, deduction_id as "deductionId", state, count,
  exists (
    select from hub.case_operations as operation where operation.case_id = cases.id and operation.finished_at is null
  ) as "isBusy"
from hub.cases
where id = any ($1::bigint[])`;

export async function lockCases(
  connection: SqlConnection,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FrozenCase>> {
  await connection.query(lockCasesText, [ids]);
  await connection.query(endExpiredText, [ids]);
  const { rows } = await connection.query<FrozenCase>(readCasesText, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}
