-- What channels tell by themselves: kept in the transaction after which the channel is answered, taken in by a worker.

-- By what a callback may name an operation: our key, or the channel's own id of it. Rows exist for channels that send
-- callbacks, and for ever: the truth may come late.
create table hub.callback_references (
  deduction_id bigint not null,
  order_id     bigint not null,
  channel      text   not null,
  kind         text   not null check (kind in ('key', 'remote_id')),
  reference    text   not null,
  direction    text   not null check (direction in ('deduct', 'give_back')),

  -- A remote's id that stands for two operations proves nothing about either of them.
  primary key (channel, kind, reference, deduction_id, direction)
);

create table hub.callbacks (
  id           bigint        generated always as identity primary key,
  order_id     bigint,       -- this and the next two: null while nobody knows what it is about
  deduction_id bigint,
  received_at  timestamptz   not null,
  wake_by      timestamptz,
  applied_at   timestamptz,
  wakes        smallint      not null default 0 check (wakes >= 0),
  is_signed    boolean       not null,
  points       numeric(19,4) check (points >= 0),
  direction    text          check (direction in ('deduct', 'give_back')),
  channel      text          not null,
  event_id     text          not null check (length(event_id) between 1 and 128),
  digest       text          not null check (digest ~ '^[0-9a-f]{64}$'),
  kind         text          not null check (kind in ('key', 'remote_id')),
  reference    text          not null check (length(reference) between 1 and 128),
  said         text          not null check (said in ('done', 'rejected', 'pending', 'hint')),
  reason       text,
  remote_id    text,
  effect       text          check (effect in ('moved', 'asked', 'late_truth', 'nothing_new')),
  evidence     jsonb         not null,

  unique (channel, event_id),
  constraint known_means_whole check (num_nonnulls(order_id, deduction_id, direction) in (0, 3)),
  constraint applied_means_effect check (num_nonnulls(applied_at, effect) in (0, 2)),
  constraint only_a_known_one_is_applied check (applied_at is null or (deduction_id is not null and wake_by is null)),
  constraint only_the_signed_prove check (is_signed or said = 'hint'),
  constraint done_has_points check ((said = 'done') = (points is not null)),
  constraint rejected_has_a_reason check ((said = 'rejected') = (reason is not null))
)
with (fillfactor = 80); -- each is matched and taken in once

-- What a worker takes in with the order that it has locked.
create index callbacks_unapplied on hub.callbacks (order_id) where applied_at is null and order_id is not null;
-- What becomes known when an operation gets a name.
create index callbacks_unmatched on hub.callbacks (channel, kind, reference) where order_id is null;
-- Serves the sweeper.
create index callbacks_wake_by on hub.callbacks (wake_by) where wake_by is not null;
-- Serves the end of their retention; what was never taken in is kept.
create index callbacks_applied_at on hub.callbacks (applied_at) where applied_at is not null;

-- A callback that stays unknown becomes a case of its own, as a dead message does.
alter table hub.cases
  drop constraint cases_cause_check,
  drop constraint has_one_subject,
  add constraint cases_cause_check check (cause in (
    'doubt', 'pending_too_long', 'attempts_used_up', 'give_back_refused', 'another_amount', 'late_truth', 'crash_loop',
    'misconfigured', 'unreadable_message', 'unmatched_callback')),
  add constraint has_one_subject check (case
    when cause = 'misconfigured' then num_nulls(channel, leg, code) = 0 and num_nonnulls(deduction_id, order_id, message_key) = 0
    when deduction_id is not null then num_nulls(order_id, channel, leg) = 0 and num_nonnulls(message_key, code) = 0
    when cause = 'unmatched_callback' then num_nulls(message_key, channel) = 0 and num_nonnulls(order_id, leg, code) = 0
    else message_key is not null and cause in ('unreadable_message', 'crash_loop')
  end);
