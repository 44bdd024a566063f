-- More ways out of doubt: scans, statements, channels without reversal, and a late look at what was not found.

-- A column's CHECK is looked at anew only for rows that are written; every value that was allowed still is.
alter table hub.deductions
  add column late_check_at    timestamptz,
  add column late_check_from  timestamptz,
  add column late_check_until timestamptz,
  add constraint late_check_is_whole check (num_nonnulls(late_check_at, late_check_from, late_check_until) in (0, 3)),
  drop constraint deductions_points_asked_check,
  drop constraint deductions_quota_asked_check,
  add constraint deductions_points_asked_check check (points_asked in (
    'not_yet', 'not_found', 'no_answer', 'scan_not_found', 'scan_no_answer', 'scan_incomplete',
    'statement_not_found', 'statement_no_answer', 'statement_incomplete', 'statement_open')) not valid,
  -- The portal is asked by key alone.
  add constraint deductions_quota_asked_check check (quota_asked in ('not_yet', 'not_found', 'no_answer')) not valid;

alter table hub.attempts
  drop constraint attempts_action_check,
  add constraint attempts_action_check check (action in (
    'deduct', 'find_deduct', 'scan_deduct', 'statement_deduct',
    'give_back', 'find_give_back', 'scan_give_back', 'statement_give_back')) not valid;

alter table hub.cases
  drop constraint cases_cause_check,
  add constraint cases_cause_check check (cause in (
    'doubt', 'pending_too_long', 'attempts_used_up', 'give_back_refused', 'cannot_give_back', 'another_amount',
    'late_truth', 'crash_loop', 'misconfigured', 'unreadable_message',
    'unmatched_callback')) not valid;

-- Whether the channel gives points back; one that does not may only be an order's one channel.
alter table hub.channels
  add column gives_back boolean not null default true;
