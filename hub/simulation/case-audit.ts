/** What must hold about cases, at every commit and at the end. */
import type { Deduction } from '../core/deduction.ts';
import { isWaiting, type CaseRow } from '../settlement/testing/memory-case-rows.ts';
import type { Commit } from '../settlement/testing/memory-rows.ts';
import type { MemoryTables } from '../settlement/testing/memory-tables.ts';
import type { Rule } from './rules.ts';

export interface CaseAuditOptions {
  readonly tables: () => MemoryTables;
  readonly report: (rule: Rule, detail: string) => void;
  readonly met: (what: string) => void;
}

export class CaseAudit {
  readonly #options: CaseAuditOptions;
  readonly #states = new Map<string, CaseRow['state']>();
  readonly #acted = new Map<string, string>();

  constructor(options: CaseAuditOptions) {
    this.#options = options;
  }

  /** Who waits has a case, and nobody else has one. */
  committed({ before, after, writes }: Commit): void {
    after.forEach(({ deductions }, index) => {
      for (const deduction of deductions) {
        const earlier = before[index]?.deductions.find(({ id }) => id === deduction.id);
        if (deduction.attention !== earlier?.attention) this.#compare(deduction);
      }
    });
    if (writes.cases.length > 0) this.auditCases();
  }

  /** An operation was answered as done: of those who decided on one version of a case, one may. */
  acted(caseId: string, version: number, operator: string): void {
    const key = `${caseId} ${version}`;
    const other = this.#acted.get(key);
    this.#acted.set(key, operator);
    if (other !== undefined)
      this.#options.report('one operation per case at a time', `${operator} and ${other} on case ${key}`);
  }

  auditCases(): void {
    const { tables, report, met } = this.#options;
    const { cases } = tables();
    const subjects = new Set<string>();
    for (const row of cases.cases()) {
      const earlier = this.#states.get(row.id);
      this.#states.set(row.id, row.state);
      if (earlier === undefined) met(`case ${row.cause}`);
      if (earlier !== undefined && earlier !== row.state) this.#compareStates(row, earlier);
      if (cases.operationsOf(row.id).filter(({ finishedAt }) => finishedAt === null).length > 1)
        report('one operation per case at a time', `case ${row.id} has several under way`);
      if (!isWaiting(row)) continue;
      const subject = subjectOf(row);
      if (subjects.has(subject)) report('one case per subject', subject);
      subjects.add(subject);
    }
  }

  #compareStates(row: CaseRow, earlier: CaseRow['state']): void {
    const { report, met } = this.#options;
    met(`case ${earlier} → ${row.state}`);
    if (earlier === 'resolved' || earlier === 'recovered')
      report('a closed case stays closed', `case ${row.id}: ${earlier} → ${row.state}`);
  }

  #compare({ id, attention }: Deduction): void {
    const { tables, report } = this.#options;
    const own = tables()
      .cases.cases()
      .filter((row) => row.deductionId === id && isWaiting(row));
    switch (attention?.type) {
      case 'held':
      case 'retried': {
        const found = own.some(({ leg, cause }) => leg === attention.leg && cause === attention.cause);
        if (!found)
          report('who waits has a case', `deduction ${id} is ${attention.type}: ${attention.cause}`);
        break;
      }
      case 'misconfigured':
      case undefined: {
        const left = own.find(({ cause }) => cause !== 'late_truth');
        if (left !== undefined) report('who moves on has no case', `deduction ${id}, case ${left.id}`);
      }
    }
  }
}

/** What a case is about; told apart as the unique indexes do. */
function subjectOf({ id, deductionId, leg, channel, code, messageKey, cause }: CaseRow): string {
  if (deductionId !== null) return `deduction ${deductionId} ${leg}`;
  if (cause === 'misconfigured') return `set-up ${channel} ${leg} ${code}`;
  return messageKey === null ? `case ${id}` : `message ${messageKey}`;
}
