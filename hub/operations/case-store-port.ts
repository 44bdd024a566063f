/** What operations on cases need to remember; `store/case-store.ts` keeps it in Postgres. */
import type { Inquiry } from '../core/evidence.ts';
import type { Settlement } from '../core/order.ts';
import type { Writes } from '../settlement/store-port.ts';
import type {
  CaseSubject,
  Correction,
  LockedCase,
  NewOperation,
  WaitingDeduction,
} from '../store/case-operations.ts';
import type { CaseGroup } from '../store/case-groups.ts';
import type { CaseFilter, CasePlace } from '../store/case-lists.ts';
import type { TimelineEntry } from '../store/case-timeline.ts';
import type { CaseState, CaseSummary, CaseView } from '../store/cases.ts';
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
  /** The latest look-up of a case by an operator; undefined if none has ended. */
  readLatestInquiry(caseId: string): Promise<Inquiry | undefined>;
  /** Adds to the audit, as the last thing before the commit. */
  audit(actor: Actor, entry: AuditEntry): Promise<void>;
}

/** @template Transaction what operations that know more of the store get besides */
export interface CaseStore<Transaction extends CaseTransaction = CaseTransaction> {
  /** The newest first. @param after where the page before ended; `last`: where this one does, if another may follow */
  list(
    filter: CaseFilter,
    after: CasePlace | undefined,
    limit: number,
  ): Promise<{ readonly cases: readonly CaseSummary[]; readonly last: CasePlace | undefined }>;
  /** Cases of one state by what is wrong, the largest group first. */
  groups(state: CaseState, limit: number): Promise<readonly CaseGroup[]>;
  read(caseId: string): Promise<CaseView | undefined>;
  /** What happened to what a case is about, the oldest first; empty if there is no such case. */
  timeline(caseId: string): Promise<readonly TimelineEntry[]>;
  /** What a case is about, which never changes. */
  readSubject(caseId: string): Promise<CaseSubject | undefined>;
  /** Up to `limit` deductions that wait for a remote's set-up, by id, those after `after`. */
  listWaiting(
    setUp: Pick<LockedCase, 'channel' | 'leg' | 'code'>,
    after: string,
    limit: number,
  ): Promise<readonly WaitingDeduction[]>;
  /** All that `work` wrote, or nothing where it throws. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}
