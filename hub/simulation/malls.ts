/** The malls: they place orders, some of them twice, and cancel some before, during or after their settlement. */
import { Points } from '../core/points.ts';
import { planRefund, type RefundAsk } from '../core/refund.ts';
import { keyBaseOf } from '../intake/key-base.ts';
import { readOrderRequest, type OrderReading } from '../intake/order-request.ts';
import type { Settler } from '../settlement/settle.ts';
import type { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import type { Audit } from './audit.ts';
import type { Told } from './book-requests.ts';
import { isAway, type DatabaseLink } from './database-link.ts';
import type { HubProcess } from './hub-process.ts';
import type { ChannelKind } from './natures.ts';
import { accountOf, type RemoteWorld } from './remotes.ts';

export interface MallsOptions {
  readonly world: RemoteWorld;
  readonly kinds: ReadonlyMap<string, ChannelKind>;
  readonly database: MemoryDatabase;
  readonly link: DatabaseLink;
  readonly audit: Audit;
  /** Processes that serve the mall API now. */
  readonly apis: () => readonly { readonly process: HubProcess; readonly settler: Settler }[];
  readonly orders: number;
  /** All orders are placed within this time. */
  readonly placedWithinMs: number;
}

const malls = ['bookshop', 'flowers', 'toys'];
const users = ['ada', 'bob', 'cyd', 'dan', 'eve'];
const retryMs = 3_000;
/** An order that has not settled when it is to be refunded is asked about again, so often. */
const refundTriesMax = 4;
const refundRetryMs = 9_000;

interface Refund {
  readonly refundId: string;
  /** Undefined: all that is left. */
  readonly asks: readonly RefundAsk[] | undefined;
}

export interface Malls {
  /** Something was accepted or decided in a channel's books. */
  told(told: Told): void;
}

export function startMalls(options: MallsOptions): Malls {
  const { world, orders, placedWithinMs } = options;
  const placed = new Map<string, { readonly mallId: string; readonly orderId: string }>();
  const { dice, time } = world;
  const rule = { scale: 2, max: new Points(100_000) };
  const rules = new Map(
    [...options.kinds].map(([id, { givesBack, holdsForMs }]) => [id, { ...rule, givesBack, holdsForMs }]),
  );
  for (let number = 1; number <= orders; number += 1) {
    const mallId = dice.pick(malls);
    const reading = readOrderRequest(newOrder(number, options), rules);
    const { orderId } = reading;
    for (const { channel } of reading.deductions)
      placed.set(accountOf(channel, orderId), { mallId, orderId });
    const placeAtMs = dice.whole(0, placedWithinMs);
    const placings = dice.chance(0.2) ? dice.whole(2, 3) : 1;
    for (let placing = 0; placing < placings; placing += 1) {
      const delayMs = placing === 0 ? 0 : dice.pick([0, 5, 400, 20_000]);
      time.after(placeAtMs + delayMs, () => place(mallId, reading, options));
    }
    if (dice.chance(0.4)) {
      const asks = dice.chance(0.3) ? undefined : asksOf(reading, world);
      for (let count = dice.pick([1, 1, 2, 3]); count > 0; count -= 1) {
        // Two of a kind are the same refund asked for twice.
        const refund = { refundId: `r${dice.whole(1, 2)}`, asks };
        time.after(placeAtMs + dice.whole(100, 60_000), () =>
          giveBack(mallId, reading, refund, refundTriesMax, options),
        );
      }
    }
    if (dice.chance(0.3))
      time.after(placeAtMs + cancelDelayMs(world), () => cancel(mallId, orderId, options));
  }
  return {
    told: ({ deed, account }) => {
      const order = placed.get(account);
      if (deed !== 'confirm' || order === undefined || !dice.chance(0.1)) return;
      time.after(dice.whole(0, 60), () => cancel(order.mallId, order.orderId, options));
    },
  };
}

/** Mostly while the order settles, sometimes before it came, sometimes long after. */
function cancelDelayMs({ dice }: RemoteWorld): number {
  return dice.pick([-50, 0, 5, 15, 30, 60, 100, 200, 1_000, 8_000, 40_000]) + dice.whole(0, 10);
}

function newOrder(number: number, { world: { dice }, kinds }: MallsOptions): Record<string, unknown> {
  const drawn = dice.some([...kinds], dice.pick([1, 1, 2, 2, 3, 4]));
  // What cannot be undone may only be an order's one channel.
  const alone = drawn.find(([, { givesBack, holdsForMs }]) => !givesBack && holdsForMs === 0);
  const chosen = (alone === undefined ? drawn : [alone]).map(([id]) => id);
  return {
    orderId: `o${number}`,
    userId: dice.pick(users),
    deadlineSeconds: dice.pick([2, 20, 60, 120, 300, 300, 300]),
    deductions: chosen.map((channel) => ({
      channel,
      points: (dice.whole(1, 30_000) / 100).toFixed(2),
      ...(dice.chance(0.3) ? { memberRef: `m-${dice.pick(users)}` } : {}),
    })),
  };
}

/** A mall whose request failed asks again. */
function place(mallId: string, reading: OrderReading, options: MallsOptions): void {
  const { world, database, link, audit } = options;
  const { time, faults, trace } = world;
  if (link.isAway()) {
    time.after(retryMs, () => place(mallId, reading, options));
    return;
  }
  const { orderId, userId, deadlineSeconds, deductions } = reading;
  const settlement = database.insert({
    order: {
      mallId,
      orderId,
      userId,
      traceparent: undefined,
      deadlineAt: new Date(time.nowMs + deadlineSeconds * 1e3),
    },
    deductions: deductions.map(({ channel, memberRef, points, holds }) => ({
      holds,
      channel,
      memberRef,
      asked: points,
      keyBase: keyBaseOf(mallId, orderId, channel, userId),
    })),
  });
  faults.met(settlement === undefined ? 'order placed again' : 'order placed');
  trace.note(time.elapsedMs, `order ${orderId} ${settlement === undefined ? 'is there already' : 'placed'}`);
  if (settlement !== undefined) audit.placed(settlement);
}

function cancel(mallId: string, orderId: string, options: MallsOptions): void {
  const { world, database, link, audit, apis } = options;
  const { dice, faults, time, trace } = world;
  const again = (): void => time.after(retryMs, () => cancel(mallId, orderId, options));
  const running = apis().filter(({ process }) => process.isRunning);
  if (link.isAway() || running.length === 0) return again();
  const { id, isBuried } = database.findOrBury(mallId, orderId);
  if (isBuried) {
    faults.met('cancelled before it came');
    return;
  }
  const { process, settler } = dice.pick(running);
  let isAnswered = false;
  settler.cancel(id).then(
    (status) => {
      isAnswered = true;
      faults.met(`cancelled: ${status}`);
      trace.note(time.elapsedMs, `order ${orderId} to be cancelled is ${status}`);
    },
    (error: unknown) => {
      isAnswered = true;
      if (isAway(error)) again();
      else audit.report('nothing throws', `cancelling: ${String(error)}`);
    },
  );
  process.whenDead(() => {
    if (!isAnswered) again();
  });
}

/** Parts of some of the order's deductions. */
function asksOf({ deductions }: OrderReading, { dice }: RemoteWorld): RefundAsk[] {
  const chosen = dice.some(deductions, dice.whole(1, deductions.length));
  return chosen.map(({ channel, points }) => {
    const part = points.times(dice.whole(1, 100)).dividedBy(100).toDecimalPlaces(2, Points.ROUND_UP);
    return { channel, points: dice.chance(0.3) ? undefined : part };
  });
}

/** As \`placeRefund\`, on the database in memory. */
function giveBack(
  mallId: string,
  reading: OrderReading,
  refund: Refund,
  triesLeft: number,
  options: MallsOptions,
): void {
  const { world, kinds, database, link, audit } = options;
  const { faults, time, trace } = world;
  const { orderId, userId } = reading;
  const { refundId, asks } = refund;
  const again = (): void => {
    if (triesLeft > 0)
      time.after(refundRetryMs, () => giveBack(mallId, reading, refund, triesLeft - 1, options));
  };
  const orderRowId = database.find(mallId, orderId);
  if (link.isAway() || orderRowId === undefined) return again();
  const keyBase = (channel: string): string => keyBaseOf(mallId, orderId, channel, userId, refundId);
  void database
    .refund({
      orderRowId,
      refundId,
      plan: (settlement) =>
        planRefund(settlement, asks, (id) => (kinds.get(id)?.givesBack === false ? 'nothing' : 'parts')),
      keyBaseOf: ({ original }) => keyBase(original.channel),
      onPlaced: (lines) => audit.refundPlaced(orderId, lines),
    })
    .then((planned) => {
      const words = planned === undefined ? 'there already' : planned.type;
      faults.met(`refund ${words}`);
      trace.note(time.elapsedMs, `refund ${refundId} of order ${orderId} is ${words}`);
      const refused = planned?.type === 'refused' ? planned.refusals[0]?.code : undefined;
      if (refused !== undefined) faults.met(`refund refused: ${refused}`);
      if (refused === 'not_settled') again();
    });
}
