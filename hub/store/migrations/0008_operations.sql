-- What operators look for, retry in bulk and compensate.

-- Whose order a case is about, kept beside it, so that lists are filtered by an index of hub.cases alone.
alter table hub.cases
  add column mall_id       text,
  add column mall_order_id text,
  add column user_id       text;

update hub.cases
set mall_id = orders.mall_id, mall_order_id = orders.order_id, user_id = orders.user_id
from hub.orders
where orders.id = cases.order_id;

create function hub.name_order_of_case() returns trigger
language plpgsql
as $$
begin
  if new.order_id is not null then
    select mall_id, order_id, user_id into new.mall_id, new.mall_order_id, new.user_id
    from hub.orders
    where id = new.order_id;
  end if;
  return new;
end
$$;

create trigger cases_name_their_order before insert on hub.cases
for each row execute function hub.name_order_of_case();

-- Each filter has an index that ends with the order of the list, newest first: a page is read off it backwards, and a
-- span of time is a part of it.
drop index hub.cases_by_state, hub.cases_by_channel, hub.cases_by_cause, hub.cases_by_fingerprint;
create index cases_by_state on hub.cases (state, first_seen_at, id);
create index cases_by_channel on hub.cases (state, channel, first_seen_at, id);
create index cases_by_cause on hub.cases (state, cause, first_seen_at, id);
create index cases_by_channel_and_cause on hub.cases (state, channel, cause, first_seen_at, id);
create index cases_by_operation on hub.cases (state, operation, first_seen_at, id);
create index cases_by_fingerprint on hub.cases (state, fingerprint, first_seen_at, id);
create index cases_by_claimer on hub.cases (state, claimed_by, first_seen_at, id) where claimed_by is not null;
create index cases_by_points on hub.cases (state, points) where points is not null;
create index cases_by_order on hub.cases (mall_order_id, first_seen_at, id) where mall_order_id is not null;
create index cases_by_user on hub.cases (user_id, first_seen_at, id) where user_id is not null;

-- Groups are counted as cases change, never by reading all cases. A counter per group would put all workers in one
-- line during an outage, when thousands of cases of one group open at once. So whoever changes a case only adds a row
-- here, and whoever looks at the groups first folds what was added into the counters.
create table hub.case_deltas (
  id          bigint      generated always as identity primary key,
  seen_at     timestamptz not null,
  arrived_at  timestamptz, -- where a case was opened
  points      numeric(19,4) not null,
  cases       smallint    not null check (cases in (-1, 1)),
  state       text        not null,
  fingerprint text        not null,
  channel     text,
  member      text,        -- the user, unique over all malls
  claimed_by  text
);

create table hub.case_groups (
  last_seen_at timestamptz   not null,
  points       numeric(30,4) not null,
  cases        bigint        not null,
  users        bigint        not null,
  state        text          not null,
  fingerprint  text          not null,

  primary key (state, fingerprint)
);

-- How many cases of a group each channel, user and claimer has.
create table hub.case_group_members (
  cases       bigint not null,
  state       text   not null,
  fingerprint text   not null,
  kind        text   not null check (kind in ('channel', 'user', 'claimer')),
  member      text   not null,

  primary key (state, fingerprint, kind, member)
);

create index case_group_members_gone on hub.case_group_members (state) where cases = 0;

-- Cases opened per hour: the trend.
create table hub.case_arrivals (
  hour        timestamptz not null,
  cases       bigint      not null,
  fingerprint text        not null,

  primary key (fingerprint, hour)
);

create function hub.note_case_change() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'UPDATE' then
    if (old.state, old.fingerprint, old.points, old.claimed_by, old.last_seen_at)
       is not distinct from (new.state, new.fingerprint, new.points, new.claimed_by, new.last_seen_at) then
      return null;
    end if;
    insert into hub.case_deltas (seen_at, points, cases, state, fingerprint, channel, member, claimed_by)
    values (old.last_seen_at, -coalesce(old.points, 0), -1, old.state, old.fingerprint, old.channel,
            old.mall_id || '/' || old.user_id, old.claimed_by);
  end if;
  insert into hub.case_deltas (seen_at, arrived_at, points, cases, state, fingerprint, channel, member, claimed_by)
  values (new.last_seen_at, case tg_op when 'INSERT' then new.first_seen_at end, coalesce(new.points, 0), 1, new.state,
          new.fingerprint, new.channel, new.mall_id || '/' || new.user_id, new.claimed_by);
  return null;
end
$$;

create trigger cases_note_changes after insert or update on hub.cases
for each row execute function hub.note_case_change();

insert into hub.case_deltas (seen_at, arrived_at, points, cases, state, fingerprint, channel, member, claimed_by)
select last_seen_at, first_seen_at, coalesce(points, 0), 1, state, fingerprint, channel, mall_id || '/' || user_id,
       claimed_by
from hub.cases;

-- A bulk replay: the cases that a preview froze, retried one after the other. Whoever holds the row's lock drives it for
-- as long as his transaction lasts: a lease that cannot outlive its holder.
create table hub.replays (
  id              bigint      generated always as identity primary key,
  previewed_at    timestamptz not null default clock_timestamp(),
  expires_at      timestamptz not null, -- of the preview: too old a one is not started
  started_at      timestamptz,
  ended_at        timestamptz,
  next_at         timestamptz,          -- when the next item may go, by the rate
  points          numeric(30,4) not null default 0, -- of eligible items, as users below
  items           integer     not null default 0,
  eligible        integer     not null default 0,
  users           integer     not null default 0,
  begun           integer     not null default 0,
  succeeded       integer     not null default 0,
  failed          integer     not null default 0,
  skipped         integer     not null default 0,
  cancelled       integer     not null default 0,
  succeeded_before integer    not null default 0, -- at the last start or resume: the share of failures counts from there
  failed_before   integer     not null default 0,
  rate_per_second integer     not null check (rate_per_second between 1 and 500),
  canary          integer     not null check (canary between 0 and 1000),
  failed_percent_max integer  not null check (failed_percent_max between 1 and 100),
  is_canary_over  boolean     not null default false,
  state           text        not null default 'previewed' check (state in (
                                'previewed', 'running', 'paused', 'cancelling', 'cancelled', 'done')),
  previewed_by    text        not null check (length(previewed_by) between 1 and 64),
  reason          text        check (length(reason) between 1 and 4000),
  pause_cause     text        check (length(pause_cause) <= 200),
  channels        text[]      not null default '{}', -- of eligible items
  chosen          jsonb       not null, -- the filter, or the cases, that the preview was made from
  ineligible      jsonb       not null default '{}', -- how many, by reason

  constraint ended_means_ended check ((ended_at is not null) = (state in ('cancelled', 'done'))),
  constraint paused_for_a_cause check ((pause_cause is not null) = (state = 'paused'))
)
with (fillfactor = 50); -- one row, updated with every batch

create index replays_under_way on hub.replays (id) where state in ('running', 'cancelling', 'paused');

create table hub.replay_items (
  replay_id    bigint      not null references hub.replays (id),
  case_id      bigint      not null references hub.cases (id),
  order_id     bigint,     -- null: not about a leg, and never eligible
  operation_id bigint      references hub.case_operations (id),
  began_at     timestamptz,
  ended_at     timestamptz,
  number       integer     not null check (number > 0),
  seen         integer     not null, -- how often the case had been seen: seen again, it is another situation
  points       numeric(19,4),
  state        text        not null check (state in (
                             'ineligible', 'waiting', 'under_way', 'succeeded', 'failed', 'skipped', 'cancelled')),
  outcome      text        check (length(outcome) <= 200),

  primary key (replay_id, number),
  unique (replay_id, case_id),
  constraint only_a_retry_is_under_way check (state not in ('under_way', 'succeeded') or operation_id is not null)
)
with (fillfactor = 70); -- each eligible item is updated twice

create index replay_items_by_state on hub.replay_items (replay_id, state, number);
create index replay_items_by_case on hub.replay_items (case_id);

-- A person wants points or quota moved, or the truth of a leg stated; another person decides.
create table hub.compensations (
  id             bigint        generated always as identity primary key,
  case_id        bigint        references hub.cases (id), -- null: a refund of an order that has no case
  order_id       bigint        not null references hub.orders (id),
  deduction_id   bigint        not null references hub.deductions (id),
  line_id        bigint        references hub.deductions (id), -- what gives back, where something is given back
  requested_at   timestamptz   not null default clock_timestamp(),
  expires_at     timestamptz   not null,
  decided_at     timestamptz,
  verify_at      timestamptz,  -- when the remote is to be asked next; null: not (any more)
  verified_at    timestamptz,
  points         numeric(19,4) check (points > 0),
  verify_tries   smallint      not null default 0,
  state          text          not null default 'requested' check (state in (
                                 'requested', 'approved', 'rejected', 'withdrawn', 'expired')),
  verification   text          check (verification in ('waiting', 'confirmed', 'contradicted', 'unconfirmed')),
  kind           text          not null check (kind in ('refund_points', 'return_quota', 'mark_done', 'mark_undone')),
  leg            text          not null check (leg in ('points', 'quota')),
  channel        text          not null,
  reason_code    text          not null check (reason_code ~ '^[A-Z][A-Z0-9_]{1,31}$'),
  reason         text          not null check (length(reason) between 1 and 4000),
  evidence       text          not null check (length(evidence) between 1 and 4000),
  remote_id      text          check (length(remote_id) <= 128),
  requested_by   text          not null check (length(requested_by) between 1 and 64),
  request_key    text          check (length(request_key) between 1 and 255), -- the request sent twice is one
  decided_by     text          check (length(decided_by) between 1 and 64),
  decision       text          check (length(decision) <= 4000),
  finding        jsonb,        -- what the remote answered

  constraint decided_by_somebody check ((decided_by is null) = (state in ('requested', 'expired'))),
  constraint decided_means_when check ((decided_at is null) = (state in ('requested', 'expired'))),
  constraint only_what_took_effect_is_verified check ((verification is not null) = (state = 'approved')),
  constraint points_where_points_move check (points is not null or kind in ('mark_done', 'mark_undone'))
);

create unique index compensations_one_request on hub.compensations (deduction_id, leg) where state = 'requested';
create unique index compensations_request_key on hub.compensations (requested_by, request_key)
  where request_key is not null;
create index compensations_by_state on hub.compensations (state, id);
create index compensations_by_case on hub.compensations (case_id, id) where case_id is not null;
create index compensations_to_verify on hub.compensations (verify_at) where verify_at is not null;
create index compensations_to_expire on hub.compensations (expires_at) where state = 'requested';

-- Up to so many points one person may compensate alone at a channel. No row: nothing.
create table hub.compensation_thresholds (
  set_at     timestamptz   not null default clock_timestamp(),
  points_max numeric(19,4) not null check (points_max > 0),
  channel    text          primary key,
  set_by     text          not null check (length(set_by) between 1 and 64)
);
