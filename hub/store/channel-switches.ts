/** What people see of remotes and may switch at run time; `channel-states.ts` is what workers read of it. */
import type { SqlConnection } from '@points-hub/outbox';
import type { Breaker, Remote } from '../core/breaker.ts';

/** What a person set below what the file allows; undefined: the file's holds. */
export interface RunTimeLimits {
  readonly ratePerSecond: number | undefined;
  readonly concurrencyMax: number | undefined;
}

/** Who did something to a remote, when and why. */
export interface Deed {
  readonly at: Date;
  readonly by: string;
  readonly note: string | null;
}

export interface RemoteSwitches {
  readonly breaker: {
    readonly state: Breaker['state'];
    readonly since: Date;
    readonly until: Date | null;
    readonly cause: string | null;
  };
  readonly paused: Deed | null;
  readonly limited: Deed | null;
  readonly limits: RunTimeLimits;
}

interface SwitchesRow {
  readonly remote: Remote;
  readonly state: Breaker['state'];
  readonly since: Date;
  readonly until: Date | null;
  readonly cause: string | null;
  readonly paused_at: Date | null;
  readonly paused_by: string | null;
  readonly paused_note: string | null;
  readonly rate_max: number | null;
  readonly concurrency_max: number | null;
  readonly limited_at: Date | null;
  readonly limited_by: string | null;
  readonly limited_note: string | null;
}

/** No lock. A handful of rows: at most one per remote. */
const readSwitchesText = `
select
  remote, state, since, until, cause, paused_at, paused_by, paused_note,
  rate_max, concurrency_max, limited_at, limited_by, limited_note
from hub.channel_states`;

/** Every remote that ever had trouble or was switched. */
export async function readSwitches(connection: SqlConnection): Promise<Map<Remote, RemoteSwitches>> {
  const { rows } = await connection.query<SwitchesRow>(readSwitchesText);
  return new Map(rows.map((row) => [row.remote, switchesOf(row)]));
}

function switchesOf(row: SwitchesRow): RemoteSwitches {
  const { state, since, until, cause } = row;
  return {
    breaker: { state, since, until, cause },
    paused: deedOf(row.paused_at, row.paused_by, row.paused_note),
    limited: deedOf(row.limited_at, row.limited_by, row.limited_note),
    limits: { ratePerSecond: row.rate_max ?? undefined, concurrencyMax: row.concurrency_max ?? undefined },
  };
}

function deedOf(at: Date | null, by: string | null, note: string | null): Deed | null {
  return at === null || by === null ? null : { at, by, note };
}

/** Locks the remote's row; makes it if there is none. Index: the primary key. */
const lockLimitsText = `
insert into hub.channel_states (remote)
values ($1)
on conflict (remote) do update set remote = excluded.remote
returning rate_max, concurrency_max`;

/** Index: the primary key; the row is under its lock. */
const writeLimitsText = `
update hub.channel_states
set rate_max = $2, concurrency_max = $3,
    limited_at = case when num_nonnulls($2::int, $3::int) > 0 then now() end,
    limited_by = case when num_nonnulls($2::int, $3::int) > 0 then $4 end,
    limited_note = case when num_nonnulls($2::int, $3::int) > 0 then $5 end
where remote = $1`;

/**
 * Sets what holds for `remote` in every process within a second or two, calls under way excepted.
 *
 * @param change of what was set so far
 * @param by who wants it, 1 to 128 characters
 * @param note why, at most 500 characters
 */
export async function limitRemote(
  connection: SqlConnection,
  remote: Remote,
  change: (before: RunTimeLimits) => RunTimeLimits,
  by: string,
  note: string,
): Promise<void> {
  const { rows } = await connection.query<Pick<SwitchesRow, 'rate_max' | 'concurrency_max'>>(lockLimitsText, [
    remote,
  ]);
  const [row] = rows;
  const { ratePerSecond, concurrencyMax } = change({
    ratePerSecond: row?.rate_max ?? undefined,
    concurrencyMax: row?.concurrency_max ?? undefined,
  });
  await connection.query(writeLimitsText, [remote, ratePerSecond, concurrencyMax, by, note]);
}

/** What `countWaiting` looks at, at most: a list must not read a backlog of millions. */
export const waitingCountMax = 100_000;

/** No lock. Index: deductions_wake_by. */
const countWaitingText = `
select hub.next_remote(goal, channel, points_state, quota_state) as remote, count(*)::int as count
from (
  select goal, channel, points_state, quota_state
  from hub.deductions
  where wake_by is not null
  order by wake_by
  limit ${waitingCountMax}
) as unfinished
group by 1`;

/** How many unfinished deductions have their next call at which remote, of the `waitingCountMax` due first. */
export async function countWaiting(connection: SqlConnection): Promise<Map<Remote, number>> {
  const { rows } = await connection.query<{ remote: Remote; count: number }>(countWaitingText);
  return new Map(rows.map(({ remote, count }) => [remote, count]));
}
