import type { RejectionReason } from '@points-hub/adapters';
import { toUndo, type Deduction } from './deduction.ts';
import { isClear, type Leg, type LegName } from './leg.ts';
import { isConfirming } from './stage.ts';

/** `settling → settled`, or `settling → compensating → cancelled`. Both ends are final. */
export const orderStatuses = ['settling', 'compensating', 'settled', 'cancelled'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** The first thing that kept an order from settling. */
export type CancelReason =
  | {
      readonly code: RejectionReason | 'another_amount';
      readonly channel: string;
      readonly leg: LegName;
    }
  /** The mall asked for it, or the order had not settled by its deadline. */
  | { readonly code: 'cancelled_by_mall' | 'deadline_passed' };

export interface Order {
  readonly id: string;
  readonly mallId: string;
  /** The mall's own order id, unique per mall for ever. */
  readonly orderId: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly reason: CancelReason | undefined;
  /** An order that has not settled by then is compensated. */
  readonly deadlineAt: Date;
  readonly traceparent: string | undefined;
}

/** An order with all its deductions as they are now: what every decision is made from. */
export interface Settlement {
  readonly order: Order;
  readonly deductions: readonly Deduction[];
}

/**
 * What the order is at `now`, given its deductions: settled when every leg is applied with exactly the points asked
 * for; compensating, with every deduction's goal undo, once one cannot settle or the deadline is past; cancelled when
 * nothing is in effect. Once something may be confirmed neither the deadline nor a refusal to confirm turns it.
 * Idempotent, and never rewrites an ended order.
 */
export function decideOrder(settlement: Settlement, now: Date): Settlement {
  const { order, deductions } = settlement;
  switch (order.status) {
    case 'settled':
    case 'cancelled':
      return settlement;
    case 'settling': {
      // A correction may be under way already: it gives back what was in effect beside a deduction.
      const paying = deductions.filter(({ refund }) => refund === undefined);
      if (paying.every(isSettled)) return { order: { ...order, status: 'settled' }, deductions };
      const reason =
        firstReason(paying) ??
        (isConfirming(paying) ? undefined : (refusedConfirmation(paying) ?? reasonOfTime(order, now)));
      return reason === undefined ? settlement : turn(settlement, reason);
    }
    case 'compensating':
      return deductions.every(isUndone)
        ? { order: { ...order, status: 'cancelled' }, deductions }
        : settlement;
  }
}

/**
 * What the order is once the mall wants it cancelled: it turns while it is settling and nothing may be confirmed, and
 * else stays what it is.
 */
export function cancelOrder(settlement: Settlement): Settlement {
  switch (settlement.order.status) {
    case 'settling':
      return isConfirming(settlement.deductions)
        ? settlement
        : turn(settlement, { code: 'cancelled_by_mall' });
    case 'compensating':
    case 'settled':
    case 'cancelled':
      return settlement;
  }
}

/** What the order is once a person has stated that what is held for it never will be confirmed. */
export function abandonOrder(settlement: Settlement, reason: CancelReason): Settlement {
  return settlement.order.status === 'settling' ? turn(settlement, reason) : settlement;
}

/** From here on every deduction is driven back; an order of which nothing was ever sent is cancelled at once. */
function turn({ order, deductions }: Settlement, reason: CancelReason): Settlement {
  const turned = deductions.map(toUndo);
  const status = turned.every(isUndone) ? 'cancelled' : 'compensating';
  return { order: { ...order, status, reason }, deductions: turned };
}

function reasonOfTime({ deadlineAt }: Order, now: Date): CancelReason | undefined {
  return now < deadlineAt ? undefined : { code: 'deadline_passed' };
}

function isSettled({ asked, points, quota }: Deduction): boolean {
  return isAppliedExactly(points, asked) && isAppliedExactly(quota, asked);
}

function isAppliedExactly(leg: Leg, asked: Deduction['asked']): boolean {
  return leg.state === 'applied' && leg.points.equals(asked);
}

function isUndone({ points, quota }: Deduction): boolean {
  return isClear(points) && isClear(quota);
}

function firstReason(deductions: readonly Deduction[]): CancelReason | undefined {
  for (const deduction of deductions) {
    for (const leg of ['points', 'quota'] as const) {
      const code = whyNot(deduction[leg], deduction.asked);
      if (code !== undefined) return { code, channel: deduction.channel, leg };
    }
  }
  return undefined;
}

/** The first refusal to confirm, which turns an order of which nothing is confirmed. */
function refusedConfirmation(deductions: readonly Deduction[]): CancelReason | undefined {
  for (const { channel, points } of deductions) {
    if (points.state === 'confirm_refused') return { code: points.reason, channel, leg: 'points' };
  }
  return undefined;
}

/** Why this leg keeps its order from settling; undefined while it still may settle. */
function whyNot(leg: Leg, asked: Deduction['asked']): RejectionReason | 'another_amount' | undefined {
  if (leg.state === 'refused') return leg.reason;
  const isTaken = leg.state === 'applied' || leg.state === 'held';
  if (isTaken && !leg.points.equals(asked)) return 'another_amount';
  return undefined;
}
