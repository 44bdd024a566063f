/** The rows of cases and of the operations on them. */
import type { Suggestion } from '../case-words.ts';
import type { LegName } from '../../core/leg.ts';
import type { OperationKind } from '../../store/case-operations.ts';
import type { CaseCause, CaseState } from '../../store/cases.ts';

export interface CaseRow {
  readonly id: string;
  readonly orderRowId: string | null;
  readonly deductionId: string | null;
  readonly leg: LegName | null;
  readonly channel: string | null;
  readonly code: string | null;
  readonly messageKey: string | null;
  readonly state: CaseState;
  readonly cause: CaseCause;
  readonly suggestion: Suggestion;
  readonly operation: string | null;
  readonly error: string;
  readonly fingerprint: string;
  readonly points: string | null;
  readonly count: number;
  readonly version: number;
  readonly claimedBy: string | null;
  readonly evidence: object;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly closedAt: Date | null;
}

export interface OperationRow {
  readonly id: string;
  readonly caseId: string;
  readonly kind: OperationKind;
  readonly operator: string;
  readonly reason: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly outcome: string | null;
  readonly details: object;
}

/**
 * The rows as committed, or as one transaction sees them: a draft shows its own changes over those of its base, and
 * becomes part of it by `merge`. Whoever changes a row holds its lock, so no two drafts change the same one.
 */
export class CaseRows {
  readonly #base: CaseRows | undefined;
  readonly #cases = new Map<string, CaseRow>();
  readonly #operations = new Map<string, OperationRow>();
  readonly #ids = { cases: 0, operations: 0 };

  constructor(base?: CaseRows) {
    this.#base = base;
  }

  /** Never given twice, whatever becomes of the transaction. */
  nextId(of: 'cases' | 'operations'): string {
    if (this.#base !== undefined) return this.#base.nextId(of);
    this.#ids[of] += 1;
    return String(this.#ids[of]);
  }

  /** Oldest first. */
  cases(): CaseRow[] {
    if (this.#base === undefined) return [...this.#cases.values()];
    return [...new Map([...this.#base.#cases, ...this.#cases]).values()];
  }

  case(id: string): CaseRow | undefined {
    return this.#cases.get(id) ?? this.#base?.case(id);
  }

  put(row: CaseRow): void {
    this.#cases.set(row.id, row);
  }

  /** The case with its next version. */
  change(row: CaseRow, changes: Partial<CaseRow>): CaseRow {
    const changed = { ...row, ...changes, version: row.version + 1 };
    this.put(changed);
    return changed;
  }

  /** Of one case, oldest first. */
  operationsOf(caseId: string): OperationRow[] {
    const own = [...this.#operations.values()].filter((operation) => operation.caseId === caseId);
    const earlier = this.#base === undefined ? [] : this.#base.operationsOf(caseId);
    return [...earlier.filter(({ id }) => !this.#operations.has(id)), ...own];
  }

  operation(id: string): OperationRow | undefined {
    return this.#operations.get(id) ?? this.#base?.operation(id);
  }

  putOperation(row: OperationRow): void {
    this.#operations.set(row.id, row);
  }

  /** Operations that this draft has added or changed. */
  draftedOperations(): readonly OperationRow[] {
    return [...this.#operations.values()];
  }

  /** The operation that is under way on a case. */
  underWay(caseId: string): OperationRow | undefined {
    return this.operationsOf(caseId).find(({ finishedAt }) => finishedAt === null);
  }

  merge(): void {
    for (const row of this.#cases.values()) this.#base?.put(row);
    for (const row of this.#operations.values()) this.#base?.putOperation(row);
  }
}

export function isWaiting({ state }: CaseRow): boolean {
  return state === 'open' || state === 'ignored';
}
