-- What a person set for a remote at run time: it only ever lowers what its file allows; null leaves the file's.
alter table hub.channel_states
  add column rate_max        integer check (rate_max between 1 and 100000),
  add column concurrency_max integer check (concurrency_max between 1 and 10000),
  add column limited_at      timestamptz,
  add column limited_by      text check (length(limited_by) between 1 and 128),
  add column limited_note    text check (length(limited_note) <= 500),
  add constraint a_limit_is_whole check (
    (limited_at is null) = (limited_by is null)
    and (limited_at is null) = (num_nonnulls(rate_max, concurrency_max) = 0)
  ),
  add constraint the_portal_has_no_places check (remote <> 'portal' or concurrency_max is null);
