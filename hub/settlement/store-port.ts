/** What settlement needs to remember; `store/settlements.ts` keeps it in Postgres. */
import type { Attempt, Message } from '../core/advance.ts';
import type { CaseChange } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import type { Order, Settlement } from '../core/order.ts';
import type { Evidence } from '@points-hub/adapters';

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
}

export interface SettlementStore {
  /**
   * Locks the orders in id order, reads all their deductions as they are now, lets `think` decide, writes what it
   * decided, commits. All or nothing. `think` may run again if the transaction lost to another one, so it must
   * not act on the world. Orders that do not exist are missing from the map.
   */
  transact<Result>(
    orderRowIds: readonly string[],
    think: (
      settlements: ReadonlyMap<string, Settlement>,
      now: Date,
    ) => { readonly writes: Writes; readonly result: Result },
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
}
