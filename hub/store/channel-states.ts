import type { SqlConnection } from '@points-hub/outbox';
import type { Breaker, Remote } from '../core/breaker.ts';
import type { CallWindow } from '../core/call-window.ts';
import type { ChannelStates, RemoteState, WaitingDeduction } from '../settlement/channel-states-port.ts';
import type { Database } from './database.ts';

/** The states of all remotes in Postgres. */
export function channelStates(database: Database): ChannelStates {
  return {
    read: () => readStates(database),
    change: (remote, think) =>
      database.transaction(async (connection) => {
        const { breaker: before, now } = await lockState(connection, remote);
        const changed = think(before, now);
        if (changed !== before) await writeBreaker(connection, remote, changed);
        return changed;
      }),
    waitingFor: (remote, lookUpsFirst, limit) => waitingFor(database, remote, lookUpsFirst, limit),
  };
}

interface StateRow {
  readonly remote: Remote;
  readonly state: Breaker['state'];
  readonly since: Date;
  readonly until: Date | null;
  readonly openings: number;
  readonly cause: string | null;
  readonly prober: string | null;
  readonly is_paused: boolean;
  readonly rate_max: number | null;
  readonly counted_since: Date | null;
  readonly counted_calls: number | null;
  readonly counted_failures: number | null;
  readonly failures_in_row: number | null;
}

/** No lock. A handful of rows: at most one per remote. One row without remote tells the time where there is none. */
const readStatesText = `
select
  remote, state, since, until, openings, cause, prober, paused_at is not null as is_paused, rate_max,
  counted_since, counted_calls, counted_failures, failures_in_row,
  clock_timestamp() as now
from (select) as once
left join hub.channel_states on true`;

async function readStates(connection: SqlConnection): ReturnType<ChannelStates['read']> {
  const { rows } = await connection.query<{ remote: null; now: Date } | (StateRow & { now: Date })>(
    readStatesText,
  );
  const states = new Map<Remote, RemoteState>();
  for (const row of rows) {
    if (row.remote === null) continue;
    const rateMax = row.rate_max ?? undefined;
    states.set(row.remote, { breaker: breakerOfRow(row), isPaused: row.is_paused, rateMax });
  }
  return { states, now: rows[0]?.now ?? new Date() };
}

/** Makes the row if there is none; locks nothing else. */
const ensureStateText = `
insert into hub.channel_states (remote)
values ($1)
on conflict (remote) do nothing`;

/** Locks the remote's row. Index: the primary key. */
const lockStateText = `
select
  remote, state, since, until, openings, cause, prober, paused_at is not null as is_paused, rate_max,
  counted_since, counted_calls, counted_failures, failures_in_row
from hub.channel_states
where remote = $1
for update`;

async function lockState(
  connection: SqlConnection,
  remote: Remote,
): Promise<{ breaker: Breaker; now: Date }> {
  await connection.query(ensureStateText, [remote]);
  const { rows } = await connection.query<StateRow>(lockStateText, [remote]);
  // Read once the lock is granted: it may have been waited for.
  const { rows: clock } = await connection.query<{ now: Date }>('select clock_timestamp() as now');
  const [row] = rows;
  if (row === undefined || clock[0] === undefined) throw new Error(`the state of ${remote} is not there`);
  return { breaker: breakerOfRow(row), now: clock[0].now };
}

/** The row is under its lock. Index: the primary key. */
const writeBreakerText = `
update hub.channel_states
set state = $2, since = $3, until = $4, openings = $5, cause = $6, prober = $7,
    counted_since = $8, counted_calls = $9, counted_failures = $10, failures_in_row = $11
where remote = $1`;

async function writeBreaker(connection: SqlConnection, remote: Remote, breaker: Breaker): Promise<void> {
  const { state, since, openings } = breaker;
  const window = state === 'closed' ? breaker.window : undefined;
  await connection.query(writeBreakerText, [
    remote,
    state,
    since,
    state === 'closed' ? null : breaker.until,
    openings,
    state === 'closed' ? null : breaker.cause,
    state === 'half_open' ? breaker.prober : null,
    window?.since,
    window?.calls,
    window?.failures,
    window?.failuresInRow,
  ]);
}

/** @throws Error on columns that no breaker has, which the CHECKs keep out. */
function breakerOfRow(row: StateRow): Breaker {
  const { state, since, until, openings, cause, prober } = row;
  switch (state) {
    case 'closed':
      return { state, since, openings, window: windowOfRow(row) };
    case 'open':
      return { state, since, openings, until: known(until), cause: known(cause) };
    case 'half_open':
      return { state, since, openings, until: known(until), cause: known(cause), prober: known(prober) };
  }
}

function windowOfRow(row: StateRow): CallWindow | undefined {
  if (row.counted_since === null) return undefined;
  return {
    since: row.counted_since,
    calls: known(row.counted_calls),
    failures: known(row.counted_failures),
    failuresInRow: known(row.failures_in_row),
  };
}

function known<Value>(value: Value | null): Value {
  if (value === null) throw new Error('a breaker misses a column that its state needs');
  return value;
}

/**
 * Takes no lock: whoever drives one of them takes its order's. Those held for a person come last: most of them have no
 * call to make. Before them come those of a channel whose next call goes to the portal: their channel's queue is not
 * read meanwhile, so nobody but its probe brings them on; nor those about which the channel told something, which come
 * after all others. Indexes: deductions_wake_by, callbacks_wake_by.
 */
const waitingForText = `
with waiting as (
  select
    id, order_id, channel, points_state, quota_state, attention,
    hub.next_remote(goal, channel, points_state, quota_state) as next_remote
  from hub.deductions
  where wake_by is not null
    and $1 in (hub.next_remote(goal, channel, points_state, quota_state), 'channel:' || channel)
    and (lease_until is null or lease_until <= now())
    and (not_before is null or not_before <= now())
    -- Not those that only wait for their late look: they have no call to make yet.
    and (late_check_at is distinct from wake_by or wake_by <= now())
  order by wake_by
  limit 200
), told as (
  select deductions.id, deductions.order_id, deductions.channel
  from hub.callbacks
  join hub.deductions on deductions.id = callbacks.deduction_id
  where callbacks.wake_by <= now()
    and 'channel:' || callbacks.channel = $1
    and (deductions.lease_until is null or deductions.lease_until <= now())
    and deductions.id not in (select id from waiting)
  group by deductions.id
  limit $3
), candidates as (
  select
    id, order_id, channel, false as is_told,
    coalesce(attention = 'held', false) as is_held,
    next_remote <> $1 as calls_another,
    $2 and case when $1 = 'portal' then quota_state else points_state end not in ('idle', 'held', 'applied') as is_look_up
  from waiting
  union all
  select id, order_id, channel, true, false, false, false from told
)
select id, order_id, channel
from candidates
order by is_told, is_held, calls_another, is_look_up desc, random()
limit $3`;

async function waitingFor(
  connection: SqlConnection,
  remote: Remote,
  lookUpsFirst: boolean,
  limit: number,
): Promise<WaitingDeduction[]> {
  const { rows } = await connection.query<{ id: string; order_id: string; channel: string }>(waitingForText, [
    remote,
    lookUpsFirst,
    limit,
  ]);
  return rows.map(({ id, order_id: orderRowId, channel }) => ({ deductionId: id, orderRowId, channel }));
}

/** Locks the remote's row. Index: the primary key. */
const pauseText = `
insert into hub.channel_states (remote, paused_at, paused_by, paused_note)
values ($1, now(), $2, $3)
on conflict (remote) do update
set paused_at = coalesce(channel_states.paused_at, excluded.paused_at),
    paused_by = excluded.paused_by,
    paused_note = excluded.paused_note`;

/**
 * Nobody calls `remote` from now on (every process within a second or two, calls under way excepted), until it is
 * resumed. Its deductions wait and lose nothing.
 *
 * @param by who wants it, 1 to 128 characters
 * @param note why, at most 500 characters
 */
export async function pauseChannel(
  connection: SqlConnection,
  remote: Remote,
  by: string,
  note: string,
): Promise<void> {
  await connection.query(pauseText, [remote, by, note]);
}

/** An open breaker's pause ends as well, so that the remote is probed now. Index: the primary key. */
const resumeText = `
update hub.channel_states
set paused_at = null, paused_by = null, paused_note = null,
    until = case when state = 'open' then least(until, now()) else until end
where remote = $1`;

/** Undoes `pauseChannel`, and has a remote whose breaker is open probed at once. Idempotent. */
export async function resumeChannel(connection: SqlConnection, remote: Remote): Promise<void> {
  await connection.query(resumeText, [remote]);
}
