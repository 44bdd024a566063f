import { lookUpOfAction } from '../../core/action.ts';
import type { Attempt } from '../../core/advance.ts';
import type { LegName } from '../../core/leg.ts';
import type { CaseAttempt } from '../../store/cases.ts';
import type { FinishedAttempt } from '../store-port.ts';

/** The attempts of all deductions, by number. */
export class MemoryAttempts {
  readonly #rows = new Map<string, CaseAttempt[]>();
  /** Until when the latest request that could have an effect had to leave, by deduction and leg. */
  readonly #sendBy = new Map<string, Date>();

  /** @throws Error if a deduction has an attempt of this number already */
  refuseSecond({ deductionId, token }: Attempt): void {
    const latest = this.#rows.get(deductionId)?.at(-1)?.number ?? 0;
    if (latest >= token) throw new Error(`attempt ${token} of deduction ${deductionId} is there already`);
  }

  begin({ deductionId, token, call, points, intendedAt, sendBy }: Attempt): void {
    if (lookUpOfAction(call.action) === undefined) this.#sendBy.set(`${deductionId} ${call.leg}`, sendBy);
    const rows = this.#rows.get(deductionId) ?? [];
    this.#rows.set(deductionId, rows);
    rows.push({
      number: token,
      leg: call.leg,
      action: call.action,
      points: points.toFixed(),
      at: intendedAt.toISOString(),
      finishedAt: null,
      outcome: null,
      cause: null,
      evidence: null,
      isStale: false,
    });
  }

  /** Ends an attempt, once. */
  finish({ deductionId, token, outcome, cause = '', evidence, isStale }: FinishedAttempt, now: Date): void {
    const rows = this.#rows.get(deductionId) ?? [];
    const place = rows.findLastIndex(({ number }) => number === token);
    const row = rows[place];
    if (row === undefined || row.finishedAt !== null) return;
    rows[place] = {
      ...row,
      finishedAt: now.toISOString(),
      outcome,
      cause: cause === '' ? null : cause,
      evidence,
      isStale,
    };
  }

  /** Until when the latest request of a leg that could have an effect had to leave; undefined without one. */
  lastSendBy(deductionId: string, leg: LegName): Date | undefined {
    return this.#sendBy.get(`${deductionId} ${leg}`);
  }

  /** Oldest first. */
  of(deductionId: string): readonly CaseAttempt[] {
    return this.#rows.get(deductionId) ?? [];
  }
}
