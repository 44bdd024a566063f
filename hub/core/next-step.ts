/**
 * What to do next for a deduction, read off its legs and its goal alone. `docs/state-machine.md` has it as a table.
 */
import type { Action, Call, Deduction, LegPolicy, Policies } from './deduction.ts';
import {
  finalAt,
  isClear,
  type InDoubtLeg,
  type Leg,
  type LegName,
  type Sending,
  type UndoInDoubtLeg,
} from './leg.ts';

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
 * moment off. After so many failures in a row the sure way is taken, where the remote can be asked.
 */
const quickFailuresMax = 6;

/** What the next step of one leg depends on besides the leg. */
interface Facts {
  readonly policy: LegPolicy;
  readonly failures: number;
  readonly now: Date;
}

/** The next thing to do for `deduction` at `now`, if nobody is doing it already. */
export function nextStep(deduction: Deduction, policies: Policies, now: Date): Step {
  const step =
    deduction.goal === 'settle'
      ? stepToSettle(deduction, policies, now)
      : stepToUndo(deduction, policies, now);
  const { notBefore } = deduction;
  if (notBefore === undefined || notBefore <= now) return step;
  switch (step.type) {
    case 'call':
      return { type: 'wait', until: notBefore };
    case 'wait':
      return { type: 'wait', until: step.until > notBefore ? step.until : notBefore };
    case 'rest':
    case 'stuck':
      return step;
  }
}

/** The leg whose turn it is: points first going forward, quota first going back. */
export function actingLeg({ goal, points, quota }: Deduction): LegName {
  if (goal === 'settle') return points.state === 'applied' ? 'quota' : 'points';
  return isClear(quota) ? 'points' : 'quota';
}

function stepToSettle({ points, quota, failures }: Deduction, policies: Policies, now: Date): Step {
  return points.state === 'applied'
    ? legToSettle('quota', quota, { policy: policies.quota, failures, now })
    : legToSettle('points', points, { policy: policies.points, failures, now });
}

function stepToUndo({ points, quota, failures }: Deduction, policies: Policies, now: Date): Step {
  return isClear(quota)
    ? legToUndo('points', points, { policy: policies.points, failures, now })
    : legToUndo('quota', quota, { policy: policies.quota, failures, now });
}

function legToSettle(name: LegName, leg: Leg, facts: Facts): Step {
  switch (leg.state) {
    case 'idle':
      return call(name, 'deduct');
    case 'sent':
      return { type: 'wait', until: leg.quietAt };
    case 'pending':
      return facts.policy.query === 'by-key' ? call(name, 'find_deduct') : { type: 'stuck' };
    case 'in_doubt':
      return doubtToSettle(name, leg, facts);
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
    case 'undo_sent':
      return { type: 'wait', until: leg.quietAt };
    case 'pending':
      return facts.policy.query === 'by-key' ? call(name, 'find_deduct') : { type: 'stuck' };
    case 'in_doubt':
      return doubtToUndo(name, leg, facts);
    case 'applied':
      return call(name, 'give_back');
    case 'undo_pending':
      return facts.policy.query === 'by-key' ? call(name, 'find_give_back') : { type: 'stuck' };
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

/** Query by key, then resend under the same key, then wait until "not found" is proof. */
function doubtToSettle(name: LegName, leg: InDoubtLeg, facts: Facts): Step {
  switch (facts.policy.query) {
    case 'none':
      return mayResend(leg, facts) ? call(name, 'deduct') : { type: 'stuck' };
    case 'by-key':
      if (leg.asked !== 'not_found') return call(name, 'find_deduct');
      if (mayResend(leg, facts)) return call(name, 'deduct');
      return findAgainWhenFinal(call(name, 'find_deduct'), leg, facts);
  }
}

/** Under the goal undo nothing is sent forward again while the remote can simply be asked. */
function doubtToUndo(name: LegName, leg: InDoubtLeg, facts: Facts): Step {
  if (facts.policy.fencesUnknownKeys) return call(name, 'give_back');
  switch (facts.policy.query) {
    case 'none':
      return mayResend(leg, facts) ? call(name, 'deduct') : { type: 'stuck' };
    case 'by-key':
      if (leg.asked !== 'not_found') return call(name, 'find_deduct');
      return findAgainWhenFinal(call(name, 'find_deduct'), leg, facts);
  }
}

function doubtOfGivingBack(name: LegName, leg: UndoInDoubtLeg, facts: Facts): Step {
  switch (facts.policy.query) {
    case 'none':
      return mayResend(leg, facts) ? call(name, 'give_back') : { type: 'stuck' };
    case 'by-key':
      if (leg.asked !== 'not_found') return call(name, 'find_give_back');
      if (mayResend(leg, facts)) return call(name, 'give_back');
      return findAgainWhenFinal(call(name, 'find_give_back'), leg, facts);
  }
}

function findAgainWhenFinal(find: Step, sending: Sending, { policy, now }: Facts): Step {
  const final = finalAt(sending, policy.notFoundFinalAfterMs);
  if (now < final) return { type: 'wait', until: final };
  return provesAbsence(sending, policy, now) ? find : { type: 'stuck' };
}

function mayResend(sending: Sending, { policy, failures, now }: Facts): boolean {
  switch (policy.idempotency) {
    case 'none':
      return false;
    case 'key-replays':
      if (policy.query === 'by-key' && failures > quickFailuresMax) return false;
      return remembersKey(sending, policy, now);
  }
}

/**
 * Whether "not found", asked at `askedAt`, proves that nothing sent had an effect: no request can arrive any more,
 * and the remote would still know the key if one had.
 */
export function provesAbsence(sending: Sending, policy: LegPolicy, askedAt: Date): boolean {
  return askedAt >= finalAt(sending, policy.notFoundFinalAfterMs) && remembersKey(sending, policy, askedAt);
}

/** The share of the remote's retention in which we rely on it: room for clocks and its own clean-up. */
export const retentionShare = 0.8;

/** Without idempotency there is no retention of keys, and look-ups read the remote's books. */
function remembersKey({ firstSentAt }: Sending, policy: LegPolicy, at: Date): boolean {
  switch (policy.idempotency) {
    case 'none':
      return true;
    case 'key-replays':
      return at.getTime() - firstSentAt.getTime() < policy.idempotencyRetentionMs * retentionShare;
  }
}

function call(leg: LegName, action: Action): Step {
  return { type: 'call', call: { leg, action } };
}
