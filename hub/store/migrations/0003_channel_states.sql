-- Which remotes are left alone, and who may call them when: what all processes must agree on.
-- A remote is 'portal', or 'channel:' and the channel's id.

-- A remote without a row was never in trouble. hub/core/breaker.ts says what each state means.
create table hub.channel_states (
  since       timestamptz not null default now(),
  until       timestamptz,                         -- open: the pause's end; half_open: the probe's lease
  paused_at   timestamptz,
  openings    integer     not null default 0 check (openings >= 0),
  state       text        not null default 'closed' check (state in ('closed', 'open', 'half_open')),
  remote      text        primary key check (remote ~ '^(portal|channel:[a-z0-9][a-z0-9-]{0,31})$'),
  cause       text,
  prober      text,
  paused_by   text        check (length(paused_by) between 1 and 128),
  paused_note text        check (length(paused_note) <= 500),

  constraint closed_has_no_end check ((until is null) = (state = 'closed')),
  constraint open_has_a_cause check ((cause is null) = (state = 'closed')),
  constraint only_a_probe_has_a_prober check ((prober is not null) = (state = 'half_open')),
  constraint a_pause_is_whole check ((paused_at is null) = (paused_by is null))
);

-- The calls of a remote with a rate stand in one line; next_at is its end.
create table hub.call_lines (
  next_at timestamptz not null,
  remote  text        primary key
)
with (fillfactor = 50); -- one row, updated many times a second

-- Where a channel bears one call per member at a time: whose call is under way, until when at the latest.
create table hub.member_lanes (
  held_until timestamptz not null,
  channel    text        not null,
  member_ref text        not null,
  holder     text        not null,

  primary key (channel, member_ref)
);

-- Whom the next call of an unfinished deduction goes to, as hub/core/next-step.ts has it.
create function hub.next_remote(goal text, channel text, points_state text, quota_state text) returns text
language sql immutable
return case
  when goal = 'settle' and points_state = 'applied' then 'portal'
  when goal = 'undo' and quota_state not in ('refused', 'void', 'undone') then 'portal'
  else 'channel:' || channel
end;
