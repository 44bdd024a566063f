-- The outbox: what a transaction wants sent, written in that same transaction. A relay publishes the rows and
-- deletes each one once the broker has confirmed it, so the table holds only what still has to go out.

create schema if not exists outbox;

create table outbox.messages (
  -- Columns of fixed width come first, so that a row has no padding between them.

  -- Becomes the message id at the broker. It says nothing about commit order: no relay may use it as a cursor.
  id bigint generated always as identity primary key,

  -- Not published before this moment. A failed publish moves it into the future.
  available_at timestamptz not null default now(),

  -- Set only by a relay whose broker consumes slowly (in-process): the row is taken until then. A relay in
  -- front of RabbitMQ never sets it, because it holds its rows by an open transaction instead.
  claimed_until timestamptz,

  -- When the message was written: the `time` of its envelope, and the measure of how long it waited.
  created_at timestamptz not null default now(),

  -- How often publishing was tried without a confirm, and what the last try met.
  publish_failures smallint not null default 0,

  -- A mandatory message that no queue takes stays here; any other one is gone once the broker has confirmed it.
  mandatory boolean not null,

  -- Where it goes. Both are short strings of AMQP 0-9-1, hence 255 octets.
  exchange text not null,
  routing_key text not null,

  -- The CloudEvents attributes of the same names.
  type text not null,
  subject text,

  -- W3C Trace Context.
  traceparent text,

  last_failure text,

  -- json, not jsonb: the text is sent on exactly as it was written, so numbers keep their digits.
  data json not null,

  constraint exchange_length check (octet_length(exchange) between 1 and 255),
  constraint routing_key_length check (octet_length(routing_key) <= 255),
  constraint type_length check (octet_length(type) between 1 and 255),
  constraint subject_length check (octet_length(subject) between 1 and 255),
  constraint traceparent_format check (
    traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'
  ),
  -- A batch of 500 stays below 32 MiB, whatever is in it.
  constraint data_length check (octet_length(data::text) <= 65536),
  constraint failures_are_explained check (
    publish_failures >= 0 and (publish_failures = 0) = (last_failure is null)
  ),
  constraint last_failure_length check (octet_length(last_failure) <= 1000)
)
with (
  -- Rows are inserted and deleted. The rare update touches an indexed column, so it could not stay on its page
  -- anyway: free space kept for it would be wasted.
  fillfactor = 100,
  -- A queue that is empty at noon may have seen a million rows by then: the share of dead rows says nothing, and
  -- every dead row at the low end of the index slows the next claim. So vacuum by number, early and unthrottled.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0,
  -- Giving empty pages back to the file system takes an exclusive lock, and the next burst needs them again.
  vacuum_truncate = false
);

-- Serves the claim: the oldest available rows that nobody has taken, in this order.
create index messages_claimable on outbox.messages (available_at, id) where claimed_until is null;

-- Serves the release of claims whose relay died. Empty in front of RabbitMQ.
create index messages_claimed on outbox.messages (claimed_until) where claimed_until is not null;

-- Writes one message in the caller's transaction, from any language:
--   select outbox.append('shop.events', 'order.paid', 'shop.order.paid', 'order-17', '{"total":"12.50"}');
-- Returns its id. A malformed traceparent is dropped, as W3C Trace Context asks: a tracing header must never
-- cost an order. A single SQL statement, so that it may be called inside any other one.
create function outbox.append(
  exchange text,
  routing_key text,
  type text,
  subject text,
  data json,
  available_at timestamptz default now(),
  mandatory boolean default true,
  traceparent text default null
) returns bigint
language sql
volatile
as $$
  insert into outbox.messages (exchange, routing_key, type, subject, data, available_at, mandatory, traceparent)
  values (
    append.exchange,
    append.routing_key,
    append.type,
    append.subject,
    append.data,
    coalesce(append.available_at, now()),
    append.mandatory,
    case
      when append.traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then append.traceparent
    end
  )
  returning id;
$$;
