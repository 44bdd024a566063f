-- Postgres reads the text of every CHECK of a table anew with each statement that writes to it, and takes apart the
-- functions in it: 25 of them were half of what recording one step cost. What a session has read of a PL/pgSQL
-- function it keeps, so all rules of a deduction stand in one. Violations carry the rule's name as before.
create function hub.is_deduction(deduction hub.deductions) returns boolean
language plpgsql immutable
as $$
declare
  broken text;
begin
  broken := case
    when not hub.is_leg(
      deduction.points_state, deduction.points_first_sent_at, deduction.points_quiet_at, deduction.points_unproven,
      deduction.points_asked, deduction.points_moved, deduction.points_remote_id, deduction.points_refusal
    ) then 'points_is_a_leg'
    when not hub.is_leg(
      deduction.quota_state, deduction.quota_first_sent_at, deduction.quota_quiet_at, deduction.quota_unproven,
      deduction.quota_asked, deduction.quota_moved, deduction.quota_remote_id, deduction.quota_refusal
    ) then 'quota_is_a_leg'
    when deduction.quota_state not in ('idle', 'void')
      and deduction.points_state in ('idle', 'sent', 'pending', 'in_doubt', 'void', 'refused')
      then 'points_before_quota'
    when deduction.goal not in ('settle', 'undo') then 'deductions_goal_check'
    when deduction.goal = 'settle'
      and (
        starts_with(deduction.points_state, 'undo') or deduction.points_state = 'void'
        or starts_with(deduction.quota_state, 'undo') or deduction.quota_state = 'void'
      )
      then 'goal_settle_never_undoes'
    when deduction.goal = 'undo' and (deduction.points_state = 'idle' or deduction.quota_state = 'idle')
      then 'goal_undo_has_nothing_idle'
    when deduction.refund_row_id is not null and deduction.goal <> 'undo' then 'a_refund_line_only_undoes'
    when not deduction.holds and (deduction.points_state = 'held' or starts_with(deduction.points_state, 'confirm'))
      then 'only_who_holds_is_held'
    when deduction.quota_state = 'held' or starts_with(deduction.quota_state, 'confirm') then 'quota_is_not_held'
    when deduction.goal <> 'undo' and starts_with(deduction.points_state, 'confirm') and deduction.quota_state <> 'applied'
      then 'quota_before_confirming'
    when deduction.lease_until is not null and deduction.attempts <= 0 then 'a_lease_belongs_to_an_attempt'
    when num_nonnulls(deduction.attention, deduction.attention_leg, deduction.attention_cause) not in (0, 3)
      then 'attention_is_whole'
    when deduction.attention not in ('held', 'retried', 'misconfigured') then 'deductions_attention_check'
    when deduction.attention_leg not in ('points', 'quota') then 'deductions_attention_leg_check'
    when num_nonnulls(deduction.late_check_at, deduction.late_check_from, deduction.late_check_until) not in (0, 3)
      then 'late_check_is_whole'
    when deduction.asked <= 0 then 'deductions_asked_check'
    when deduction.attempts < 0 then 'deductions_attempts_check'
    when deduction.failures < 0 then 'deductions_failures_check'
    when deduction.wakes < 0 then 'deductions_wakes_check'
    when deduction.points_moved < 0 then 'deductions_points_moved_check'
    when deduction.quota_moved < 0 then 'deductions_quota_moved_check'
    when length(deduction.member_ref) not between 1 and 128 then 'deductions_member_ref_check'
    -- A third of the price of all rules was this one as a regular expression.
    when length(deduction.key_base) <> 26 or btrim(deduction.key_base, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') <> ''
      then 'deductions_key_base_check'
    when deduction.points_asked not in (
      'not_yet', 'not_found', 'no_answer', 'scan_not_found', 'scan_no_answer', 'scan_incomplete',
      'statement_not_found', 'statement_no_answer', 'statement_incomplete', 'statement_open'
    ) then 'deductions_points_asked_check'
    when deduction.quota_asked not in ('not_yet', 'not_found', 'no_answer') then 'deductions_quota_asked_check'
  end;
  if broken is null then
    return true;
  end if;
  raise check_violation using
    message = format('deduction %s violates the rule "%s"', deduction.id, broken),
    schema = 'hub', table = 'deductions', constraint = broken;
end
$$;

alter table hub.deductions
  drop constraint points_is_a_leg,
  drop constraint quota_is_a_leg,
  drop constraint points_before_quota,
  drop constraint deductions_goal_check,
  drop constraint goal_settle_never_undoes,
  drop constraint goal_undo_has_nothing_idle,
  drop constraint a_refund_line_only_undoes,
  drop constraint only_who_holds_is_held,
  drop constraint quota_is_not_held,
  drop constraint quota_before_confirming,
  drop constraint a_lease_belongs_to_an_attempt,
  drop constraint attention_is_whole,
  drop constraint deductions_attention_check,
  drop constraint deductions_attention_leg_check,
  drop constraint late_check_is_whole,
  drop constraint deductions_asked_check,
  drop constraint deductions_attempts_check,
  drop constraint deductions_failures_check,
  drop constraint deductions_wakes_check,
  drop constraint deductions_points_moved_check,
  drop constraint deductions_quota_moved_check,
  drop constraint deductions_member_ref_check,
  drop constraint deductions_key_base_check,
  drop constraint deductions_points_asked_check,
  drop constraint deductions_quota_asked_check,
  -- Not valid: the rows that are there stood under the same rules, and reading them all would hold everybody up.
  add constraint is_deduction check (hub.is_deduction(deductions)) not valid;
