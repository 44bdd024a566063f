/**
 * What `store/settlements.ts` keeps in Postgres, kept in memory: rows, row locks, transactions, an outbox. Both pass
 * `describeSettlementStore`. A transaction passes by `Passage` at each point where a real one may be held up, fail
 * or vanish, so that a simulation can make it so.
 */
import type { Deduction } from '../../core/deduction.ts';
import type { Leg } from '../../core/leg.ts';
import type { Order, Settlement } from '../../core/order.ts';
import { isConfirming } from '../../core/stage.ts';
import { Points } from '../../core/points.ts';
import type { RefundLine, RefundPlan } from '../../core/refund.ts';
import type { CaseStore } from '../../operations/case-store-port.ts';
import type { Correction } from '../../store/case-operations.ts';
import type { DeadMessage } from '../../store/message-cases.ts';
import type { ChannelStates } from '../channel-states-port.ts';
import type { SettlementStore, Writes } from '../store-port.ts';
import type { CallLines, CallShares, MemberLanes } from '../turns-port.ts';
import { openMessageCase, sharedKeys } from './memory-case-changes.ts';
import { memoryCaseStore } from './memory-case-store.ts';
import { awayTooLong, isLeftAlone, memoryChannelStates, type Pauses } from './memory-channel-states.ts';
import type { MemoryDatabaseOptions, NewRefund, NewRows, Passage } from './memory-rows.ts';
import { MemoryShares } from './memory-shares.ts';
import { dueMessage, MemoryTables } from './memory-tables.ts';
import { inLockOrder, inTransaction, statement } from './memory-transaction.ts';
import { MemoryTurns } from './memory-turns.ts';

const wakesDoubledMax = 5;
const correctionWakeAfterMs = 30_000;
const anyWay: Passage = () => undefined;

export class MemoryDatabase {
  readonly tables: MemoryTables;
  readonly #orderRowIds = new Map<string, string>();
  readonly #turns: MemoryTurns;
  readonly #shares: MemoryShares;
  #orders = 0;
  #deductions = 0;

  constructor(options: MemoryDatabaseOptions) {
    this.tables = new MemoryTables(options);
    this.#turns = new MemoryTurns(this.tables);
    this.#shares = new MemoryShares(options.now);
  }

  /** A store as one process has it. */
  store(pass: Passage = anyWay): SettlementStore {
    const { callbacks } = this.tables;
    return {
      transact: (orderRowIds, think, listening = []) =>
        this.#transact(
          orderRowIds,
          (settlements, now) => think(settlements, now, callbacks.unapplied(listening)),
          pass,
        ),
      wakeOverdue: (limit) => Promise.resolve(this.#wakeOverdue(limit)),
      overdueOrders: (limit) => Promise.resolve(this.#overdueOrders(limit)),
      awayTooLong: (limit, awayMaxMs) => Promise.resolve(awayTooLong(this.tables, limit, awayMaxMs)),
      keepCallback: (callback) => statement(pass, () => callbacks.keep(callback)),
      sweepCallbacks: (limit, unmatchedAfterMs) =>
        statement(pass, () => callbacks.sweep(limit, unmatchedAfterMs)),
      forgetCallbacks: (limit, retentionMs) => statement(pass, () => callbacks.forget(limit, retentionMs)),
    };
  }

  /** Cases as one process has them. */
  caseStore(pass: Passage = anyWay): CaseStore {
    return memoryCaseStore(this.tables, (correction) => this.#correct(correction), pass);
  }

  /** Commits a case of its own for a dead message; false if there is one already. */
  openMessageCase(message: DeadMessage, pass: Passage = anyWay): Promise<boolean> {
    const { cases, options } = this.tables;
    return statement(pass, () => openMessageCase(cases, message, options.now()));
  }

  channelStates(pass: Passage = anyWay): ChannelStates & Pauses {
    return memoryChannelStates(this.tables, pass);
  }

  callLines(pass: Passage = anyWay): CallLines {
    return this.#turns.callLines(pass);
  }

  memberLanes(pass: Passage = anyWay): MemberLanes {
    return this.#turns.memberLanes(pass);
  }

  callShares(pass: Passage = anyWay): CallShares {
    return this.#shares.callShares(pass);
  }

  /** Undefined where an order, or a tombstone, has the id already. */
  insert({ order, deductions }: NewRows): Settlement | undefined {
    const name = `${order.mallId} ${order.orderId}`;
    if (this.#orderRowIds.has(name)) return undefined;
    const { now, wakeAfterMs } = this.tables.options;
    this.#orders += 1;
    const id = String(this.#orders);
    const wakeBy = new Date(now().getTime() + wakeAfterMs);
    const settlement: Settlement = {
      order: { ...order, id, status: 'settling', reason: undefined },
      deductions: deductions.map((asked) => this.#newDeduction(asked, wakeBy)),
    };
    this.#orderRowIds.set(name, id);
    this.tables.keep(settlement);
    for (const { id: deductionId, channel } of settlement.deductions) {
      this.tables.append(dueMessage(deductionId, settlement.order, channel));
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
      deadlineAt: this.tables.options.now(),
    };
    this.#orderRowIds.set(name, id);
    this.tables.keep({ order, deductions: [] });
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
    await this.tables.locks.take(orderRowId, holder);
    try {
      const { order, deductions } = this.tables.settlements.get(orderRowId) as Settlement;
      if (deductions.some(({ refund }) => refund?.refundId === refundId)) return undefined;
      const planned = plan({ order, deductions });
      if (planned.type === 'refused') return planned;
      onPlaced?.(planned.lines);
      const lines = planned.lines.map((line) => this.#newLine(line, refundId, keyBaseOf(line)));
      this.tables.keep({ order, deductions: [...deductions, ...lines] });
      for (const { id, channel } of lines) this.tables.append(dueMessage(id, order, channel));
      return planned;
    } finally {
      this.tables.locks.leave(orderRowId, holder);
    }
  }

  /** As `insertCorrection`: a refund line for what is in effect beside a closed leg. The order is locked. */
  #correct({ deductionId, leg, points, remoteId, isHeld, refundId, keyBase }: Correction): void {
    const found = this.tables.find(deductionId);
    if (found === undefined) throw new Error(`there is no deduction ${deductionId}`);
    const { order, deduction } = found;
    const taken = { state: isHeld ? 'held' : 'applied', points: new Points(points), remoteId } as const;
    const line: Deduction = {
      ...this.#newRow(new Date(this.tables.options.now().getTime() + correctionWakeAfterMs)),
      channel: deduction.channel,
      memberRef: deduction.memberRef,
      asked: taken.points,
      keyBase,
      refund: { refundId, originalKeyBase: deduction.keyBase },
      holds: isHeld,
      goal: 'undo',
      points: leg === 'points' ? taken : { state: 'undone', points: new Points(0) },
      quota: leg === 'quota' ? taken : { state: 'void' },
    };
    const { deductions } = this.tables.settlements.get(order.id) as Settlement;
    this.tables.keep({ order, deductions: [...deductions, line] });
    this.tables.options.onCorrected?.(line, order);
    this.tables.append(dueMessage(line.id, order, line.channel));
  }

  settlements(): IterableIterator<Settlement> {
    return this.tables.settlements.values();
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
    const { now, wakeAfterMs } = this.tables.options;
    return {
      channel,
      memberRef,
      asked: points,
      keyBase,
      refund: {
        refundId,
        originalKeyBase,
      },
      holds: false,
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
    const { tables } = this;
    return inTransaction(tables.locks, pass, async (take) => {
      for (const id of inLockOrder(orderRowIds)) await take(id);
      const { writes, result } = think(this.#read(orderRowIds), tables.options.now());
      for (const key of sharedKeys(writes.cases)) await take(key);
      for (const id of tables.casesClosedBy(writes)) await take(`case ${id}`);
      tables.check(writes);
      return { result, commit: () => tables.write(writes) };
    });
  }

  #read(orderRowIds: readonly string[]): Map<string, Settlement> {
    const found = inLockOrder(orderRowIds).flatMap((id) => this.tables.settlements.get(id) ?? []);
    return new Map(found.map((settlement) => [settlement.order.id, settlement]));
  }

  #wakeOverdue(limit: number): number {
    const { tables } = this;
    const { wakeAfterMs } = tables.options;
    const now = tables.options.now();
    let woken = 0;
    for (const id of tables.watched) {
      if (woken === limit) break;
      const found = tables.find(id);
      if (found?.deduction.wakeBy === undefined || found.deduction.wakeBy > now) continue;
      const { order, deduction } = found;
      if (isLeftAlone(tables.remotes, deduction)) continue;
      const wakes = tables.wakes.get(id) ?? 0;
      const wakeBy = new Date(now.getTime() + wakeAfterMs * 2 ** Math.min(wakes, wakesDoubledMax));
      tables.wakes.set(id, wakes + 1);
      const { deductions } = tables.settlements.get(order.id) as Settlement;
      const after = deductions.map((one) => (one === deduction ? { ...one, wakeBy } : one));
      tables.settlements.set(order.id, { order, deductions: after });
      tables.append(dueMessage(id, order, deduction.channel));
      woken += 1;
    }
    return woken;
  }

  #overdueOrders(limit: number): string[] {
    const now = this.tables.options.now();
    return [...this.tables.settling]
      .map((id) => this.tables.settlements.get(id) as Settlement)
      .filter(({ deductions }) => !isConfirming(deductions))
      .map(({ order }) => order)
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
