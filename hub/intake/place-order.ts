import { connectionOwner, sqlConnection, type SqlConnection, type Transaction } from '@points-hub/outbox';
import { writePoints } from '../core/points.ts';
import { HubError } from '../errors.ts';
import { groupCommit } from '../group-commit.ts';
import { freshChannelRules, recentChannelRules } from '../store/channels.ts';
import type { Database } from '../store/database.ts';
import { existingOrder, insertOrders, isKeyTaken, type NewOrder } from '../store/place-order.ts';
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
  /**
   * Has Postgres parse and plan the statements once per session, as named prepared statements: a third of the price of
   * placing an order. Not through a pooler that gives each transaction another session, unless it knows prepared statements
   * (PgBouncer does since 1.21). Default false.
   */
  readonly preparesStatements?: boolean;
}

/**
 * Places an order in the caller's own transaction: the order, its deductions and their outbox messages commit or
 * roll back together with the caller's rows. The same order again places nothing. Accepts a knex transaction, or a
 * pg client after `begin`; use READ COMMITTED, the default. The channels' rules are asked for once a second; an order that
 * they refuse is held against those of now.
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
  const connection = sqlConnection(transaction, { prepares: options.preparesStatements ?? false });
  const { mallId, traceparent, ...request } = order;
  const reading = await readAgainstRules(request, connectionOwner(transaction), connection);
  return place(
    connection,
    { mallId, reading, idempotencyKey: undefined, traceparent },
    {
      names: messageNames(options.prefix),
      wakeAfterMs: wakeAfterDefaultMs,
    },
  );
}

/** What is refused is refused by the rules of now; what passes may pass by those of a second ago. */
async function readAgainstRules(
  request: OrderRequest,
  owner: object,
  connection: SqlConnection,
): Promise<OrderReading> {
  const recent = recentChannelRules(owner);
  if (recent !== undefined) {
    try {
      return readOrderRequest(request, recent);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
    }
  }
  return readOrderRequest(request, await freshChannelRules(owner, connection));
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

export interface Intake {
  /**
   * Places an order that was read already.
   *
   * @throws HubError HUB_MALL_UNKNOWN, HUB_ORDER_CONFLICT, HUB_ORDER_CANCELLED, HUB_IDEMPOTENCY_KEY_REUSED
   */
  place(placement: Placement): Promise<Placed>;
}

/** Orders of one commit at most; more cost Postgres no less, and leave it idle while so many answers are written. */
const ordersPerCommitMax = 32;
/**
 * Two: Postgres goes on with the next group while the answers to the one before go out. Beside one that takes less than a few
 * milliseconds only a full one, since few orders cost nearly as much as many: under full load Postgres takes 0.048 instead of
 * 0.053 ms per order.
 */
const commitsMax = 2;
const besideMin = ordersPerCommitMax;

/**
 * Places orders, those that come at the same time in one statement and one commit; each has its own outcome. Sixteen
 * together cost Postgres a third of what they cost one by one, since most of a statement's price is its own.
 */
export function openIntake(database: Database, placing: Placing): Intake {
  const placed = groupCommit({
    itemsMax: ordersPerCommitMax,
    commitsMax,
    besideMin,
    // One after the other over one connection, but for a lone order: nothing bounds how long its statement waits for a lock.
    commit: (group: readonly Placement[]) =>
      insert((orders) => (orders > 1 ? database.pipeline : database), group, placing),
  });
  return { place: (placement) => outcomeOf(database, placement, placed.submit(placement)) };
}

/** Places an order in one round trip; only an order that is not new costs a second one. */
async function place(connection: SqlConnection, placement: Placement, placing: Placing): Promise<Placed> {
  const inserting = insert(() => connection, [placement], placing).then(([placedAt]) => placedAt);
  return outcomeOf(connection, placement, inserting);
}

async function outcomeOf(
  connection: SqlConnection,
  placement: Placement,
  inserting: Promise<Date | undefined>,
): Promise<Placed> {
  const placedAt = await inserting.catch((error: unknown) => {
    if (isKeyTaken(error)) return undefined;
    throw error;
  });
  if (placedAt === undefined) return alreadyPlaced(connection, placement);
  return { type: 'placed', mallId: placement.mallId, orderId: placement.reading.orderId, placedAt };
}

/**
 * @param connectionFor is told how many orders are placed at once, which are fewer than asked for where some are the same
 * @returns when each was placed; undefined for one that was not, like every further one under the same id
 */
async function insert(
  connectionFor: (orders: number) => SqlConnection,
  group: readonly Placement[],
  { names, wakeAfterMs }: Placing,
): Promise<readonly (Date | undefined)[]> {
  const nameOf = (mallId: string, orderId: string): string => `${mallId} ${orderId}`;
  const firsts = new Map<string, Placement>();
  for (const placement of group) {
    const name = nameOf(placement.mallId, placement.reading.orderId);
    if (!firsts.has(name)) firsts.set(name, placement);
  }
  const message = { exchange: names.deductions, type: deductionDueType, wakeAfterMs };
  const rows = await insertOrders(connectionFor(firsts.size), [...firsts.values()].map(newOrderOf), message);
  const placedAt = new Map(rows.map((row) => [firsts.get(nameOf(row.mall_id, row.order_id)), row.placed_at]));
  return group.map((placement) => placedAt.get(placement));
}

function newOrderOf({ mallId, reading, idempotencyKey, traceparent }: Placement): NewOrder {
  const { orderId, userId, fingerprint, deadlineSeconds, deductions } = reading;
  return {
    mallId,
    orderId,
    userId,
    fingerprint,
    idempotencyKey,
    traceparent,
    deadlineSeconds,
    deductions: deductions.map(({ channel, memberRef, points, holds }) => ({
      holds,
      channel,
      memberRef,
      points: writePoints(points),
      keyBase: keyBaseOf(mallId, orderId, channel, userId),
    })),
  };
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
