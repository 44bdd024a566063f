/** What operations on cases need to remember; `store/case-store.ts` keeps it in Postgres. */
import type { Settlement } from '../core/order.ts';
import type { Writes } from '../settlement/store-port.ts';
import type {
  CaseSubject,
  Correction,
  LockedCase,
  NewOperation,
  WaitingDeduction,
} from '../store/case-operations.ts';
import type { CaseFilter, CaseGroup, CaseState, CaseSummary, CaseView } from '../store/cases.ts';
import type { AuditEntry } from './audit.ts';
import type { Actor } from './caller.ts';

/** One transaction of an operation: it locks orders before cases, as settlement does. */
export interface CaseTransaction {
  /** Locks the orders in id order and reads them as they are now. Orders that do not exist are missing. */
  lockSettlements(
    orderRowIds: readonly string[],
  ): Promise<{ readonly settlements: ReadonlyMap<string, Settlement>; readonly now: Date }>;
  /** Writes what was decided under these locks. */
  writeSettlements(writes: Writes): Promise<void>;
  /** Locks a case and reads it as it is now; an operation whose time is past keeps nobody out. */
  lockCase(caseId: string): Promise<LockedCase | undefined>;
  /** The case's next version. @returns it */
  changeCase(caseId: string, state: CaseState, claimedBy?: string): Promise<number>;
  /** Appends a refund line that gives back what is in effect beside a closed leg, and a message for it. */
  insertCorrection(correction: Correction): Promise<void>;
  /** Records an operation. Refuses a second one under way on the same case. @returns its id */
  insertOperation(operation: NewOperation): Promise<string>;
  /** Ends an operation, unless it was given up meanwhile. */
  finishOperation(operationId: string, outcome: string, details: object): Promise<void>;
  /** Adds to the audit, as the last thing before the commit. */
  audit(actor: Actor, entry: AuditEntry): Promise<void>;
}

export interface CaseStore {
  /** The newest first; the page after `before`. */
  list(filter: CaseFilter, before: string | undefined, limit: number): Promise<readonly CaseSummary[]>;
  /** Cases of one state by what is wrong, the largest group first. */
  groups(state: CaseState, limit: number): Promise<readonly CaseGroup[]>;
  read(caseId: string): Promise<CaseView | undefined>;
  /** What a case is about, which never changes. */
  readSubject(caseId: string): Promise<CaseSubject | undefined>;
  /** Up to `limit` deductions that wait for a remote's set-up, by id, those after `after`. */
  listWaiting(
    setUp: Pick<LockedCase, 'channel' | 'leg' | 'code'>,
    after: string,
    limit: number,
  ): Promise<readonly WaitingDeduction[]>;
  /** All that `work` wrote, or nothing where it throws. */
  transaction<Result>(work: (transaction: CaseTransaction) => Promise<Result>): Promise<Result>;
}
