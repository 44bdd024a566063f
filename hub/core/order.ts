import type { RejectionReason } from '@points-hub/adapters';
import { toUndo, type Deduction } from './deduction.ts';
import { isClear, type Leg, type LegName } from './leg.ts';

/** `settling → settled`, or `settling → compensating → cancelled`. Both ends are final. */
export const orderStatuses = ['settling', 'compensating', 'settled', 'cancelled'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** The first thing that kept an order from settling. */
export interface CancelReason {
  readonly code: RejectionReason | 'another_amount';
  readonly channel: string;
  readonly leg: LegName;
}

export interface Order {
  readonly id: string;
  readonly mallId: string;
  /** The mall's own order id, unique per mall for ever. */
  readonly orderId: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly reason: CancelReason | undefined;
  readonly traceparent: string | undefined;
}

/** An order with all its deductions as they are now: what every decision is made from. */
export interface Settlement {
  readonly order: Order;
  readonly deductions: readonly Deduction[];
}

/**
 * What the order is, given its deductions: settled when every leg is applied with exactly the points asked for;
 * compensating, with every deduction's goal undo, once one cannot settle; cancelled when nothing is in effect.
 * Idempotent, and never rewrites an ended order.
 */
export function decideOrder(settlement: Settlement): Settlement {
  const { order, deductions } = settlement;
  switch (order.status) {
    case 'settled':
    case 'cancelled':
      return settlement;
    case 'settling': {
      if (deductions.every(isSettled)) return { order: { ...order, status: 'settled' }, deductions };
      const reason = firstReason(deductions);
      if (reason === undefined) return settlement;
      return decideOrder({
        order: { ...order, status: 'compensating', reason },
        deductions: deductions.map(toUndo),
      });
    }
    case 'compensating':
      return deductions.every(isUndone)
        ? { order: { ...order, status: 'cancelled' }, deductions }
        : settlement;
  }
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

/** Why this leg keeps its order from settling; undefined while it still may settle. */
function whyNot(leg: Leg, asked: Deduction['asked']): CancelReason['code'] | undefined {
  if (leg.state === 'refused') return leg.reason;
  if (leg.state === 'applied' && !leg.points.equals(asked)) return 'another_amount';
  return undefined;
}
