-- PL/pgSQL sets an expression up anew in each transaction that meets it, and all rules of a deduction are hundreds of steps:
-- with those of its order a quarter of what placing one order by itself cost Postgres. Nearly every row that is written is
-- one of a few ordinary ones, which a short expression knows; whatever it does not know is held against the rules, as before.

-- In the order in which all others take their locks: orders first.
lock table hub.orders, hub.deductions in access exclusive mode;

alter function hub.is_deduction(hub.deductions) rename to deduction_keeps_rules;

create function hub.is_deduction(deduction hub.deductions) returns boolean
language plpgsql immutable
as $$
begin
  if deduction.goal = 'settle'
    and num_nonnulls(
      deduction.refund_row_id, deduction.attention, deduction.attention_leg, deduction.attention_cause,
      deduction.late_check_at, deduction.late_check_from, deduction.late_check_until,
      deduction.points_asked, deduction.points_refusal, deduction.quota_asked, deduction.quota_refusal
    ) = 0
    and (case deduction.points_state
      when 'idle' then
        deduction.quota_state = 'idle'
        and num_nonnulls(
          deduction.points_first_sent_at, deduction.points_quiet_at, deduction.points_unproven,
          deduction.points_moved, deduction.points_remote_id,
          deduction.quota_first_sent_at, deduction.quota_quiet_at, deduction.quota_unproven,
          deduction.quota_moved, deduction.quota_remote_id
        ) = 0
      when 'sent' then
        deduction.quota_state = 'idle'
        and num_nulls(deduction.points_first_sent_at, deduction.points_quiet_at, deduction.points_unproven) = 0
        and num_nonnulls(
          deduction.points_moved, deduction.points_remote_id,
          deduction.quota_first_sent_at, deduction.quota_quiet_at, deduction.quota_unproven,
          deduction.quota_moved, deduction.quota_remote_id
        ) = 0
      when 'applied' then
        deduction.points_moved >= 0
        and num_nonnulls(deduction.points_first_sent_at, deduction.points_quiet_at, deduction.points_unproven) = 0
        and case deduction.quota_state
          when 'sent' then
            num_nulls(deduction.quota_first_sent_at, deduction.quota_quiet_at, deduction.quota_unproven) = 0
            and num_nonnulls(deduction.quota_moved, deduction.quota_remote_id) = 0
          when 'applied' then
            deduction.quota_moved >= 0
            and num_nonnulls(deduction.quota_first_sent_at, deduction.quota_quiet_at, deduction.quota_unproven) = 0
        end
    end)
    and deduction.asked > 0
    and deduction.attempts >= 0
    and (deduction.attempts > 0 or deduction.lease_until is null)
    and deduction.failures >= 0
    and deduction.wakes >= 0
    and length(deduction.member_ref) between 1 and 128
    and length(deduction.key_base) = 26
    and btrim(deduction.key_base, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') = ''
  then
    return true;
  end if;
  return hub.deduction_keeps_rules(deduction);
end
$$;

alter table hub.deductions
  drop constraint is_deduction,
  -- Not valid: the rows that are there stood under the same rules, and reading them all would hold everybody up.
  add constraint is_deduction check (hub.is_deduction(deductions)) not valid;

alter function hub.is_order(hub.orders) rename to order_keeps_rules;

create function hub.is_order(placed hub.orders) returns boolean
language plpgsql immutable
as $$
begin
  if num_nonnulls(placed.reason_code, placed.reason_channel, placed.reason_leg) = 0
    and (case placed.status
      when 'settling' then placed.ended_at is null
      when 'settled' then placed.ended_at is not null
    end)
    and length(placed.order_id) between 1 and 64
    and length(placed.user_id) between 1 and 128
  then
    return true;
  end if;
  return hub.order_keeps_rules(placed);
end
$$;

alter table hub.orders
  drop constraint is_order,
  add constraint is_order check (hub.is_order(orders)) not valid;
