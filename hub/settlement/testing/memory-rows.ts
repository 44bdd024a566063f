/** What goes into the database in memory, and what is heard from it. */
import type { Message } from '../../core/advance.ts';
import type { Breaker } from '../../core/breaker.ts';
import type { Deduction } from '../../core/deduction.ts';
import type { Order, Settlement } from '../../core/order.ts';
import type { RefundLine, RefundPlan } from '../../core/refund.ts';
import type { AuditEntry } from '../../operations/audit.ts';
import type { Actor } from '../../operations/caller.ts';
import type { Writes } from '../store-port.ts';
import type { OperationRow } from './memory-case-rows.ts';

/** A message in the outbox. */
export interface OutboxRow {
  readonly id: string;
  readonly message: Message;
  readonly availableAt: Date;
}

/** What one commit changed. */
export interface Commit {
  readonly before: readonly Settlement[];
  readonly after: readonly Settlement[];
  readonly writes: Writes;
  /** By an operator's operation, not by settlement. */
  readonly isOperation: boolean;
}

/** What is known of one remote. */
export interface RemoteRow {
  readonly breaker: Breaker;
  readonly isPaused: boolean;
  readonly rateMax: number | undefined;
}

/** One row of the audit. */
export interface AuditedOperation {
  readonly actor: Actor;
  readonly entry: AuditEntry;
}

/** What one transaction of people's operations wrote down about itself. */
export interface OperationCommit {
  readonly operations: readonly OperationRow[];
  readonly audited: readonly AuditedOperation[];
}

export interface MemoryDatabaseOptions {
  readonly now: () => Date;
  /** Uniform in [0, 1): what Postgres draws. */
  readonly random: () => number;
  readonly wakeAfterMs: number;
  /** Told of each committed change, in order. */
  readonly onCommit?: (commit: Commit) => void;
  /** Told of each committed transaction of people's operations. */
  readonly onOperation?: (commit: OperationCommit) => void;
  /** Told of each committed correction. */
  readonly onCorrected?: (line: Deduction, order: Order) => void;
  /** Told of each committed message. */
  readonly onAppended?: (row: OutboxRow) => void;
}

/**
 * Where a transaction is: about to begin, with its locks and its decision but nothing written, or committed and not
 * yet answered; or a statement by itself that is on its way. Resolves when it may go on; throws where the connection is lost. `abort` ends the transaction from
 * the server's side.
 */
export type Passage = (
  point: 'begin' | 'statement' | 'commit' | 'answer',
  abort: () => void,
) => Promise<void> | undefined;

export interface NewRows {
  readonly order: Omit<Order, 'id' | 'status' | 'reason'>;
  readonly deductions: readonly Pick<Deduction, 'channel' | 'memberRef' | 'asked' | 'keyBase' | 'holds'>[];
}

export interface NewRefund {
  readonly orderRowId: string;
  readonly refundId: string;
  readonly plan: (settlement: Settlement) => RefundPlan;
  readonly keyBaseOf: (line: RefundLine) => string;
  /** Told before the lines can be seen by anybody else. */
  readonly onPlaced?: (lines: readonly RefundLine[]) => void;
}
