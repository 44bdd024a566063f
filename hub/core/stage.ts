/**
 * Which deductions of an order may act: `hold → deduct → confirm`. It is read off the deductions, so it cannot
 * contradict them. A stage with nothing to do is skipped.
 */
import type { Deduction } from './deduction.ts';
import type { Leg } from './leg.ts';

export type Stage =
  /** Who can hold does so, and takes its quota. */
  | 'hold'
  /** The others take points and quota. */
  | 'deduct'
  /** All are ready: what is held is taken for good. */
  | 'confirm';

/** From an order's deadline until its confirmations should be through; a hold has to outlive both. */
export const confirmMarginMs = 300_000;

/** Whether points of an order may be held at a channel that can for so long: no hold may end before its order does. */
export function outlives(holdsForMs: number, deadlineMs: number): boolean {
  return holdsForMs >= deadlineMs + confirmMarginMs;
}

/** The stage of an order that is settling. */
export function stageOf(deductions: readonly Deduction[]): Stage {
  const waiting = deductions.filter((one) => one.refund === undefined && !isReady(one));
  if (waiting.length === 0) return 'confirm';
  return waiting.some(({ holds }) => holds) ? 'hold' : 'deduct';
}

/** Points and quota are there, with exactly what was asked for; nothing but confirming may be left. */
function isReady({ asked, points, quota }: Deduction): boolean {
  return isThere(points, asked) && quota.state === 'applied' && quota.points.equals(asked);
}

function isThere(points: Leg, asked: Deduction['asked']): boolean {
  switch (points.state) {
    case 'held':
    case 'applied':
      return points.points.equals(asked);
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
      return true;
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'refused':
    case 'void':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undone':
    case 'undo_refused':
      return false;
  }
}

/**
 * Whether something of an order that is settling is confirmed, or may be. From then on it goes forward only: what is
 * confirmed would be seen to leave and to come back.
 */
export function isConfirming(deductions: readonly Deduction[]): boolean {
  return deductions.some(({ refund, holds, points }) => {
    if (refund !== undefined || !holds) return false;
    switch (points.state) {
      case 'confirm_sent':
      case 'confirm_pending':
      case 'confirm_in_doubt':
      case 'applied':
        return true;
      case 'confirm_refused':
        return points.reason === 'another_amount';
      case 'idle':
      case 'sent':
      case 'pending':
      case 'in_doubt':
      case 'held':
      case 'refused':
      case 'void':
      case 'undo_sent':
      case 'undo_pending':
      case 'undo_in_doubt':
      case 'undone':
      case 'undo_refused':
        return false;
    }
  });
}
