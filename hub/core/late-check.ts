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
 * when it should be closed; what the channel has accepted, and what it does not answer, after the same time.
 */
export function afterLateCheck(
  deduction: Deduction,
  told: Told,
  { policies, now, intendedAt }: LateCheckFacts,
  changes: CaseChange[],
): Deduction {
  const { outcome } = told.answer;
  const released = { ...deduction, lease: undefined };
  const checked = { ...released, failures: 0, notBefore: undefined, lateCheck: undefined };
  const againMs = Math.max(policies.points.lateEffectCheckMs, policies.backoff.maxMs);
  const later = new Date(now.getTime() + againMs);
  switch (outcome.type) {
    case 'done':
    case 'rejected':
    case 'pending':
      throw new Error('a late look moves nothing');
    case 'found':
      // It was accepted, and may still be done.
      if (outcome.outcome.type === 'pending') return lookingAgain(released, later);
      return withLateTruth(checked, told, intendedAt, policies, changes);
    case 'not_found':
    case 'incomplete':
      return checked;
    case 'open':
      return lookingAgain(released, outcome.readyAt > now ? outcome.readyAt : later);
    case 'unknown':
      if (outcome.cause !== 'several_effects') return lookingAgain(released, later);
      // So there is an effect; how much it is in all, a person has to add up.
      changes.push({ type: 'late_truth', deduction: checked, leg: 'points', points: deduction.asked, told });
      return checked;
    case 'not_sent':
    case 'misconfigured':
      return lookingAgain(released, later);
  }
}

function lookingAgain(deduction: Deduction, at: Date): Deduction {
  const { lateCheck } = deduction;
  return lateCheck === undefined ? deduction : { ...deduction, lateCheck: { ...lateCheck, at } };
}
