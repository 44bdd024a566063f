-- Postgres reads the text of every CHECK of a table anew with each statement that writes to it; what a session has read of
-- a PL/pgSQL function it keeps. So all rules of a message stand in one. Violations carry the rule's name as before.
create function outbox.is_message(message outbox.messages) returns boolean
language plpgsql immutable
as $$
declare
  broken text;
begin
  broken := case
    when octet_length(message.exchange) not between 1 and 255 then 'exchange_length'
    when octet_length(message.routing_key) > 255 then 'routing_key_length'
    when octet_length(message.type) not between 1 and 255 then 'type_length'
    when octet_length(message.subject) not between 1 and 255 then 'subject_length'
    when message.traceparent !~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then 'traceparent_format'
    -- A batch of 500 stays below 32 MiB, whatever is in it.
    when octet_length(message.data::text) > 65536 then 'data_length'
    when message.publish_failures < 0 or (message.publish_failures = 0) <> (message.last_failure is null)
      then 'failures_are_explained'
    when octet_length(message.last_failure) > 1000 then 'last_failure_length'
  end;
  if broken is null then
    return true;
  end if;
  raise check_violation using
    message = format('message %s violates check constraint "%s"', message.id, broken),
    schema = 'outbox', table = 'messages', constraint = broken;
end
$$;

alter table outbox.messages
  drop constraint exchange_length,
  drop constraint routing_key_length,
  drop constraint type_length,
  drop constraint subject_length,
  drop constraint traceparent_format,
  drop constraint data_length,
  drop constraint failures_are_explained,
  drop constraint last_failure_length,
  -- Not valid: the rows that are there stood under the same rules, and are soon gone.
  add constraint is_message check (outbox.is_message(messages)) not valid;
