import type { Request, Response } from 'express';
import type { GivesBack } from '../core/refund.ts';
import { placeRefund } from '../intake/refund-order.ts';
import { readRefundRequest } from '../intake/refund-request.ts';
import type { ChannelRules } from '../intake/order-request.ts';
import type { Placing } from '../intake/place-order.ts';
import type { Database } from '../store/database.ts';
import { answerJson } from './answer.ts';
import { possibleId, replayed } from './orders.ts';
import { parseBody } from './request-body.ts';
import { readTraceparent } from './request-headers.ts';
import { mallOf, visitOf } from './visit.ts';

export interface RefundsOptions {
  readonly database: Database;
  readonly channels: ChannelRules;
  readonly givesBack: (channel: string) => GivesBack;
  readonly placing: Placing;
  /** Told after each commit that placed a refund. */
  readonly onPlaced: () => void;
}

/** POST /v1/orders/{orderId}/refunds. The refund id is idempotent: the same refund again is the same answer. */
export function refundOrders({ database, channels, givesBack, placing, onPlaced }: RefundsOptions) {
  return async (request: Request, response: Response): Promise<void> => {
    const orderId = possibleId(request.params['orderId']);
    visitOf(response).orderId = orderId;
    const reading = readRefundRequest(parseBody(request.body), channels);
    const traceparent = readTraceparent(request.headers['traceparent']);
    const placement = { mallId: mallOf(response), orderId, reading, traceparent, givesBack };
    const { type, requestedAt } = await placeRefund(database, placement, placing);
    if (type === 'placed') onPlaced();
    const href = `/v1/orders/${encodeURIComponent(orderId)}`;
    // Nothing in here may change later: the same refund gets the same octets for ever.
    const text = JSON.stringify({
      orderId,
      refundId: reading.refundId,
      status: 'accepted',
      requestedAt: requestedAt.toISOString(),
      href,
    });
    answerJson(response, 202, text, { Location: href, ...(type === 'already_placed' ? replayed : {}) });
  };
}
