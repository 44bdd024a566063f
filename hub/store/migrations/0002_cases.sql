-- Cases: what cannot finish by itself, and what people did about it.

alter table hub.deductions
  add column retried_at      timestamptz,
  add column attention       text check (attention in ('held', 'retried', 'misconfigured')),
  add column attention_leg   text check (attention_leg in ('points', 'quota')),
  add column attention_cause text,
  add constraint attention_is_whole check (num_nonnulls(attention, attention_leg, attention_cause) in (0, 3));

-- Serves the end of a misconfiguration: whether anybody still waits for it, and who is to be let try at once.
create index deductions_misconfigured on hub.deductions (channel, attention_leg, attention_cause)
  where attention = 'misconfigured';

-- A case has one of three subjects: a leg of a deduction or refund line, the set-up of a remote (the channel for the leg
-- points, the portal for quota), or a message that the broker gave up. Nothing is deleted while it is open or ignored.
create table hub.cases (
  id            bigint      generated always as identity primary key,
  order_id      bigint      references hub.orders (id),
  deduction_id  bigint      references hub.deductions (id),
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at  timestamptz not null default clock_timestamp(),
  closed_at     timestamptz,
  claimed_at    timestamptz,
  version       integer     not null default 1 check (version > 0), -- rises with every change; what If-Match names
  count         integer     not null default 1 check (count > 0),
  points        numeric(19,4), -- at stake; null where that is unknown or changes with those who wait
  state         text        not null default 'open' check (state in ('open', 'ignored', 'resolved', 'recovered')),
  cause         text        not null check (cause in (
                              'doubt', 'pending_too_long', 'attempts_used_up', 'give_back_refused', 'another_amount',
                              'late_truth', 'crash_loop', 'misconfigured', 'unreadable_message')),
  suggestion    text        not null check (suggestion in (
                              'query', 'retry', 'resolve', 'fix_set_up', 'ask_engineering')),
  leg           text        check (leg in ('points', 'quota')),
  channel       text,
  code          text,       -- of a misconfiguration
  operation     text,       -- e.g. points.deduct; null where no call is concerned
  message_key   text,       -- of a message: its id and the digest of its body
  error         text        not null check (length(error) <= 200),
  fingerprint   text        not null check (length(fingerprint) <= 300),
  claimed_by    text        check (length(claimed_by) between 1 and 64),
  evidence      jsonb       not null,

  constraint closed_means_closed check ((closed_at is null) = (state in ('open', 'ignored'))),
  constraint claimed_by_somebody check ((claimed_by is null) = (claimed_at is null)),
  constraint has_one_subject check (case
    when cause = 'misconfigured' then num_nulls(channel, leg, code) = 0 and num_nonnulls(deduction_id, order_id, message_key) = 0
    when deduction_id is not null then num_nulls(order_id, channel, leg) = 0 and num_nonnulls(message_key, code) = 0
    else message_key is not null and cause in ('unreadable_message', 'crash_loop')
  end)
);

create unique index cases_one_per_leg on hub.cases (deduction_id, leg)
  where state in ('open', 'ignored') and deduction_id is not null;
create unique index cases_one_per_misconfiguration on hub.cases (channel, leg, code)
  where state in ('open', 'ignored') and cause = 'misconfigured';
-- For ever: a message that is delivered once more after its case was closed is still the same message.
create unique index cases_one_per_message on hub.cases (message_key) where message_key is not null;

-- Serve the lists, newest first, and the groups.
create index cases_by_state on hub.cases (state, id);
create index cases_by_channel on hub.cases (state, channel, id);
create index cases_by_cause on hub.cases (state, cause, id);
create index cases_by_fingerprint on hub.cases (state, fingerprint, id);

-- Everything that a person did about a case. A row without finished_at is under way; a query whose expires_at is past
-- belongs to a process that died in mid-call.
create table hub.case_operations (
  id          bigint      generated always as identity primary key,
  case_id     bigint      not null references hub.cases (id),
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  expires_at  timestamptz,
  kind        text        not null check (kind in ('claim', 'note', 'query', 'retry', 'resolve', 'ignore', 'restore')),
  operator    text        not null check (length(operator) between 1 and 64),
  reason      text        check (length(reason) between 1 and 4000),
  outcome     text        check (length(outcome) <= 200),
  details     jsonb       not null default '{}',

  constraint finished_means_outcome check ((finished_at is null) = (outcome is null)),
  constraint only_these_take_time check (finished_at is not null or kind in ('query', 'retry'))
);

create unique index case_operations_one_open on hub.case_operations (case_id) where finished_at is null;
create index case_operations_by_case on hub.case_operations (case_id, id);
