/** Whether what people do is in the audit: in the transaction that makes it true, once, and nothing besides. */
import type { OperationRow } from '../settlement/testing/memory-case-rows.ts';
import type { AuditedOperation, OperationCommit } from '../settlement/testing/memory-rows.ts';
import type { Rule } from './rules.ts';

export interface OperationAuditOptions {
  readonly met: (what: string) => void;
  readonly report: (rule: Rule, detail: string) => void;
}

export class OperationAudit {
  readonly #options: OperationAuditOptions;
  readonly #known = new Map<string, OperationRow>();
  /** Operation and outcome of each row of the audit. */
  readonly #told = new Set<string>();

  constructor(options: OperationAuditOptions) {
    this.#options = options;
  }

  committed({ operations, audited }: OperationCommit): void {
    const { report } = this.#options;
    for (const row of operations) {
      const earlier = this.#known.get(row.id);
      this.#known.set(row.id, row);
      const own = audited.filter((one) => operationOf(one) === row.id || isApprovalOf(row, one));
      const isBegun = earlier === undefined;
      // What a look-up found is told by whoever asked; how a retry ends is its subject's doing, and at its case.
      const isFound = row.kind === 'query' && earlier?.finishedAt === null && row.outcome !== 'abandoned';
      if ((isBegun || isFound) && own.length !== 1)
        report('every operation is audited', `${row.kind} ${row.id} has ${own.length} rows`);
    }
    for (const one of audited) this.#compare(one, operations);
  }

  #compare(one: AuditedOperation, operations: readonly OperationRow[]): void {
    const { met, report } = this.#options;
    const { actor, entry } = one;
    const { action, subject = '', outcome = 'done' } = entry;
    met(`audited ${action}, ${outcome}`);
    if (action === approval) {
      const isTrue = operations.some((row) => isApprovalOf(row, one));
      if (!isTrue) report('nothing is audited that was not done', `${action} on ${subject} by ${actor.name}`);
      return;
    }
    const id = operationOf(one);
    const row = this.#known.get(id);
    const isDone =
      row !== undefined &&
      action === `case.${row.kind}` &&
      subject === `case:${row.caseId}` &&
      actor.name === row.operator &&
      (outcome === 'begun' || row.outcome !== null);
    const isTold = this.#told.has(`${id} ${outcome}`);
    this.#told.add(`${id} ${outcome}`);
    if (!isDone || isTold)
      report('nothing is audited that was not done', `${action} on ${subject} by ${actor.name}, ${outcome}`);
  }
}

/** What two people agreed on is audited as their agreement. */
const approval = 'compensation.approve';

function isApprovalOf({ caseId, details }: OperationRow, { entry }: AuditedOperation): boolean {
  return entry.action === approval && entry.subject === `case:${caseId}` && 'approvedBy' in details;
}

function operationOf({ entry }: AuditedOperation): string {
  return String(entry.details?.['operation']);
}
