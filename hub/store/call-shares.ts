import type { CallShares, Share } from '../settlement/turns-port.ts';
import type { Database } from './database.ts';

/** Until the transaction's end, and before any snapshot of the shares: two that divide at once would both be right. */
const lockSharesText = `select pg_advisory_xact_lock(hashtext('hub.call_shares'))`;

/** Index: the primary key; there are a handful of rows. */
const dropExpiredText = `
delete from hub.call_shares
where until <= clock_timestamp()`;

/**
 * Under the lock. Index: the primary key. Each process's target is its part of the limit, the first ones by name have
 * one more where it does not divide. What a person set at run time lowers the limit, the same for all from one renewal
 * to the next. It is granted that, or what it uses if that is more, as far as others leave it.
 */
const renewSharesText = `
with wishes as (
  select channel, least(most, states.concurrency_max) as most, using_now, hold_ms, one_each
  from unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::bool[])
    as wish (channel, most, using_now, hold_ms, one_each)
  left join hub.channel_states as states on states.remote = 'channel:' || channel
), others as (
  select
    wishes.channel,
    count(shares.holder)::int + 1 as processes,
    count(shares.holder) filter (where shares.holder < $1)::int as rank,
    coalesce(sum(shares.granted), 0)::int as granted
  from wishes
  left join hub.call_shares as shares on shares.channel = wishes.channel and shares.holder <> $1
  group by wishes.channel
), targets as (
  select
    wishes.channel, hold_ms, using_now, places - others.granted as free,
    places / processes + case when rank < places % processes then 1 else 0 end as target
  from wishes
  join others on others.channel = wishes.channel
  cross join lateral (
    select case when one_each then greatest(most, processes) else most end as places
  ) as divided
), renewed as (
  insert into hub.call_shares (until, granted, channel, holder)
  select
    clock_timestamp() + hold_ms * interval '1 ms', greatest(0, least(free, greatest(target, using_now))), channel, $1
  from targets
  on conflict (channel, holder) do update
  set until = excluded.until, granted = excluded.granted
  returning channel, granted
)
select channel, renewed.granted, targets.target
from renewed
join targets using (channel)`;

/** Index: none; there are a handful of rows. */
const leaveSharesText = `
delete from hub.call_shares
where holder = $1`;

/** The shares of all processes in Postgres. */
export function callShares(database: Database): CallShares {
  return {
    renew: (holder, wishes) =>
      database.transaction(async (connection) => {
        await connection.query(lockSharesText);
        await connection.query(dropExpiredText);
        const { rows } = await connection.query<Share>(renewSharesText, [
          holder,
          wishes.map(({ channel }) => channel),
          wishes.map(({ limit }) => limit),
          wishes.map(({ using }) => using),
          wishes.map(({ holdMs }) => holdMs),
          wishes.map(({ oneEach }) => oneEach),
        ]);
        return rows;
      }),
    leave: async (holder) => {
      await database.query(leaveSharesText, [holder]);
    },
  };
}
