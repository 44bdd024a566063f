import type { Settlement } from '../core/order.ts';
import { writePoints } from '../core/points.ts';
import { planRefund, type GivesBack, type RefundLine, type RefundRefusal } from '../core/refund.ts';
import { HubError, type ErrorCode, type FieldFault } from '../errors.ts';
import { deductionDueType } from '../settlement/topology.ts';
import type { Database } from '../store/database.ts';
import { findOrderRow, findRefund, insertRefund } from '../store/refunds.ts';
import { lockSettlements } from '../store/settlements.ts';
import { keyBaseOf } from './key-base.ts';
import type { Placing } from './place-order.ts';
import type { RefundReading } from './refund-request.ts';

export interface RefundPlacement {
  readonly mallId: string;
  readonly orderId: string;
  readonly reading: RefundReading;
  readonly traceparent: string | undefined;
  /** What a channel gives back. */
  readonly givesBack: (channel: string) => GivesBack;
}

export interface RefundPlaced {
  readonly type: 'placed' | 'already_placed';
  readonly requestedAt: Date;
}

/**
 * Asks for a refund of a settled order, under the order's lock: what is left is counted with every refund before it,
 * those in doubt included. The same refund again places nothing.
 *
 * @throws HubError HUB_ORDER_UNKNOWN, HUB_ORDER_NOT_SETTLED, HUB_REFUND_CONFLICT, HUB_REFUND_EXCEEDS,
 *   HUB_REFUND_WHOLE_ONLY, HUB_REFUND_NOTHING_BACK, HUB_REFUND_UNKNOWN_DEDUCTION; nothing was written
 */
export async function placeRefund(
  database: Database,
  { mallId, orderId, reading, traceparent, givesBack }: RefundPlacement,
  { names, wakeAfterMs }: Placing,
): Promise<RefundPlaced> {
  const { refundId, asks, fingerprint } = reading;
  const orderRowId = await findOrderRow(database, mallId, orderId);
  if (orderRowId === undefined)
    throw new HubError('HUB_ORDER_UNKNOWN', 'this mall has no order with this id');
  return database.transaction(async (connection) => {
    const { settlements } = await lockSettlements(connection, [orderRowId]);
    const settlement = settlements.get(orderRowId);
    if (settlement === undefined) throw new Error(`order row ${orderRowId} vanished`);
    const existing = await findRefund(connection, orderRowId, refundId);
    if (existing !== undefined) {
      if (existing.fingerprint !== fingerprint) throw conflict(refundId);
      return { type: 'already_placed', requestedAt: existing.requested_at };
    }
    const plan = planRefund(settlement, asks, givesBack);
    if (plan.type === 'refused') throw refusal(plan.refusals);
    const lines = plan.lines.map((line) => ({
      deductionId: line.original.id,
      points: writePoints(line.points),
      keyBase: keyBaseOfLine(settlement, line, refundId),
    }));
    const requestedAt = await insertRefund(
      connection,
      { orderRowId, refundId, fingerprint, traceparent, lines },
      { exchange: names.deductions, type: deductionDueType, wakeAfterMs },
    );
    return { type: 'placed', requestedAt };
  });
}

function keyBaseOfLine({ order }: Settlement, { original }: RefundLine, refundId: string): string {
  return keyBaseOf(order.mallId, order.orderId, original.channel, order.userId, refundId);
}

function conflict(refundId: string): HubError {
  return new HubError(
    'HUB_REFUND_CONFLICT',
    `refund "${refundId}" of this order was asked for before with other content; use a new id`,
    { faults: [{ field: '/refundId', code: 'HUB_REFUND_CONFLICT', detail: 'is taken by another refund' }] },
  );
}

function refusal(refusals: readonly RefundRefusal[]): HubError {
  const faults = refusals.map(faultOf);
  const [first] = faults;
  if (first === undefined) throw new Error('a refused refund has a reason');
  return new HubError(first.code, `${first.field} ${first.detail}`.trim(), { faults });
}

function faultOf(refused: RefundRefusal): FieldFault {
  const field = (name: string): string =>
    refused.index === undefined ? '' : `/deductions/${refused.index}/${name}`;
  const fault = (at: string, code: ErrorCode, detail: string): FieldFault => ({ field: at, code, detail });
  switch (refused.code) {
    case 'not_settled':
      return fault('', 'HUB_ORDER_NOT_SETTLED', 'the order has not settled; cancel it instead');
    case 'nothing_left':
      return fault(
        field('points'),
        'HUB_REFUND_EXCEEDS',
        'asks for more than is left: everything was asked back before',
      );
    case 'not_in_order':
      return fault(field('channel'), 'HUB_REFUND_UNKNOWN_DEDUCTION', 'is not a channel of this order');
    case 'exceeds':
      return fault(
        field('points'),
        'HUB_REFUND_EXCEEDS',
        `is more than the ${writePoints(refused.left)} that are left`,
      );
    case 'nothing_back':
      return fault(field('channel'), 'HUB_REFUND_NOTHING_BACK', 'this channel gives no points back');
    case 'whole_only':
      return fault(
        field('points'),
        'HUB_REFUND_WHOLE_ONLY',
        `must be ${writePoints(refused.whole)}: this channel gives back only the whole`,
      );
  }
}
