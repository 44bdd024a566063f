-- Points that are held first, and confirmed once every deduction of their order is ready.

-- For how long a channel can hold points; 0: not at all.
alter table hub.channels
  add column holds_for_ms bigint not null default 0 check (holds_for_ms >= 0);

-- As hub/core/leg.ts has it. What was a leg before still is one.
create or replace function hub.is_leg(
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
  when 'held'          then moved is not null
                        and num_nonnulls(first_sent_at, quiet_at, unproven, asked, refusal) = 0
  when 'confirm_sent'  then num_nulls(first_sent_at, quiet_at, unproven, moved) = 0
                        and num_nonnulls(asked, refusal) = 0
  when 'confirm_pending'
                       then num_nulls(first_sent_at, quiet_at, moved) = 0
                        and num_nonnulls(unproven, asked, refusal) = 0
  when 'confirm_in_doubt'
                       then num_nulls(first_sent_at, quiet_at, asked, moved) = 0
                        and num_nonnulls(unproven, refusal) = 0
  when 'confirm_refused'
                       then num_nulls(refusal, moved) = 0
                        and num_nonnulls(first_sent_at, quiet_at, unproven, asked) = 0
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

-- A column's CHECK is looked at anew only for rows that are written; every value that was allowed still is.
alter table hub.deductions
  add column holds boolean not null default false,
  add constraint only_who_holds_is_held check (holds or points_state !~ '^(held|confirm)') not valid,
  add constraint quota_is_not_held check (quota_state !~ '^(held|confirm)') not valid,
  add constraint quota_before_confirming check (goal = 'undo' or points_state !~ '^confirm' or quota_state = 'applied') not valid;

alter table hub.attempts
  drop constraint attempts_action_check,
  add constraint attempts_action_check check (action in (
    'deduct', 'find_deduct', 'scan_deduct', 'statement_deduct', 'hold', 'confirm', 'find_confirm',
    'give_back', 'find_give_back', 'scan_give_back', 'statement_give_back', 'release')) not valid;

alter table hub.cases
  drop constraint cases_cause_check,
  add constraint cases_cause_check check (cause in (
    'doubt', 'pending_too_long', 'attempts_used_up', 'confirm_refused', 'give_back_refused', 'cannot_give_back',
    'another_amount', 'late_truth', 'crash_loop', 'misconfigured', 'unreadable_message',
    'unmatched_callback')) not valid;

alter table hub.callback_references
  drop constraint callback_references_direction_check,
  add constraint callback_references_direction_check check (direction in ('deduct', 'confirm', 'give_back')) not valid;
alter table hub.callbacks
  drop constraint callbacks_direction_check,
  add constraint callbacks_direction_check check (direction in ('deduct', 'confirm', 'give_back')) not valid;

-- Whom the next call of an unfinished deduction goes to, as hub/core/next-step.ts has it.
create or replace function hub.next_remote(goal text, channel text, points_state text, quota_state text) returns text
language sql immutable
return case
  when goal = 'settle' and points_state = 'applied' then 'portal'
  when goal = 'settle' and points_state = 'held' and quota_state <> 'applied' then 'portal'
  when goal = 'undo' and quota_state not in ('refused', 'void', 'undone') then 'portal'
  else 'channel:' || channel
end;
