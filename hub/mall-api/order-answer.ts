import type { LegState } from '../core/leg.ts';
import type {
  AttemptView,
  CallbackView,
  DeductionView,
  LegView,
  OrderView,
  RefundView,
} from '../store/order-view.ts';
import type {
  DeductionAnswer,
  DeductionState,
  LegAnswer,
  OrderAnswer,
  RefundAnswer,
} from './answer-schemas.ts';

/** An order in the words of the API. What is absent is left out. */
export function orderAnswer(view: OrderView): OrderAnswer {
  const { orderId, userId, status, reason, placedAt, deadlineAt, endedAt, deductions, refunds } = view;
  return {
    orderId,
    ...(userId === undefined ? {} : { userId }),
    status,
    ...(reason === undefined ? {} : { reason }),
    placedAt: placedAt.toISOString(),
    deadlineAt: deadlineAt.toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: endedAt.toISOString() }),
    deductions: deductions.map((deduction) => deductionAnswer(deduction, userId)),
    ...(refunds.length === 0 ? {} : { refunds: refunds.map((refund) => refundAnswer(refund, userId)) }),
  };
}

function refundAnswer(
  { refundId, requestedAt, lines }: RefundView,
  userId: string | undefined,
): RefundAnswer {
  const answers = lines.map((line) => deductionAnswer(line, userId));
  return {
    refundId,
    requestedAt: utc(requestedAt),
    status: answers.every(({ state }) => state === 'undone') ? 'refunded' : 'refunding',
    lines: answers,
  };
}

export function hasEnded({ status }: OrderView): boolean {
  return status === 'settled' || status === 'cancelled';
}

function deductionAnswer(view: DeductionView, userId: string | undefined): DeductionAnswer {
  const { channel, memberRef, asked, goal, points, quota, attempts, history, callbacks } = view;
  return {
    channel,
    points: asked,
    ...(memberRef === userId ? {} : { memberRef }),
    goal,
    state: deductionState(view),
    legs: { points: legAnswer(points), quota: legAnswer(quota) },
    attempts,
    history: history.map(attemptAnswer),
    ...(callbacks.length === 0 ? {} : { callbacks: callbacks.map(callbackAnswer) }),
  };
}

function legAnswer({ state, moved, refusal }: LegView): LegAnswer {
  return {
    state,
    ...(moved === null ? {} : { points: moved }),
    ...(refusal === null ? {} : { reason: refusal }),
  };
}

function attemptAnswer({ at, finishedAt, leg, action, outcome, cause }: AttemptView) {
  return {
    at: utc(at),
    ...(finishedAt === null ? {} : { finishedAt: utc(finishedAt) }),
    leg,
    action,
    ...(outcome === null ? {} : { outcome }),
    ...(cause === null ? {} : { cause }),
  };
}

function callbackAnswer(view: CallbackView) {
  const { at, about, verified, said, points, reason, takenInAt, effect } = view;
  return {
    at: utc(at),
    about,
    verified,
    said,
    ...(points === null ? {} : { points }),
    ...(reason === null ? {} : { reason }),
    ...(takenInAt === null ? {} : { takenInAt: utc(takenInAt) }),
    ...(effect === null ? {} : { effect }),
  };
}

function utc(time: string): string {
  return new Date(time).toISOString();
}

/** Both legs and the goal in one word. Trouble goes first: it is what a reader must see. */
export function deductionState({
  goal,
  points,
  quota,
}: Pick<DeductionView, 'goal' | 'points' | 'quota'>): DeductionState {
  const states = [points.state, quota.state];
  if (states.includes('undo_refused') || states.includes('confirm_refused')) return 'stuck';
  if (states.some((state) => doubtful.has(state))) return 'in_doubt';
  switch (goal) {
    case 'settle':
      if (states.every((state) => state === 'applied')) return 'settled';
      return points.state === 'idle' ? 'waiting' : 'settling';
    case 'undo':
      return states.every((state) => clear.has(state)) ? 'undone' : 'undoing';
  }
}

const doubtful: ReadonlySet<LegState> = new Set<LegState>(['in_doubt', 'confirm_in_doubt', 'undo_in_doubt']);

/** As `isClear` of core/leg.ts, by name. */
const clear: ReadonlySet<LegState> = new Set<LegState>(['refused', 'void', 'undone']);
