import type { Deduction } from '../../core/deduction.ts';

/** The CHECK constraints of hub.deductions. @throws Error by the constraint's name */
export function refuseImpossibleRow(deduction: Deduction): void {
  const { holds, goal, points, quota, lease, attempts, refund } = deduction;
  const states = [points.state, quota.state];
  if (quota.state !== 'idle' && quota.state !== 'void' && takesNothing.has(points.state)) {
    throw new Error(`points_before_quota: quota ${quota.state} with points ${points.state}`);
  }
  if (goal === 'settle' && states.some((state) => state.startsWith('undo') || state === 'void')) {
    throw new Error(`goal_settle_never_undoes: points ${points.state}, quota ${quota.state}`);
  }
  if (goal === 'undo' && states.includes('idle')) {
    throw new Error(`goal_undo_has_nothing_idle: points ${points.state}, quota ${quota.state}`);
  }
  if (!holds && isHolding(points.state)) throw new Error(`only_who_holds_is_held: points ${points.state}`);
  if (isHolding(quota.state)) throw new Error(`quota_is_not_held: quota ${quota.state}`);
  if (goal === 'settle' && points.state.startsWith('confirm') && quota.state !== 'applied') {
    throw new Error(`quota_before_confirming: points ${points.state}, quota ${quota.state}`);
  }
  if (refund !== undefined && goal !== 'undo') throw new Error('a_refund_line_only_undoes');
  if (lease !== undefined && attempts === 0) throw new Error('a_lease_belongs_to_an_attempt');
}

function isHolding(state: string): boolean {
  return /^(held|confirm)/.test(state);
}

const takesNothing = new Set(['idle', 'sent', 'pending', 'in_doubt', 'void', 'refused']);
