-- Orders, their deductions, and every remote call made for them.
-- Column order: eight-byte columns first, then shorter fixed ones, then text, so that rows carry no padding.

create schema if not exists hub;

create table hub.malls (
  created_at timestamptz not null default now(),
  id         text        primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  name       text        not null check (length(name) between 1 and 200)
);

-- Only a hash of each key's secret is kept: the secret has 256 random bits, so a plain SHA-256 is enough.
create table hub.api_keys (
  created_at      timestamptz not null default now(),
  revoked_at      timestamptz,
  rate_per_second integer     not null default 200 check (rate_per_second between 1 and 100000),
  id              text        primary key check (id ~ '^[a-z0-9]{12}$'),
  mall_id         text        not null references hub.malls (id),
  secret_hash     bytea       not null check (octet_length(secret_hash) = 32),
  label           text        not null check (length(label) <= 200)
);

-- What the channel files said when a hub process last read them, for mall backends that place orders in their own
-- transaction without having the files.
create table hub.channels (
  updated_at timestamptz   not null default now(),
  points_max numeric(19,4) not null check (points_max > 0),
  scale      smallint      not null check (scale between 0 and 4),
  id         text          primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,31}$')
);

-- mall_id has no foreign key: the check would lock the one row of a busy mall in every order's transaction.
-- Orders are placed only through a statement that selects from hub.malls.
create table hub.orders (
  id             bigint      generated always as identity primary key,
  placed_at      timestamptz not null default now(),
  ended_at       timestamptz,
  deadline_at    timestamptz not null,
  status         text        not null default 'settling'
                             check (status in ('settling', 'compensating', 'settled', 'cancelled')),
  mall_id        text        not null,
  order_id       text        not null check (length(order_id) between 1 and 64),
  user_id        text        check (length(user_id) between 1 and 128), -- null: a tombstone, see below
  fingerprint    text        not null,
  traceparent    text,
  reason_code    text,
  reason_channel text,
  reason_leg     text        check (reason_leg in ('points', 'quota')),

  unique (mall_id, order_id),
  constraint ended_means_ended check ((ended_at is not null) = (status in ('settled', 'cancelled'))),
  constraint reason_is_whole check (num_nonnulls(reason_channel, reason_leg) = case
    when reason_code is null or reason_code in ('cancelled_by_mall', 'deadline_passed') then 0 else 2
  end),
  constraint undoing_has_a_reason check ((reason_code is not null) = (status in ('compensating', 'cancelled'))),
  -- Cancelling an order id that was never seen stores it without user and deductions, so that an order which comes
  -- later under that id is refused.
  constraint only_a_tombstone_has_no_user check (user_id is not null or (status = 'cancelled' and reason_code = 'cancelled_by_mall'))
)
with (fillfactor = 80); -- each order is updated at least once; room on its page keeps the update off the indexes

-- Serves the sweeper: orders that had not settled by their deadline.
create index orders_deadline on hub.orders (deadline_at) where status = 'settling';

-- True when the facts of a leg are exactly those of its state; hub/core/leg.ts says what each state means.
create function hub.is_leg(
  state text, first_sent_at timestamptz, quiet_at timestamptz, unproven boolean, asked text,
  moved numeric, remote_id text, refusal text
) returns boolean
language sql immutable
return case state
  when 'idle'          then num_nonnulls(first_sent_at, quiet_at, unproven, asked, moved, remote_id, refusal) = 0
  when 'void'          then num_nonnulls(first_sent_at, quiet_at, unproven, asked, moved, remote_id, refusal) = 0
  when 'sent'          then num_nulls(first_sent_at, quiet_at, unproven) = 0
                        and num_nonnulls(asked, moved, remote_id, refusal) = 0
  when 'pending'       then num_nulls(first_sent_at, quiet_at) = 0
                        and num_nonnulls(unproven, asked, moved, refusal) = 0
  when 'in_doubt'      then num_nulls(first_sent_at, quiet_at, asked) = 0
                        and num_nonnulls(unproven, moved, remote_id, refusal) = 0
  when 'applied'       then moved is not null
                        and num_nonnulls(first_sent_at, quiet_at, unproven, asked, refusal) = 0
  when 'refused'       then refusal is not null
                        and num_nonnulls(first_sent_at, quiet_at, unproven, asked, moved, remote_id) = 0
  when 'undo_sent'     then num_nulls(first_sent_at, quiet_at, unproven) = 0
                        and num_nonnulls(asked, refusal) = 0
  when 'undo_pending'  then num_nulls(first_sent_at, quiet_at) = 0
                        and num_nonnulls(unproven, asked, refusal) = 0
  when 'undo_in_doubt' then num_nulls(first_sent_at, quiet_at, asked) = 0
                        and num_nonnulls(unproven, refusal) = 0
  when 'undone'        then moved is not null
                        and num_nonnulls(first_sent_at, quiet_at, unproven, asked, remote_id, refusal) = 0
  when 'undo_refused'  then refusal is not null
                        and num_nonnulls(first_sent_at, quiet_at, unproven, asked) = 0
  else false
end;

-- A refund of a settled order, whole or in part. What it asks for stands in its lines, which are rows of
-- hub.deductions with the goal undo.
create table hub.refunds (
  id           bigint      generated always as identity primary key,
  order_id     bigint      not null references hub.orders (id),
  requested_at timestamptz not null default now(),
  refund_id    text        not null check (length(refund_id) between 1 and 64),
  fingerprint  text        not null,

  unique (order_id, refund_id)
);

-- The lease's fencing token is the number of the latest attempt, so only its end is stored.
create table hub.deductions (
  id                   bigint      generated always as identity primary key,
  order_id             bigint      not null references hub.orders (id),
  refund_row_id        bigint      references hub.refunds (id), -- null: the deduction itself, not a line of a refund
  lease_until          timestamptz,
  not_before           timestamptz,
  wake_by              timestamptz,
  points_first_sent_at timestamptz,
  points_quiet_at      timestamptz,
  quota_first_sent_at  timestamptz,
  quota_quiet_at       timestamptz,
  attempts             integer     not null default 0 check (attempts >= 0),
  failures             smallint    not null default 0 check (failures >= 0),
  wakes                smallint    not null default 0 check (wakes >= 0),
  points_unproven      boolean,
  quota_unproven       boolean,
  asked                numeric(19,4) not null check (asked > 0),
  points_moved         numeric(19,4) check (points_moved >= 0),
  quota_moved          numeric(19,4) check (quota_moved >= 0),
  goal                 text        not null default 'settle' check (goal in ('settle', 'undo')),
  channel              text        not null,
  member_ref           text        not null check (length(member_ref) between 1 and 128),
  key_base             text        not null check (key_base ~ '^[A-Z2-7]{26}$'),
  points_state         text        not null default 'idle',
  quota_state          text        not null default 'idle',
  points_asked         text        check (points_asked in ('not_yet', 'not_found', 'no_answer')),
  quota_asked          text        check (quota_asked in ('not_yet', 'not_found', 'no_answer')),
  points_remote_id     text,
  quota_remote_id      text,
  points_refusal       text,
  quota_refusal        text,

  unique nulls not distinct (order_id, channel, refund_row_id),
  constraint a_refund_line_only_undoes check (refund_row_id is null or goal = 'undo'),
  constraint points_is_a_leg check (hub.is_leg(points_state, points_first_sent_at, points_quiet_at, points_unproven,
                                               points_asked, points_moved, points_remote_id, points_refusal)),
  constraint quota_is_a_leg check (hub.is_leg(quota_state, quota_first_sent_at, quota_quiet_at, quota_unproven,
                                              quota_asked, quota_moved, quota_remote_id, quota_refusal)),
  constraint points_before_quota check (quota_state in ('idle', 'void') or points_state not in ('idle', 'sent', 'pending', 'in_doubt', 'void', 'refused')),
  constraint goal_settle_never_undoes check (goal = 'undo' or (points_state !~ '^(undo|void)' and quota_state !~ '^(undo|void)')),
  constraint goal_undo_has_nothing_idle check (goal = 'settle' or (points_state <> 'idle' and quota_state <> 'idle')),
  constraint a_lease_belongs_to_an_attempt check (lease_until is null or attempts > 0)
)
with (fillfactor = 60); -- each deduction is updated at least three times

-- Serves the sweeper: deductions that nobody looked at in time. Finished ones are not in it.
create index deductions_wake_by on hub.deductions (wake_by) where wake_by is not null;

-- One row per remote call, written with its intent before the first byte leaves and completed with its outcome.
-- A row without finished_at whose send_by is long past belongs to a worker that died in mid-call.
create table hub.attempts (
  deduction_id bigint        not null,
  intended_at  timestamptz   not null,
  send_by      timestamptz   not null,
  finished_at  timestamptz,
  number       integer       not null check (number > 0),
  is_stale     boolean       not null default false,
  points       numeric(19,4) not null,
  leg          text          not null check (leg in ('points', 'quota')),
  action       text          not null check (action in ('deduct', 'find_deduct', 'give_back', 'find_give_back')),
  key          text          not null,
  outcome      text,
  cause        text,
  evidence     jsonb,

  primary key (deduction_id, number),
  constraint finished_means_outcome check ((finished_at is null) = (outcome is null))
)
with (fillfactor = 80); -- each attempt is completed once

-- What a mall's Idempotency-Key header stood for. Kept as long as the orders: order ids are unique for ever, too.
create table hub.idempotency_keys (
  created_at  timestamptz not null default now(),
  mall_id     text        not null,
  key         text        not null check (length(key) between 1 and 255),
  fingerprint text        not null,
  order_id    text        not null,

  primary key (mall_id, key)
);
