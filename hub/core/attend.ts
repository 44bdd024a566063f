/** How a deduction comes to wait for a person, and how it leaves that again; each step says what changes of its case. */
import type { Decimal } from 'decimal.js';
import type { MisconfigurationCode } from '@points-hub/adapters';
import { directionOfAction } from './action.ts';
import type { LegCaseCause } from './attention.ts';
import type { CaseChange, Told } from './case.ts';
import { caseAction, hasMovedOn, type CaseAction } from './case-policy.ts';
import { isFenced, isHeldFirst, type Answer, type Deduction, type Policies } from './deduction.ts';
import { isClear, type LegName } from './leg.ts';
import { contradictingPoints } from './late-truth.ts';
import { actingLeg, isAtRest, nextStep } from './next-step.ts';
import type { Stage } from './stage.ts';

/** What is to be done about `deduction` besides its next step. */
export function ruling(deduction: Deduction, stage: Stage, policies: Policies, now: Date): CaseAction {
  // Its late look goes on until it is answered, and is nobody's case.
  if (deduction.lateCheck !== undefined && isAtRest(deduction, stage, policies, now))
    return { type: 'go_on' };
  const leg = actingLeg(deduction);
  const { attention, failures, retriedAt } = deduction;
  return caseAction(policies[leg], {
    step: nextStep({ ...deduction, notBefore: undefined }, stage, policies, now),
    leg: deduction[leg],
    failures,
    isMisconfigured: attention?.type === 'misconfigured',
    retriedAt,
    now,
  });
}

/** The deduction, waiting for a person from now on. One that waits already only has its case seen once more. */
export function held(
  deduction: Deduction,
  leg: LegName,
  cause: LegCaseCause,
  told: Told | undefined,
  changes: CaseChange[],
): Deduction {
  const { attention } = deduction;
  if (attention?.type === 'misconfigured') changes.push(configured(deduction, attention));
  leaveOther(deduction, leg, changes);
  const isAgain = attention?.type === 'retried' && attention.leg === leg;
  changes.push({ type: 'held', deduction, leg, cause, isAgain, told });
  return { ...deduction, attention: { type: 'held', leg, cause } };
}

/** A deduction waits for one leg at a time: the other one's case, which a person has retried, is over by that. */
function leaveOther({ id, attention }: Deduction, leg: LegName, changes: CaseChange[]): void {
  if (attention?.type === 'retried' && attention.leg !== leg)
    changes.push({ type: 'recovered', deductionId: id, leg: attention.leg });
}

/** The deduction as far as its case goes, given what it was `before` the input that made it what it is. */
export function recovered(before: Deduction, after: Deduction, changes: CaseChange[]): Deduction {
  const { attention } = after;
  switch (attention?.type) {
    case undefined:
      return after;
    case 'held':
    case 'retried': {
      const { leg, cause } = attention;
      return hasMovedOn(cause, before[leg], after[leg]) ? freed(after, leg, changes) : after;
    }
    case 'misconfigured':
      if (!isClear(after[attention.leg])) return after;
      changes.push(configured(after, attention));
      return { ...after, attention: undefined };
  }
}

/** The deduction without its case. */
function freed(deduction: Deduction, leg: LegName, changes: CaseChange[]): Deduction {
  changes.push({ type: 'recovered', deductionId: deduction.id, leg });
  return { ...deduction, attention: undefined };
}

/** What nothing could settle ends by itself where that has changed: its order turned, or its remote's file did. */
export function freedByItself(
  deduction: Deduction,
  stage: Stage,
  policies: Policies,
  now: Date,
  cases: CaseChange[],
): Deduction {
  const { attention } = deduction;
  if (attention?.type !== 'held' || !endsByItself(attention.cause)) return deduction;
  return nextStep(deduction, stage, policies, now).type === 'stuck'
    ? deduction
    : freed(deduction, attention.leg, cases);
}

function endsByItself(cause: LegCaseCause): boolean {
  return cause === 'doubt' || cause === 'cannot_give_back' || cause === 'confirm_refused';
}

/** What an answer says about our set-up at the remote. */
export function withSetUp(deduction: Deduction, told: Told, changes: CaseChange[]): Deduction {
  const { leg } = told.call;
  const code = misconfigurationOf(told.answer);
  const { attention } = deduction;
  if (code !== undefined) {
    // Who has a case already does not wait for the set-up: nobody could tell when that case of all is over.
    if (attention?.type === 'held' || attention?.type === 'retried') return deduction;
    changes.push({ type: 'misconfigured', deduction, leg, code, told });
    if (attention !== undefined && (attention.leg !== leg || attention.code !== code)) {
      changes.push(configured(deduction, attention));
    }
    return { ...deduction, attention: { type: 'misconfigured', leg, code } };
  }
  if (attention?.type !== 'misconfigured' || attention.leg !== leg || !isHeard(told.answer)) return deduction;
  changes.push(configured(deduction, attention));
  // The budget was spent on our own mistake.
  return { ...deduction, attention: undefined, failures: 0 };
}

/** The deduction after proof for a leg that came from elsewhere than our calls: the remote's set-up is unknown again. */
export function withoutSetUp(deduction: Deduction, leg: LegName, changes: CaseChange[]): Deduction {
  const { attention } = deduction;
  if (attention?.type !== 'misconfigured' || attention.leg !== leg) return deduction;
  changes.push(configured(deduction, attention));
  return { ...deduction, attention: undefined };
}

/** A key that was met before with other content is this deduction's own trouble, not the remote's set-up. */
export function misconfigurationOf({ outcome }: Answer): MisconfigurationCode | undefined {
  return outcome.type === 'misconfigured' && outcome.code !== 'key_reused' ? outcome.code : undefined;
}

/** The remote let the call in and dealt with it. */
export function isHeard({ outcome }: Answer): boolean {
  switch (outcome.type) {
    case 'done':
    case 'rejected':
    case 'pending':
    case 'found':
    case 'not_found':
    case 'incomplete':
    case 'open':
      return true;
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return false;
  }
}

function configured(
  { id, channel }: Deduction,
  { leg, code }: { readonly leg: LegName; readonly code: MisconfigurationCode },
): CaseChange {
  return { type: 'configured', deductionId: id, channel, leg, code };
}

/**
 * The deduction after an outcome under a stale token. What contradicts its leg opens a case and never rewrites the
 * leg; a leg that could still be acted upon is held, for it would take or give back twice.
 */
export function withLateTruth(
  deduction: Deduction,
  told: Told,
  intendedAt: Date,
  policies: Policies,
  changes: CaseChange[],
): Deduction {
  const { leg: name } = told.call;
  const leg = deduction[name];
  // All that is under the key is about to be given back, whatever it proves to be.
  const isGivenBackAnyway =
    leg.state === 'in_doubt' && deduction.goal === 'undo' && isFenced(deduction, name, policies);
  if (isGivenBackAnyway) return deduction;
  const points = contradictingPoints(leg, told.call, told.answer, {
    policy: policies[name],
    isHold: isHeldFirst(deduction, name),
    intendedAt,
  });
  return points === undefined ? deduction : contradicted(deduction, points, told, changes);
}

/**
 * The deduction after a proof of `points` that contradicts its leg, which stays what it is. A late look would only find
 * the same effect again, and must not be taken for another one.
 */
export function contradicted(
  deduction: Deduction,
  points: Decimal,
  told: Told,
  changes: CaseChange[],
): Deduction {
  const { leg: name } = told.call;
  const leg = deduction[name];
  changes.push({ type: 'late_truth', deduction, leg: name, points, told });
  const direction = directionOfAction(told.call.action);
  // Beside what is held another effect is to be looked into; what confirms or gives it back would be done twice.
  const isTaken = leg.state === 'applied' || (leg.state === 'held' && direction === 'deduct');
  const isClosed = isClear(leg) || (isTaken && deduction.goal === 'settle');
  const isFound = deduction.lateCheck !== undefined && direction === 'deduct';
  const looked = isFound ? { ...deduction, lateCheck: undefined } : deduction;
  if (isClosed) return looked;
  const { attention } = deduction;
  if (attention?.type === 'misconfigured') changes.push(configured(deduction, attention));
  leaveOther(deduction, name, changes);
  return { ...looked, attention: { type: 'held', leg: name, cause: 'late_truth' } };
}
