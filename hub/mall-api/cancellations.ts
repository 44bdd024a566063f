import type { Request, Response } from 'express';
import { HubError } from '../errors.ts';
import { orderRequestSchema } from '../intake/order-request.ts';
import type { Settler } from '../settlement/settle.ts';
import { findOrBury } from '../store/cancel-order.ts';
import type { Database } from '../store/database.ts';
import { answerJson } from './answer.ts';
import { mallOf, visitOf } from './visit.ts';

export interface CancellationsOptions {
  readonly database: Database;
  readonly settler: Pick<Settler, 'cancel'>;
}

/**
 * POST /v1/orders/{orderId}/cancel. Idempotent. 200 when nothing of the order is in effect any more, 202 while it is
 * being undone, 409 once it has settled or something of it may be confirmed. An id that was never seen is remembered, and an order that comes later with
 * it is refused.
 */
export function cancelOrders({ database, settler }: CancellationsOptions) {
  return async (request: Request, response: Response): Promise<void> => {
    const orderId = readOrderId(request.params['orderId']);
    visitOf(response).orderId = orderId;
    const { id, isBuried } = await findOrBury(database, mallOf(response), orderId);
    const status = isBuried ? 'cancelled' : await settler.cancel(id);
    if (status === 'settled') {
      throw new HubError(
        'HUB_ORDER_SETTLED',
        'the order has settled; what is to be given back now is a refund',
      );
    }
    if (status === 'settling') {
      throw new HubError(
        'HUB_ORDER_CONFIRMING',
        'points that were held for the order are being taken; it will settle',
      );
    }
    const href = `/v1/orders/${encodeURIComponent(orderId)}`;
    answerJson(response, status === 'cancelled' ? 200 : 202, JSON.stringify({ orderId, status, href }), {
      Location: href,
    });
  };
}

/** @throws HubError HUB_ID_INVALID: a tombstone must have an id that an order could have */
function readOrderId(value: unknown): string {
  const parsed = orderRequestSchema.shape.orderId.safeParse(value);
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues[0]?.message ?? 'is no order id';
  throw new HubError('HUB_ID_INVALID', `the order id in the path ${detail}`, {
    faults: [{ field: 'orderId', code: 'HUB_ID_INVALID', detail }],
  });
}
