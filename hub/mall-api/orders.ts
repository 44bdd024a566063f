import type { Request, Response } from 'express';
import { HubError } from '../errors.ts';
import { orderRequestSchema, readOrderRequest, type ChannelRules } from '../intake/order-request.ts';
import type { Intake } from '../intake/place-order.ts';
import type { Database } from '../store/database.ts';
import { readOrderView, type OrderName, type OrderView } from '../store/order-view.ts';
import { answerJson } from './answer.ts';
import { hasEnded, orderAnswer } from './order-answer.ts';
import type { OrderWaits, OrderWatch } from './order-waits.ts';
import { parseBody } from './request-body.ts';
import { readIdempotencyKey, readTraceparent, readWaitS } from './request-headers.ts';
import { mallOf, visitOf } from './visit.ts';

export interface OrdersOptions {
  readonly database: Database;
  readonly channels: ChannelRules;
  readonly intake: Intake;
  readonly waits: OrderWaits;
  /** Told after each commit that placed an order. */
  readonly onPlaced: () => void;
}

type Handler = (request: Request, response: Response) => Promise<void>;

/** On an answer to something that was asked for before. */
export const replayed = { 'Idempotency-Replayed': 'true' } as const;

/** POST /v1/orders. New orders cost one statement and one commit, shared by those that come at the same time. */
export function placeOrders({ channels, intake, onPlaced }: OrdersOptions): Handler {
  return async (request, response) => {
    const visit = visitOf(response);
    const mallId = mallOf(response);
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key'] as string | undefined);
    const reading = readOrderRequest(parseBody(request.body), channels);
    visit.orderId = reading.orderId;
    const traceparent = readTraceparent(request.headers['traceparent']);
    const placed = await intake.place({ mallId, reading, idempotencyKey, traceparent });
    if (placed.type === 'placed') onPlaced();
    const { orderId, placedAt } = placed;
    const href = `/v1/orders/${encodeURIComponent(orderId)}`;
    // Nothing in here may change later: the same order gets the same octets for ever.
    const text = JSON.stringify({ orderId, status: 'accepted', placedAt: placedAt.toISOString(), href });
    answerJson(response, 202, text, {
      Location: href,
      ...(placed.type === 'already_placed' ? replayed : {}),
    });
  };
}

/** GET /v1/orders/{orderId}: one statement, and with `Prefer: wait` another one when the wait is over. */
export function showOrders({ database, waits }: OrdersOptions): Handler {
  return async (request, response) => {
    const order = { mallId: mallOf(response), orderId: possibleId(request.params['orderId']) };
    visitOf(response).orderId = order.orderId;
    const waitS = readWaitS(request.headers['prefer'] as string | undefined);
    // Without room for one more to wait the preference is not applied, which RFC 7240 leaves to the server.
    const watch = waitS === undefined ? undefined : waits.watch(order);
    const view =
      waitS === undefined || watch === undefined
        ? await read(database, order)
        : await readWaiting(database, order, watch, waitS, response);
    answerJson(response, 200, JSON.stringify(orderAnswer(view)), {
      Vary: 'Prefer',
      ...(watch === undefined ? {} : { 'Preference-Applied': `wait=${waitS}` }),
    });
  };
}

/** Reads the order, and once more when it has ended, the time is up, or the caller hangs up. */
async function readWaiting(
  database: Database,
  order: OrderName,
  watch: OrderWatch,
  waitS: number,
  response: Response,
): Promise<OrderView> {
  const gone = new AbortController();
  const hangUp = (): void => gone.abort();
  response.once('close', hangUp);
  try {
    const view = await read(database, order);
    if (hasEnded(view)) return view;
    await watch.wait(waitS * 1_000, gone.signal);
    return gone.signal.aborted ? view : await read(database, order);
  } finally {
    response.off('close', hangUp);
    watch.release();
  }
}

/** Another mall's order is unknown in the same words as one that never was. */
async function read(database: Database, { mallId, orderId }: OrderName): Promise<OrderView> {
  const view = await readOrderView(database, mallId, orderId);
  if (view === undefined) throw orderUnknown();
  return view;
}

/** The order id of a path. An id that no order can have is not asked for: Postgres would stumble over some of them. */
export function possibleId(orderId: unknown): string {
  const parsed = orderRequestSchema.shape.orderId.safeParse(orderId);
  if (!parsed.success) throw orderUnknown();
  return parsed.data;
}

function orderUnknown(): HubError {
  return new HubError('HUB_ORDER_UNKNOWN', 'this mall has no order with this id');
}
