/** The late look at a points leg that was held to be without effect because nothing had been found. */
import { withLateTruth } from './attend.ts';
import type { CaseChange, Told } from './case.ts';
import type { Deduction, Policies } from './deduction.ts';

interface LateCheckFacts {
  readonly policies: Policies;
  readonly now: Date;
  readonly intendedAt: Date;
}

/**
 * The deduction after its late look, whose lease the caller has checked. An effect that shows after all opens a case
 * and never rewrites the leg; whatever else was answered ends the matter. A statement that is open is looked into again
 * when it should be closed; without an answer it is asked again after the same time.
 */
export function afterLateCheck(
  deduction: Deduction,
  told: Told,
  { policies, now, intendedAt }: LateCheckFacts,
  changes: CaseChange[],
): Deduction {
  const { outcome } = told.answer;
  const released = { ...deduction, lease: undefined };
  switch (outcome.type) {
    case 'done':
    case 'rejected':
    case 'pending':
      throw new Error('a late look moves nothing');
    case 'found':
    case 'not_found':
    case 'incomplete': {
      const checked = { ...released, failures: 0, notBefore: undefined, lateCheck: undefined };
      return withLateTruth(checked, told, intendedAt, policies, changes);
    }
    case 'open':
      return { ...released, lateCheck: again(deduction, outcome.readyAt, policies, now) };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return { ...released, lateCheck: again(deduction, now, policies, now) };
  }
}

/** The same look at `at`, or after the channel's own time where that is past. */
function again({ lateCheck }: Deduction, at: Date, policies: Policies, now: Date): Deduction['lateCheck'] {
  if (lateCheck === undefined || at > now) return lateCheck === undefined ? undefined : { ...lateCheck, at };
  const againMs = Math.max(policies.points.lateEffectCheckMs, policies.backoff.maxMs);
  return { ...lateCheck, at: new Date(now.getTime() + againMs) };
}
