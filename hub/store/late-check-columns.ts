/** The late look that a deduction still has before it, as the columns that keep it. */
import type { LateCheck } from '../core/deduction.ts';

export interface LateCheckColumns {
  readonly late_check_at: Date | null;
  readonly late_check_from: Date | null;
  readonly late_check_until: Date | null;
}

export function lateCheckOfColumns(columns: LateCheckColumns): LateCheck | undefined {
  const { late_check_at: at, late_check_from: from, late_check_until: until } = columns;
  return at === null || from === null || until === null ? undefined : { at, from, until };
}

export function columnsOfLateCheck(lateCheck: LateCheck | undefined): LateCheckColumns {
  return {
    late_check_at: lateCheck?.at ?? null,
    late_check_from: lateCheck?.from ?? null,
    late_check_until: lateCheck?.until ?? null,
  };
}
