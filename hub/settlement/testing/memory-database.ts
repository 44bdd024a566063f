/**
 * What `store/settlements.ts` keeps in Postgres, kept in memory: rows, row locks, transactions, an outbox. Both pass
 * `describeSettlementStore`. A transaction passes by `Passage` at each point where a real one may be held up, fail
 * or vanish, so that a simulation can make it so.
 */
import type { Message } from '../../core/advance.ts';
import type { Deduction } from '../../core/deduction.ts';
import type { Leg } from '../../core/leg.ts';
import type { Order, Settlement } from '../../core/order.ts';
import type { RefundLine, RefundPlan } from '../../core/refund.ts';
import type { SettlementStore, Writes } from '../store-port.ts';
import { MemoryCallbacks } from './memory-callbacks.ts';
import type { MemoryDatabaseOptions, NewRefund, NewRows, Passage } from './memory-rows.ts';
import { RowLocks } from './row-locks.ts';
import { refuseImpossibleRow } from './row-checks.ts';

const wakesDoubledMax = 5;

export class MemoryDatabase {
  readonly #options: MemoryDatabaseOptions;
  readonly #settlements = new Map<string, Settlement>();
  readonly #orderRowIds = new Map<string, string>();
  /** Deductions that the sweeper may have to wake, each with its order. */
  readonly #watched = new Map<string, string>();
  readonly #settling = new Set<string>();
  readonly #wakes = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly #locks = new RowLocks();
  readonly #callbacks: MemoryCallbacks;
  #orders = 0;
  #deductions = 0;
  #messages = 0;

  constructor(options: MemoryDatabaseOptions) {
    this.#options = options;
    const { now, wakeAfterMs } = options;
    this.#callbacks = new MemoryCallbacks({
      now,
      wakeAfterMs,
      wake: ({ deductionId, orderRowId, channel }) => {
        const { order } = this.#settlements.get(orderRowId) as Settlement;
        this.#append(dueMessage(deductionId, order, channel));
      },
    });
  }

  /** A store as one process has it. */
  store(pass: Passage = () => undefined): SettlementStore {
    return {
      transact: (orderRowIds, think, listening = []) =>
        this.#transact(
          orderRowIds,
          (settlements, now) => think(settlements, now, this.#callbacks.unapplied(listening)),
          pass,
        ),
      wakeOverdue: (limit) => Promise.resolve(this.#wakeOverdue(limit)),
      overdueOrders: (limit) => Promise.resolve(this.#overdueOrders(limit)),
      keepCallback: (callback) => Promise.resolve(this.#callbacks.keep(callback)),
      sweepCallbacks: (limit, unmatchedAfterMs) =>
        Promise.resolve(this.#callbacks.sweep(limit, unmatchedAfterMs)),
      forgetCallbacks: (limit, retentionMs) => Promise.resolve(this.#callbacks.forget(limit, retentionMs)),
    };
  }

  /** Undefined where an order, or a tombstone, has the id already. */
  insert({ order, deductions }: NewRows): Settlement | undefined {
    const name = `${order.mallId} ${order.orderId}`;
    if (this.#orderRowIds.has(name)) return undefined;
    const { now, wakeAfterMs } = this.#options;
    this.#orders += 1;
    const id = String(this.#orders);
    const wakeBy = new Date(now().getTime() + wakeAfterMs);
    const settlement: Settlement = {
      order: { ...order, id, status: 'settling', reason: undefined },
      deductions: deductions.map((asked) => this.#newDeduction(asked, wakeBy)),
    };
    this.#orderRowIds.set(name, id);
    this.#keep(settlement);
    for (const { id: deductionId, channel } of settlement.deductions) {
      this.#append(dueMessage(deductionId, settlement.order, channel));
    }
    return settlement;
  }

  /** The order under the id of its mall; an id that was never seen gets a tombstone, and is then `isBuried`. */
  findOrBury(mallId: string, orderId: string): { id: string; isBuried: boolean } {
    const name = `${mallId} ${orderId}`;
    const found = this.#orderRowIds.get(name);
    if (found !== undefined) return { id: found, isBuried: false };
    this.#orders += 1;
    const id = String(this.#orders);
    const order: Order = {
      id,
      mallId,
      orderId,
      userId: '',
      status: 'cancelled',
      traceparent: undefined,
      reason: { code: 'cancelled_by_mall' },
      deadlineAt: this.#options.now(),
    };
    this.#orderRowIds.set(name, id);
    this.#keep({ order, deductions: [] });
    return { id, isBuried: true };
  }

  /** The row id of a mall's order. */
  find(mallId: string, orderId: string): string | undefined {
    return this.#orderRowIds.get(`${mallId} ${orderId}`);
  }

  /** Plans and writes a refund under the order's lock. Undefined where the refund is there already. */
  async refund({
    orderRowId,
    refundId,
    plan,
    keyBaseOf,
    onPlaced,
  }: NewRefund): Promise<RefundPlan | undefined> {
    const holder = {};
    await this.#locks.take(orderRowId, holder);
    try {
      const { order, deductions } = this.#settlements.get(orderRowId) as Settlement;
      if (deductions.some(({ refund }) => refund?.refundId === refundId)) return undefined;
      const planned = plan({ order, deductions });
      if (planned.type === 'refused') return planned;
      onPlaced?.(planned.lines);
      const lines = planned.lines.map((line) => this.#newLine(line, refundId, keyBaseOf(line)));
      this.#keep({ order, deductions: [...deductions, ...lines] });
      for (const { id, channel } of lines) this.#append(dueMessage(id, order, channel));
      return planned;
    } finally {
      this.#locks.leave(orderRowId, holder);
    }
  }

  settlements(): IterableIterator<Settlement> {
    return this.#settlements.values();
  }

  #newDeduction(asked: NewRows['deductions'][number], wakeBy: Date): Deduction {
    return {
      ...asked,
      ...this.#newRow(wakeBy),
      refund: undefined,
      goal: 'settle',
      points: { state: 'idle' },
      quota: { state: 'idle' },
    };
  }

  #newLine({ original, points }: RefundLine, refundId: string, keyBase: string): Deduction {
    const { channel, memberRef, keyBase: originalKeyBase } = original;
    const { now, wakeAfterMs } = this.#options;
    return {
      channel,
      memberRef,
      asked: points,
      keyBase,
      refund: {
        refundId,
        originalKeyBase,
      },
      goal: 'undo',
      ...this.#newRow(new Date(now().getTime() + wakeAfterMs)),
      points: {
        state: 'applied',
        points,
        remoteId: remoteIdOf(original.points),
      },
      quota: {
        state: 'applied',
        points,
        remoteId: remoteIdOf(original.quota),
      },
    };
  }

  #newRow(wakeBy: Date) {
    this.#deductions += 1;
    const id = String(this.#deductions);
    return {
      id,
      failures: 0,
      notBefore: undefined,
      lease: undefined,
      attempts: 0,
      wakeBy,
      attention: undefined,
      retriedAt: undefined,
      lateCheck: undefined,
    };
  }

  async #transact<Result>(
    orderRowIds: readonly string[],
    think: Think<Result>,
    pass: Passage,
  ): Promise<Result> {
    const transaction = { hasEnded: false };
    const ids = [...new Set(orderRowIds)].toSorted(byNumber);
    const end = (): void => {
      if (transaction.hasEnded) return;
      transaction.hasEnded = true;
      for (const id of ids) this.#locks.leave(id, transaction);
    };
    try {
      await pass('begin', end);
      for (const id of ids) {
        await this.#locks.take(id, transaction);
        if (transaction.hasEnded) {
          this.#locks.leave(id, transaction);
          throw connectionLost();
        }
      }
      const before = ids.flatMap((id) => this.#settlements.get(id) ?? []);
      const settlements = new Map(before.map((settlement) => [settlement.order.id, settlement]));
      const { writes, result } = think(settlements, this.#options.now());
      await pass('commit', end);
      if (transaction.hasEnded) throw connectionLost();
      this.#commit(before, writes);
      end();
      await pass('answer', end);
      return result;
    } finally {
      end();
    }
  }

  /** All of `writes` or nothing. */
  #commit(before: readonly Settlement[], writes: Writes): void {
    for (const deduction of writes.deductions) refuseImpossibleRow(deduction);
    for (const { deductionId, token } of writes.attempts) {
      if ((this.#attempts.get(deductionId) ?? 0) >= token) {
        throw new Error(`attempt ${token} of deduction ${deductionId} is there already`);
      }
    }
    for (const { deductionId, token } of writes.attempts) this.#attempts.set(deductionId, token);
    const orders = new Map(writes.orders.map((order) => [order.id, order]));
    const deductions = new Map(writes.deductions.map((deduction) => [deduction.id, deduction]));
    const after = before.map(({ order }): Settlement => {
      const now = this.#settlements.get(order.id) as Settlement;
      const settlement = {
        order: orders.get(order.id) ?? now.order,
        deductions: now.deductions.map((one) => deductions.get(one.id) ?? one),
      };
      this.#keep(settlement);
      return settlement;
    });
    for (const id of deductions.keys()) this.#wakes.delete(id);
    this.#options.onCommit?.({ before, after, writes });
    for (const message of writes.messages) this.#append(message);
    this.#callbacks.apply(writes.heard);
    this.#callbacks.refer(writes.references);
  }

  #keep(settlement: Settlement): void {
    const { order, deductions } = settlement;
    this.#settlements.set(order.id, settlement);
    if (order.status === 'settling') this.#settling.add(order.id);
    else this.#settling.delete(order.id);
    for (const { id, wakeBy } of deductions) {
      if (wakeBy === undefined) this.#watched.delete(id);
      else this.#watched.set(id, order.id);
    }
  }

  #append(message: Message): void {
    this.#messages += 1;
    const availableAt =
      (message.type === 'deduction_due' ? message.availableAt : undefined) ?? this.#options.now();
    this.#options.onAppended?.({ id: String(this.#messages), message, availableAt });
  }

  #wakeOverdue(limit: number): number {
    const now = this.#options.now();
    let woken = 0;
    for (const [id, orderRowId] of this.#watched) {
      if (woken === limit) break;
      const { order, deductions } = this.#settlements.get(orderRowId) as Settlement;
      const deduction = deductions.find((one) => one.id === id);
      if (deduction?.wakeBy === undefined || deduction.wakeBy > now) continue;
      const wakes = this.#wakes.get(id) ?? 0;
      const wakeBy = new Date(
        now.getTime() + this.#options.wakeAfterMs * 2 ** Math.min(wakes, wakesDoubledMax),
      );
      this.#wakes.set(id, wakes + 1);
      this.#settlements.set(orderRowId, {
        order,
        deductions: deductions.map((one) => (one === deduction ? { ...one, wakeBy } : one)),
      });
      this.#append(dueMessage(id, order, deduction.channel));
      woken += 1;
    }
    return woken;
  }

  #overdueOrders(limit: number): string[] {
    const now = this.#options.now();
    return [...this.#settling]
      .map((id) => (this.#settlements.get(id) as Settlement).order)
      .filter(({ deadlineAt }) => deadlineAt <= now)
      .toSorted((one, other) => one.deadlineAt.getTime() - other.deadlineAt.getTime())
      .slice(0, limit)
      .map(({ id }) => id);
  }
}

function remoteIdOf(leg: Leg): string | undefined {
  return leg.state === 'applied' ? leg.remoteId : undefined;
}

type Think<Result> = (
  settlements: ReadonlyMap<string, Settlement>,
  now: Date,
) => { readonly writes: Writes; readonly result: Result };

/** As Postgres says it when a session was ended: SQLSTATE 57P01. */
export function connectionLost(): Error {
  return Object.assign(new Error('the connection to the database was lost'), { code: '57P01' });
}

function dueMessage(deductionId: string, { id, traceparent }: Order, channel: string): Message {
  return { type: 'deduction_due', deductionId, orderRowId: id, channel, availableAt: undefined, traceparent };
}

/** Decimal strings without leading zeros, by their number. */
function byNumber(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
