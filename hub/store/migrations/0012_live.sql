-- What consoles follow while they are open, what they tell people elsewhere, and what finds the callbacks and
-- compensations of one order.

create index callbacks_by_order on hub.callbacks (order_id) where order_id is not null;
create index compensations_by_order on hub.compensations (order_id);

-- What changed, for whoever looks on; kept for minutes. A reader takes the rows of transactions that can no longer
-- change: from the number where its last look ended up to the oldest that is still open now. So nothing is missed
-- because it committed late, as behind an identity, and a commit takes no lock, as NOTIFY does.
create table hub.changes (
  transaction xid8        not null default pg_current_xact_id(),
  at          timestamptz not null default clock_timestamp(),
  kind        text        not null check (kind in ('case', 'replay', 'compensation', 'channel')),
  subject     text        -- null: so many that they are not named
);

create index changes_by_transaction on hub.changes (transaction);

-- The argument is the kind. A statement that changes many rows leaves one row here. Written out for each kind of
-- subject, so that its plans are kept: made anew each time they cost as much as the change itself.
create function hub.note_changes() returns trigger
language plpgsql
as $$
declare
  named text[] := array(select distinct id::text from changed limit 101);
begin
  insert into hub.changes (kind, subject)
  select tg_argv[0], one from unnest(case when cardinality(named) > 100 then array[null] else named end) as one;
  return null;
end
$$;

create function hub.note_changes_of_cases() returns trigger
language plpgsql
as $$
declare
  named text[] := array(select distinct case_id::text from changed limit 101);
begin
  insert into hub.changes (kind, subject)
  select 'case', one from unnest(case when cardinality(named) > 100 then array[null] else named end) as one;
  return null;
end
$$;

create trigger cases_tell_arrivals after insert on hub.cases
referencing new table as changed for each statement execute function hub.note_changes('case');
create trigger cases_tell_changes after update on hub.cases
referencing new table as changed for each statement execute function hub.note_changes('case');
create trigger case_operations_tell_arrivals after insert on hub.case_operations
referencing new table as changed for each statement execute function hub.note_changes_of_cases();
create trigger case_operations_tell_changes after update on hub.case_operations
referencing new table as changed for each statement execute function hub.note_changes_of_cases();
create trigger replays_tell_arrivals after insert on hub.replays
referencing new table as changed for each statement execute function hub.note_changes('replay');
create trigger replays_tell_changes after update on hub.replays
referencing new table as changed for each statement execute function hub.note_changes('replay');
create trigger compensations_tell_arrivals after insert on hub.compensations
referencing new table as changed for each statement execute function hub.note_changes('compensation');
create trigger compensations_tell_changes after update on hub.compensations
referencing new table as changed for each statement execute function hub.note_changes('compensation');

-- A remote's row also counts its calls, many times a second; only what a person sees is told.
create function hub.note_channel_change() returns trigger
language plpgsql
as $$
begin
  insert into hub.changes (kind, subject) values ('channel', new.remote);
  return null;
end
$$;

create trigger channel_states_tell_changes after update on hub.channel_states
for each row when (
  (old.state, old.paused_at, old.limited_at) is distinct from (new.state, new.paused_at, new.limited_at)
) execute function hub.note_channel_change();
create trigger channel_states_tell_arrivals after insert on hub.channel_states
for each row execute function hub.note_channel_change();

-- Whom to tell about which groups of cases. A target is named here and described by the environment of the consoles,
-- which alone holds its address and its secret.
create table hub.notification_rules (
  id            bigint        generated always as identity primary key,
  changed_at    timestamptz   not null default clock_timestamp(),
  cases_min     integer       not null default 1 check (cases_min between 1 and 1000000),
  again_minutes integer       not null default 60 check (again_minutes between 0 and 10080), -- 0: only when it opens
  points_min    numeric(19,4) check (points_min > 0),
  is_enabled    boolean       not null default true,
  target        text          not null check (target ~ '^[a-z][a-z0-9_]{0,30}$'),
  language      text          not null check (language in ('en', 'zh')),
  causes        text[]        not null default '{}', -- empty: any
  channels      text[]        not null default '{}', -- empty: any
  changed_by    text          not null check (length(changed_by) between 1 and 64)
);

-- What was told last about a group by a rule: the reason why it is not told again at once.
create table hub.notification_marks (
  rule_id     bigint      not null references hub.notification_rules (id) on delete cascade,
  told_at     timestamptz not null,
  cases       bigint      not null,
  fingerprint text        not null,

  primary key (rule_id, fingerprint)
);

-- Each row goes out at least once; whoever sends it holds its lock meanwhile. What it says stands in it: groups, counts
-- and points, nothing of any user.
create table hub.notifications (
  id         bigint      generated always as identity primary key,
  rule_id    bigint      not null references hub.notification_rules (id) on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  due_at     timestamptz default clock_timestamp(), -- null: sent, or given up
  sent_at    timestamptz,
  tries      smallint    not null default 0 check (tries >= 0),
  target     text        not null,
  language   text        not null check (language in ('en', 'zh')),
  trouble    text        check (length(trouble) <= 200), -- of the latest try
  facts      jsonb       not null,

  constraint sent_is_not_due check (sent_at is null or due_at is null)
);

create index notifications_due on hub.notifications (due_at) where due_at is not null;
create index notifications_by_rule on hub.notifications (rule_id);
