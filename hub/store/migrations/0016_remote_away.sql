-- What waits for a remote that does not come back becomes cases. A column's CHECK is looked at anew only for rows that are
-- written; every value that was allowed still is.
alter table hub.cases
  drop constraint cases_cause_check,
  add constraint cases_cause_check check (cause in (
    'doubt', 'pending_too_long', 'attempts_used_up', 'confirm_refused', 'give_back_refused', 'cannot_give_back',
    'another_amount', 'late_truth', 'crash_loop', 'remote_away', 'misconfigured', 'unreadable_message',
    'unmatched_callback')) not valid;
