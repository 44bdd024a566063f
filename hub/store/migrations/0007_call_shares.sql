-- What all processes together know of calls: how they fare, and how many may be under way at once.

-- How calls of a remote whose breaker is closed fared lately; null where none has failed since it closed.
alter table hub.channel_states
  add column counted_since    timestamptz,
  add column counted_calls    integer check (counted_calls >= 0),
  add column counted_failures integer check (counted_failures between 0 and counted_calls),
  add column failures_in_row  integer check (failures_in_row >= 0),
  add constraint a_count_is_whole check (
    num_nulls(counted_since, counted_calls, counted_failures, failures_in_row) in (0, 4)
  ),
  add constraint only_a_closed_one_counts check (counted_since is null or state = 'closed');

-- Of a channel's concurrencyMax, how much each process may use, and until when at the latest one of its calls may
-- still be under way. hub/settlement/shares.ts says how it is divided.
create table hub.call_shares (
  until   timestamptz not null,
  granted integer     not null check (granted >= 0),
  channel text        not null,
  holder  text        not null,

  primary key (channel, holder)
)
with (fillfactor = 50); -- a handful of rows, each renewed once a second
