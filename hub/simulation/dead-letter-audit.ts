import { createHash } from 'node:crypto';
import type { CaseRow } from '../settlement/testing/memory-case-rows.ts';
import type { Rule } from './rules.ts';

/** What the broker gave up, and whether each of it became a case before it was acknowledged. */
export class DeadLetterAudit {
  readonly #report: (rule: Rule, detail: string) => void;
  readonly #cases: () => readonly CaseRow[];

  constructor(cases: () => readonly CaseRow[], report: (rule: Rule, detail: string) => void) {
    this.#cases = cases;
    this.#report = report;
  }

  /** A dead letter leaves its queue for good: somebody can read what it was. */
  acknowledged(messageId: string, body: string): void {
    const key = `${messageId}:${createHash('sha256').update(Buffer.from(body)).digest('hex')}`;
    const own = this.#cases().filter(({ messageKey }) => messageKey === key);
    if (own.length > 1) this.#report('one case per subject', `message ${messageId} has ${own.length} cases`);
    if (own.length > 0) return;
    const deductionId = deductionIdIn(body);
    const isKnown = this.#cases().some((row) => deductionId !== undefined && row.deductionId === deductionId);
    if (!isKnown)
      this.#report('no dead letter is lost', `message ${messageId} was acknowledged without a case`);
  }
}

function deductionIdIn(body: string): string | undefined {
  return /"deductionId":"(\d+)"/.exec(body)?.[1];
}
