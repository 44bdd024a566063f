import { sqlConnection, type SqlConnection, type Transaction } from '@points-hub/outbox';
import { writePoints } from '../core/points.ts';
import { HubError } from '../errors.ts';
import { readChannelRules } from '../store/channels.ts';
import { existingOrder, insertOrder, isKeyTaken } from '../store/place-order.ts';
import { deductionDueType, messageNames, type MessageNames } from '../settlement/topology.ts';
import { keyBaseOf } from './key-base.ts';
import { readOrderRequest, type OrderReading, type OrderRequest } from './order-request.ts';

/** An order as a mall's own backend places it, inside its own transaction. */
export interface MallOrder extends OrderRequest {
  readonly mallId: string;
  /** W3C Trace Context of the caller; carried through to every call that the order causes. */
  readonly traceparent?: string;
}

/** `placedAt` is the time of the first placing; the same order placed again changes nothing and gets the same. */
export interface Placed {
  readonly type: 'placed' | 'already_placed';
  readonly mallId: string;
  readonly orderId: string;
  readonly placedAt: Date;
}

export interface PlaceOrderOptions {
  /** As the hub's `--prefix`; default `points`. */
  readonly prefix?: string;
}

/**
 * Places an order in the caller's own transaction: the order, its deductions and their outbox messages commit or
 * roll back together with the caller's rows. The same order again places nothing. Accepts a knex transaction, or a
 * pg client after `begin`; use READ COMMITTED, the default.
 *
 * @throws HubError HUB_REQUEST_INVALID, HUB_ID_INVALID, HUB_DEDUCTIONS_MISSING, HUB_DEDUCTIONS_TOO_MANY,
 *   HUB_CHANNEL_UNKNOWN, HUB_CHANNEL_TWICE, HUB_CHANNEL_ALONE_ONLY, HUB_POINTS_INVALID: bad input, with every fault;
 *   nothing was written
 * @throws HubError HUB_MALL_UNKNOWN, HUB_ORDER_CONFLICT, HUB_ORDER_CANCELLED; nothing was written
 * @throws TypeError without an open transaction
 */
export async function placeOrder(
  transaction: Transaction,
  order: MallOrder,
  options: PlaceOrderOptions = {},
): Promise<Placed> {
  const connection = sqlConnection(transaction);
  const { mallId, traceparent, ...request } = order;
  const reading = readOrderRequest(request, await readChannelRules(connection));
  return place(
    connection,
    { mallId, reading, idempotencyKey: undefined, traceparent },
    {
      names: messageNames(options.prefix),
      wakeAfterMs: wakeAfterDefaultMs,
    },
  );
}

export interface Placement {
  readonly mallId: string;
  readonly reading: OrderReading;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string | undefined;
}

export interface Placing {
  readonly names: MessageNames;
  /** After how long the sweeper looks at a deduction whose message got lost. */
  readonly wakeAfterMs: number;
}

const wakeAfterDefaultMs = 30_000;

/**
 * Places an order that was read already, in one round trip; only an order that is not new costs a second one.
 *
 * @throws HubError HUB_MALL_UNKNOWN, HUB_ORDER_CONFLICT, HUB_ORDER_CANCELLED, HUB_IDEMPOTENCY_KEY_REUSED
 */
export async function place(
  connection: SqlConnection,
  placement: Placement,
  { names, wakeAfterMs }: Placing,
): Promise<Placed> {
  const { mallId, reading, idempotencyKey, traceparent } = placement;
  const { orderId, userId, fingerprint, deadlineSeconds, deductions } = reading;
  const placedAt = await insertOrder(
    connection,
    {
      mallId,
      orderId,
      userId,
      fingerprint,
      idempotencyKey,
      traceparent,
      deadlineSeconds,
      deductions: deductions.map(({ channel, memberRef, points }) => ({
        channel,
        memberRef,
        points: writePoints(points),
        keyBase: keyBaseOf(mallId, orderId, channel, userId),
      })),
    },
    { exchange: names.deductions, type: deductionDueType, wakeAfterMs },
  ).then(
    (row) => row.placed_at,
    (error: unknown) => {
      if (isKeyTaken(error)) return null;
      throw error;
    },
  );
  if (placedAt !== null) return { type: 'placed', mallId, orderId, placedAt };
  return alreadyPlaced(connection, placement);
}

async function alreadyPlaced(connection: SqlConnection, placement: Placement): Promise<Placed> {
  const { mallId, reading, idempotencyKey } = placement;
  const { orderId, fingerprint } = reading;
  const existing = await existingOrder(connection, { mallId, orderId, idempotencyKey });
  if (!existing.mall_known)
    throw new HubError('HUB_MALL_UNKNOWN', `there is no mall "${mallId}"; make it with the keys command`);
  if (existing.key_fingerprint !== null && existing.key_fingerprint !== fingerprint) {
    throw new HubError(
      'HUB_IDEMPOTENCY_KEY_REUSED',
      'this Idempotency-Key came with another request before; use a new key',
      {
        faults: [
          {
            field: 'Idempotency-Key',
            code: 'HUB_IDEMPOTENCY_KEY_REUSED',
            detail: 'was used with another request',
          },
        ],
      },
    );
  }
  if (existing.placed_at === null) throw new Error(`order ${orderId} was neither placed nor found`);
  if (existing.is_tombstone) {
    throw new HubError(
      'HUB_ORDER_CANCELLED',
      `order "${orderId}" was cancelled before it came; order ids are unique for ever`,
      {
        faults: [{ field: '/orderId', code: 'HUB_ORDER_CANCELLED', detail: 'was cancelled before it came' }],
      },
    );
  }
  if (existing.fingerprint !== fingerprint) {
    throw new HubError(
      'HUB_ORDER_CONFLICT',
      `order "${orderId}" was placed before with other content; order ids are unique for ever`,
      {
        faults: [
          {
            field: '/orderId',
            code: 'HUB_ORDER_CONFLICT',
            detail: 'is taken by an order with other content',
          },
        ],
      },
    );
  }
  return { type: 'already_placed', mallId, orderId, placedAt: existing.placed_at };
}
