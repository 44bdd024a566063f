/** The rows of the database in memory, and what one commit does to them. */
import type { Message } from '../../core/advance.ts';
import type { Deduction } from '../../core/deduction.ts';
import type { Order, Settlement } from '../../core/order.ts';
import type { Writes } from '../store-port.ts';
import { MemoryAttempts } from './memory-attempts.ts';
import {
  callbackCase,
  closeCallbackCase,
  openCallbackCase,
  writeCaseChanges,
} from './memory-case-changes.ts';
import { MemoryCallbacks } from './memory-callbacks.ts';
import { CaseRows } from './memory-case-rows.ts';
import type { AuditedOperation, MemoryDatabaseOptions, RemoteRow } from './memory-rows.ts';
import { refuseImpossibleRow } from './row-checks.ts';
import { RowLocks } from './row-locks.ts';
import type { Remote } from '../../core/breaker.ts';

export class MemoryTables {
  readonly options: MemoryDatabaseOptions;
  readonly settlements = new Map<string, Settlement>();
  /** Each deduction's order. */
  readonly orderOf = new Map<string, string>();
  /** Deductions that somebody may have to wake. */
  readonly watched = new Set<string>();
  readonly settling = new Set<string>();
  /** How often each was woken in vain. */
  readonly wakes = new Map<string, number>();
  readonly attempts = new MemoryAttempts();
  readonly cases = new CaseRows();
  readonly audited: AuditedOperation[] = [];
  readonly remotes = new Map<Remote, RemoteRow>();
  readonly callbacks: MemoryCallbacks;
  readonly locks = new RowLocks();
  #messages = 0;

  constructor(options: MemoryDatabaseOptions) {
    this.options = options;
    const { now, wakeAfterMs } = options;
    this.callbacks = new MemoryCallbacks({
      now,
      wakeAfterMs,
      wake: ({ deductionId, orderRowId, channel }) => {
        const { order } = this.settlements.get(orderRowId) as Settlement;
        this.append(dueMessage(deductionId, order, channel));
      },
      openCase: (callback) => openCallbackCase(this.cases, callback, now()),
      closeCase: (callback) => closeCallbackCase(this.cases, callback, now()),
      isLeftAlone: (channel) => isHeldNow(this.remotes.get(`channel:${channel}`)),
    });
  }

  /** The deduction as it is now, with its order. */
  find(deductionId: string): { readonly order: Order; readonly deduction: Deduction } | undefined {
    const settlement = this.settlements.get(this.orderOf.get(deductionId) ?? '');
    const deduction = settlement?.deductions.find(({ id }) => id === deductionId);
    return settlement && deduction && { order: settlement.order, deduction };
  }

  keep(settlement: Settlement): void {
    const { order, deductions } = settlement;
    this.settlements.set(order.id, settlement);
    if (order.status === 'settling') this.settling.add(order.id);
    else this.settling.delete(order.id);
    for (const { id, wakeBy } of deductions) {
      this.orderOf.set(id, order.id);
      if (wakeBy === undefined) this.watched.delete(id);
      else this.watched.add(id);
    }
  }

  /** Cases that close because what they are about is matched by these writes. */
  casesClosedBy({ references }: Writes): string[] {
    const matched = this.callbacks.matchedBy(references);
    return matched.flatMap((callback) => callbackCase(this.cases, callback)?.id ?? []);
  }

  append(message: Message): void {
    this.#messages += 1;
    const availableAt =
      (message.type === 'deduction_due' ? message.availableAt : undefined) ?? this.options.now();
    this.options.onAppended?.({ id: String(this.#messages), message, availableAt });
  }

  /** @throws Error by the constraint's name, before anything is written */
  check({ deductions, attempts }: Writes): void {
    for (const deduction of deductions) refuseImpossibleRow(deduction);
    for (const attempt of attempts) this.attempts.refuseSecond(attempt);
  }

  /** All of `writes`, which were checked. @param drafted the rows of cases with the changes of cases made in them */
  write(writes: Writes, drafted?: CaseRows): void {
    const now = this.options.now();
    for (const attempt of writes.attempts) this.attempts.begin(attempt);
    for (const finished of writes.finished) this.attempts.finish(finished, now);
    const before = this.#touched(writes).map((id) => this.settlements.get(id) as Settlement);
    const orders = new Map(writes.orders.map((order) => [order.id, order]));
    const deductions = new Map(writes.deductions.map((deduction) => [deduction.id, deduction]));
    const after = before.map(({ order, deductions: all }): Settlement => {
      const settlement = {
        order: orders.get(order.id) ?? order,
        deductions: all.map((one) => deductions.get(one.id) ?? one),
      };
      this.keep(settlement);
      return settlement;
    });
    for (const id of deductions.keys()) this.wakes.delete(id);
    if (drafted !== undefined) drafted.merge();
    else writeCaseChanges(this.cases, writes.cases, this);
    this.options.onCommit?.({ before, after, writes, isOperation: drafted !== undefined });
    for (const message of writes.messages) this.append(message);
    this.callbacks.apply(writes.heard);
    this.callbacks.refer(writes.references);
  }

  #touched({ orders, deductions }: Writes): string[] {
    const ofDeductions = deductions.map(({ id }) => this.orderOf.get(id) ?? '');
    return [...new Set([...orders.map(({ id }) => id), ...ofDeductions])];
  }
}

/** Whether a remote is left alone, or paused by a person. */
export function isHeldNow(row: RemoteRow | undefined): boolean {
  return row !== undefined && (row.isPaused || row.breaker.state !== 'closed');
}

/** As Postgres says it when a session was ended: SQLSTATE 57P01. */
export function connectionLost(): Error {
  return Object.assign(new Error('the connection to the database was lost'), { code: '57P01' });
}

export function dueMessage(deductionId: string, { id, traceparent }: Order, channel: string): Message {
  return { type: 'deduction_due', deductionId, orderRowId: id, channel, availableAt: undefined, traceparent };
}
