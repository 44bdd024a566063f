import type { Deduction } from '../../core/deduction.ts';

/** The CHECK constraints of hub.deductions. @throws Error by the constraint's name */
export function refuseImpossibleRow({ goal, points, quota, lease, attempts, refund }: Deduction): void {
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
  if (refund !== undefined && goal !== 'undo') throw new Error('a_refund_line_only_undoes');
  if (lease !== undefined && attempts === 0) throw new Error('a_lease_belongs_to_an_attempt');
}

const takesNothing = new Set(['idle', 'sent', 'pending', 'in_doubt', 'void', 'refused']);
