/** What settlement needs to remember; `store/settlements.ts` keeps it in Postgres. */
import type { Attempt, Message } from '../core/advance.ts';
import type { Callback } from '../core/callback.ts';
import type { CaseChange } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import type { HeardCallback } from '../core/input.ts';
import type { Order, Settlement } from '../core/order.ts';
import type { CallbackEvent, Evidence } from '@points-hub/adapters';
import type { KnownReference } from './callback-references.ts';

/** An attempt that ended. `isStale`: its outcome came after somebody else had taken over. */
export interface FinishedAttempt {
  readonly deductionId: string;
  readonly token: number;
  readonly outcome: string;
  readonly cause: string | undefined;
  readonly evidence: Evidence;
  readonly isStale: boolean;
}

/** Everything that one transaction writes. */
export interface Writes {
  readonly orders: readonly Order[];
  readonly deductions: readonly Deduction[];
  readonly attempts: readonly Attempt[];
  readonly finished: readonly FinishedAttempt[];
  readonly messages: readonly Message[];
  readonly cases: readonly CaseChange[];
  /** Callbacks that were taken in. */
  readonly heard: readonly HeardCallback[];
  /** Names of operations that callbacks may use from now on; what was kept under one is matched, and wakes its deduction. */
  readonly references: readonly KnownReference[];
}

/** A callback that was let in, to be kept until it is taken in. */
export interface NewCallback extends Omit<CallbackEvent, 'type'> {
  readonly channel: string;
  readonly receivedAt: Date;
}

/** `repeated`: the event is here already. `conflicting`: it is, with another body. `dropped`: a hint about nothing we know. */
export type KeptCallback = 'kept' | 'repeated' | 'conflicting' | 'dropped';

/** What a look at the kept callbacks found. */
export interface CallbackSweep {
  readonly looked: number;
  /** Known operations whose message was lost. */
  readonly woken: number;
  /** Became cases: nobody knows what they are about. */
  readonly reported: number;
}

export interface SettlementStore {
  /**
   * Locks the orders in id order, reads all their deductions as they are now, lets `think` decide, writes what it
   * decided, commits. All or nothing. `think` may run again if the transaction lost to another one, so it must
   * not act on the world. Orders that do not exist are missing from the map.
   *
   * @param listening those of the orders whose callbacks are to be read, the first one first; default none
   */
  transact<Result>(
    orderRowIds: readonly string[],
    think: (
      settlements: ReadonlyMap<string, Settlement>,
      now: Date,
      callbacks: ReadonlyMap<string, readonly Callback[]>,
    ) => { readonly writes: Writes; readonly result: Result },
    listening?: readonly string[],
  ): Promise<Result>;

  /**
   * Appends a message for up to `limit` deductions whose `wakeBy` is past, and moves their `wakeBy` on, later each
   * time. Several sweepers may run.
   *
   * @returns how many were overdue
   */
  wakeOverdue(limit: number): Promise<number>;

  /** Row ids of up to `limit` orders that had not settled by their deadline, the longest overdue first. */
  overdueOrders(limit: number): Promise<string[]>;

  /**
   * Up to `limit` deductions of which something may be in effect while their remote's breaker has not been closed for
   * `awayMaxMs`, and that are no case yet.
   */
  awayTooLong(
    limit: number,
    awayMaxMs: number,
  ): Promise<readonly { readonly deductionId: string; readonly orderRowId: string }[]>;

  /**
   * Keeps a callback, and appends a message that wakes its deduction if its operation is known: one transaction, after
   * which the sender may be answered. One event is kept once.
   */
  keepCallback(callback: NewCallback): Promise<KeptCallback>;

  /**
   * Looks at up to `limit` kept callbacks that nobody took in in time: wakes the deduction where the operation is known
   * by now, and makes a case of one that stayed unknown for `unmatchedAfterMs`. Several sweepers may run.
   */
  sweepCallbacks(limit: number, unmatchedAfterMs: number): Promise<CallbackSweep>;

  /** Deletes up to `limit` callbacks that were taken in `retentionMs` ago. @returns how many there were */
  forgetCallbacks(limit: number, retentionMs: number): Promise<number>;
}
