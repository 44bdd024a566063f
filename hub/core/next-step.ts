/**
 * What to do next for a deduction, read off its legs and its goal alone. `docs/state-machine.md` has it as a table.
 */
import { actionOfLookUp, lookUps, type Action, type Direction, type LookUp } from './action.ts';
import {
  isFenced,
  isHeldFirst,
  undoing,
  type Call,
  type Deduction,
  type LegPolicy,
  type Policies,
} from './deduction.ts';
import {
  finalAt,
  isClear,
  type ConfirmInDoubtLeg,
  type InDoubtLeg,
  type Leg,
  type LegName,
  type Sending,
  type UndoInDoubtLeg,
} from './leg.ts';
import { absenceFinalAfterMs, latestLookUp, lookUpsOf, provesAbsence, remembersKey } from './look-up.ts';
import type { Stage } from './stage.ts';

export type Step =
  | { readonly type: 'call'; readonly call: Call }
  /** Look again at `until`. */
  | { readonly type: 'wait'; readonly until: Date }
  /** Nothing to do here until the order, or nothing ever again. */
  | { readonly type: 'rest' }
  /** It cannot move by itself: a person is needed. */
  | { readonly type: 'stuck' };

/**
 * Resending is the quick way out of doubt, waiting until "not found" is final the sure one: each resend puts that
 * moment off. After so many failures in a row the sure way is taken, where the remote can be asked at any time.
 */
const quickFailuresMax = 6;

/** What the next step of one leg depends on besides the leg. */
interface Facts {
  readonly policy: LegPolicy;
  readonly failures: number;
  readonly now: Date;
  /** The calls that take and undo it here. */
  readonly take: 'deduct' | 'hold';
  readonly undo: 'give_back' | 'release';
  readonly isFenced: boolean;
}

/**
 * The next thing to do for `deduction` at `now`, if nobody is doing it already.
 *
 * @param stage of its order
 */
export function nextStep(deduction: Deduction, stage: Stage, policies: Policies, now: Date): Step {
  const step =
    deduction.goal === 'settle'
      ? stepToSettle(deduction, stage, policies, now)
      : stepToUndo(deduction, policies, now);
  if (step.type === 'rest') return stepAtRest(deduction, policies, now);
  const { notBefore } = deduction;
  if (notBefore === undefined || notBefore <= now) return step;
  switch (step.type) {
    case 'call':
      return { type: 'wait', until: notBefore };
    case 'wait':
      return { type: 'wait', until: step.until > notBefore ? step.until : notBefore };
    case 'stuck':
      return step;
  }
}

/** Whether nothing is left to do for its goal; a late look may be. */
export function isAtRest(deduction: Deduction, stage: Stage, policies: Policies, now: Date): boolean {
  return nextStep({ ...deduction, lateCheck: undefined }, stage, policies, now).type === 'rest';
}

/** The leg whose turn it is: points first going forward, until they are confirmed; quota first going back. */
export function actingLeg({ goal, points, quota }: Deduction): LegName {
  if (goal === 'undo') return isClear(quota) ? 'points' : 'quota';
  if (points.state === 'held') return quota.state === 'applied' ? 'points' : 'quota';
  return points.state === 'applied' ? 'quota' : 'points';
}

/** What begins only in its stage waits for it; what has begun goes on. */
function stepToSettle(deduction: Deduction, stage: Stage, policies: Policies, now: Date): Step {
  const leg = actingLeg(deduction);
  const { state } = deduction[leg];
  if (leg === 'points') {
    if (state === 'idle' && stage !== (deduction.holds ? 'hold' : 'deduct')) return { type: 'rest' };
    if (state === 'held' && stage !== 'confirm') return { type: 'rest' };
  }
  return legToSettle(leg, deduction[leg], factsOf(deduction, leg, policies, now));
}

function stepToUndo(deduction: Deduction, policies: Policies, now: Date): Step {
  const leg = actingLeg(deduction);
  return legToUndo(leg, deduction[leg], factsOf(deduction, leg, policies, now));
}

function factsOf(deduction: Deduction, leg: LegName, policies: Policies, now: Date): Facts {
  return {
    policy: policies[leg],
    failures: deduction.failures,
    now,
    take: isHeldFirst(deduction, leg) ? 'hold' : 'deduct',
    undo: undoing(deduction, leg),
    isFenced: isFenced(deduction, leg, policies),
  };
}

function legToSettle(name: LegName, leg: Leg, facts: Facts): Step {
  switch (leg.state) {
    case 'idle':
      return call(name, facts.take);
    case 'sent':
    case 'confirm_sent':
      return { type: 'wait', until: leg.quietAt };
    case 'pending':
      return pendingStep(name, 'deduct', facts);
    case 'in_doubt':
      return doubtToSettle(name, leg, facts);
    case 'held':
      return call(name, 'confirm');
    case 'confirm_pending':
      return pendingStep(name, 'confirm', facts);
    case 'confirm_in_doubt':
      return doubtOfConfirming(name, leg, facts);
    case 'confirm_refused':
      return { type: 'stuck' };
    case 'applied':
    case 'refused':
    case 'void':
      return { type: 'rest' };
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undone':
    case 'undo_refused':
      throw new Error(`a ${name} leg that is ${leg.state} cannot belong to a deduction whose goal is settle`);
  }
}

function legToUndo(name: LegName, leg: Leg, facts: Facts): Step {
  switch (leg.state) {
    case 'idle':
      throw new Error(`an idle ${name} leg becomes void in the moment its goal becomes undo`);
    case 'sent':
    case 'confirm_sent':
    case 'undo_sent':
      return { type: 'wait', until: leg.quietAt };
    case 'pending':
      return pendingStep(name, 'deduct', facts);
    case 'in_doubt':
      return doubtToUndo(name, leg, facts);
    case 'held':
      return call(name, 'release');
    case 'confirm_pending':
      return pendingStep(name, 'confirm', facts);
    case 'confirm_in_doubt':
      return isToBeQueried(leg, facts) ? call(name, 'find_confirm') : lookUpStep(name, 'confirm', leg, facts);
    case 'confirm_refused':
      return leg.reason === 'another_amount' ? { type: 'stuck' } : call(name, 'release');
    case 'applied':
      return facts.policy.reversal === 'none' ? { type: 'stuck' } : call(name, 'give_back');
    case 'undo_pending':
      return pendingStep(name, 'give_back', facts);
    case 'undo_in_doubt':
      return doubtOfGivingBack(name, leg, facts);
    case 'undo_refused':
      return { type: 'stuck' };
    case 'refused':
    case 'void':
    case 'undone':
      return { type: 'rest' };
  }
}

type DoubtfulLeg = InDoubtLeg | ConfirmInDoubtLeg | UndoInDoubtLeg;

/** Query by key, then resend under the same key, then whatever look-up proves it. */
function doubtToSettle(name: LegName, leg: InDoubtLeg, facts: Facts): Step {
  if (isToBeQueried(leg, facts)) return call(name, 'find_deduct');
  if (mayResend(leg, facts)) return call(name, facts.take);
  return lookUpStep(name, 'deduct', leg, facts);
}

/** Under the goal undo nothing is sent forward again while the remote can simply be asked. */
function doubtToUndo(name: LegName, leg: InDoubtLeg, facts: Facts): Step {
  if (facts.isFenced) return call(name, facts.undo);
  if (isToBeQueried(leg, facts)) return call(name, 'find_deduct');
  if (facts.policy.query === 'none' && mayResend(leg, facts)) return call(name, facts.take);
  return lookUpStep(name, 'deduct', leg, facts);
}

function doubtOfConfirming(name: LegName, leg: ConfirmInDoubtLeg, facts: Facts): Step {
  if (isToBeQueried(leg, facts)) return call(name, 'find_confirm');
  if (mayResend(leg, facts)) return call(name, 'confirm');
  return lookUpStep(name, 'confirm', leg, facts);
}

function doubtOfGivingBack(name: LegName, leg: UndoInDoubtLeg, facts: Facts): Step {
  if (isToBeQueried(leg, facts)) return call(name, 'find_give_back');
  if (mayResend(leg, facts)) return call(name, facts.undo);
  return lookUpStep(name, 'give_back', leg, facts);
}

function isToBeQueried({ asked }: DoubtfulLeg, { policy }: Facts): boolean {
  return policy.query === 'by-key' && (asked === 'not_yet' || asked === 'no_answer');
}

/**
 * The look-up that may settle it: the one asked last, once more when what it says is proof, or else the next in order.
 * Each way is asked at least once, however late: what it finds is proof at any time.
 */
function lookUpStep(name: LegName, direction: Direction, leg: DoubtfulLeg, { policy, now }: Facts): Step {
  const latest = latestLookUp(leg.asked);
  const isPast = (lookUp: LookUp): boolean =>
    latest !== undefined && lookUps.indexOf(lookUp) < lookUps.indexOf(latest.lookUp);
  for (const lookUp of lookUpsOf(policy)) {
    if (isPast(lookUp)) continue;
    if (lookUp !== latest?.lookUp) return call(name, actionOfLookUp(lookUp, direction));
    switch (latest.said) {
      case 'no_answer':
      case 'open':
        return call(name, actionOfLookUp(lookUp, direction));
      case 'not_found': {
        const final = finalAt(leg, absenceFinalAfterMs(direction, policy));
        if (now < final) return { type: 'wait', until: final };
        if (provesAbsence(leg, policy, [lookUp, direction], now))
          return call(name, actionOfLookUp(lookUp, direction));
        break;
      }
      case 'incomplete':
        break;
    }
  }
  return { type: 'stuck' };
}

/** What the remote accepted is asked for in the first way that there is. */
function pendingStep(name: LegName, direction: Direction, { policy }: Facts): Step {
  const [lookUp] = lookUpsOf(policy);
  return lookUp === undefined ? { type: 'stuck' } : call(name, actionOfLookUp(lookUp, direction));
}

/** At rest nothing is left but the late look at what was held to be without effect, when its time has come. */
function stepAtRest({ lateCheck }: Deduction, { points }: Policies, now: Date): Step {
  const [lookUp] = lookUpsOf(points);
  if (lateCheck === undefined || now < lateCheck.at || lookUp === undefined) return { type: 'rest' };
  return call('points', actionOfLookUp(lookUp, 'deduct'));
}

function mayResend(sending: Sending, { policy, failures, now }: Facts): boolean {
  switch (policy.idempotency) {
    case 'none':
      return false;
    case 'key-replays': {
      const canBeLookedUp = policy.query === 'by-key' || policy.scan !== undefined;
      if (canBeLookedUp && failures > quickFailuresMax) return false;
      // Its answer would name no points, so only a look-up settles it.
      if (policy.echo === 'none' && policy.query === 'none') return false;
      return remembersKey(sending, policy, now);
    }
  }
}

function call(leg: LegName, action: Action): Step {
  return { type: 'call', call: { leg, action } };
}
