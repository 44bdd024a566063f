/** What one answer to one call makes of a deduction. */
import type { Done, LookUpOutcome, Misconfigured, Outcome, Pending } from '@points-hub/adapters';
import { directionOfAction, lookUpOfAction, type LookUp } from './action.ts';
import type { Action, Answer, Call, Deduction, LegPolicy, Policies } from './deduction.ts';
import {
  finalAt,
  inDoubt,
  voidIfNothingTaken,
  type InDoubtLeg,
  type Leg,
  type PendingLeg,
  type Sending,
  type SentLeg,
  type Taken,
  type UndoInDoubtLeg,
  type UndoPendingLeg,
  type UndoSentLeg,
} from './leg.ts';
import { askedAfter, provesAbsence } from './look-up.ts';
import { retryDelayMs } from './retry-policy.ts';
import { signOf } from './sign.ts';

/** What the shell knows when it reports an outcome. */
export interface OutcomeFacts {
  readonly policies: Policies;
  readonly now: Date;
  /** When the call's intent was committed. A look-up proves nothing about times after it. */
  readonly intendedAt: Date;
  /** Uniform in [0, 1), for jitter. */
  readonly random: number;
  /** The call was made to see whether its remote is back. */
  readonly isProbe?: boolean;
}

/**
 * The deduction after `answer` to `call`, whose lease the caller has checked. The lease is given up; proof clears
 * the backoff, trouble grows it.
 */
export function applyOutcome(
  deduction: Deduction,
  { leg: name, action }: Call,
  answer: Answer,
  facts: OutcomeFacts,
): Deduction {
  const policy = facts.policies[name];
  const before = deduction[name];
  const after =
    answer.type === 'acted'
      ? legAfterAct(before, action, answer.outcome, policy)
      : legAfterFind(before, action, answer.outcome, policy, facts.intendedAt);
  const leg = deduction.goal === 'undo' ? voidIfNothingTaken(after) : after;
  const released = { ...deduction, [name]: leg, lease: undefined };
  const { failures, pauseMs } = paceAfter(answer, leg, facts, deduction.failures, lookUpOfAction(action));
  return {
    ...withLateCheck(released, before, after, { leg: name, action }, facts),
    // An outage of its remote is not the deduction's own trouble, however often it is the one to try.
    failures: facts.isProbe === true && signOf(answer).type === 'away' ? deduction.failures : failures,
    notBefore: pauseMs === 0 ? undefined : new Date(facts.now.getTime() + pauseMs),
  };
}

/** What was held to be without effect because nothing was found is to be looked at once more. */
function withLateCheck(
  deduction: Deduction,
  before: Leg,
  after: Leg,
  { leg: name, action }: Call,
  { policies, now }: OutcomeFacts,
): Deduction {
  const { lateEffectCheckMs, idempotency } = policies[name];
  const isDisproven =
    before.state === 'in_doubt' && after.state === 'idle' && lookUpOfAction(action) !== undefined;
  if (name === 'points' && isDisproven && lateEffectCheckMs > 0) {
    const from = deduction.lateCheck?.from ?? before.firstSentAt;
    const at = new Date(now.getTime() + lateEffectCheckMs);
    return { ...deduction, lateCheck: { at, from, until: at } };
  }
  // Whatever comes late under its key now is the effect that is known.
  const hasOneEffect = name === 'points' && after.state === 'applied' && idempotency === 'key-replays';
  return hasOneEffect && deduction.lateCheck !== undefined
    ? { ...deduction, lateCheck: undefined }
    : deduction;
}

interface Pace {
  readonly failures: number;
  readonly pauseMs: number;
}

/** No remote is obeyed beyond this: somebody looks at every unfinished deduction again within the hour. */
const pauseMaxMs = 3_600_000;

/** How this answer changes the count of failures in a row, and how long to leave the remote alone. */
function paceAfter(
  { type, outcome }: Answer,
  leg: Leg,
  { policies: { backoff }, random, now }: OutcomeFacts,
  failures: number,
  lookUp: LookUp | undefined,
): Pace {
  const proof: Pace = { failures: 0, pauseMs: 0 };
  const trouble = (askedMs = 0): Pace => {
    const pauseMs = Math.max(retryDelayMs(failures + 1, backoff, random), Math.min(askedMs, pauseMaxMs));
    return { failures: failures + 1, pauseMs };
  };
  // Not below the first backoff: a remote that asks to be polled at once must not be called without a pause.
  const poll = ({ pollAfterMs }: Pending): Pace => ({
    failures: 0,
    pauseMs: Math.max(backoff.firstMs, Math.min(pollAfterMs, pauseMaxMs)),
  });
  switch (outcome.type) {
    case 'done':
      return proof;
    case 'rejected':
      // A refusal that does not speak for every request sent leaves the leg in doubt: no proof, so no haste.
      return isOpen(leg) ? trouble() : proof;
    case 'pending':
      return poll(outcome);
    case 'found':
      if (outcome.outcome.type === 'pending') return poll(outcome.outcome);
      return isOpen(leg) ? trouble() : proof;
    case 'not_found':
      // The remote denies what it had accepted; a list of what is completed does not. Else it is neither trouble nor
      // proof: a remote that times out and then says "not found" is still failing.
      if (!isPending(leg)) return { failures, pauseMs: 0 };
      return lookUp === 'query' ? trouble() : { failures, pauseMs: backoff.maxMs };
    case 'incomplete':
      return { failures, pauseMs: isPending(leg) ? backoff.maxMs : 0 };
    case 'open': {
      const untilMs = outcome.readyAt.getTime() - now.getTime();
      // A statement that is later than promised is trouble.
      if (untilMs <= 0) return isPending(leg) ? { failures, pauseMs: backoff.maxMs } : trouble();
      return { failures, pauseMs: Math.max(backoff.firstMs, Math.min(untilMs, pauseMaxMs)) };
    }
    case 'not_sent':
      return trouble(outcome.retryAfterMs);
    case 'unknown':
      // The first doubt is looked into at once; the answer is often there already.
      return type === 'acted' && failures === 0 ? { failures: 1, pauseMs: 0 } : trouble();
    case 'misconfigured':
      return trouble();
  }
}

/** No answer has closed this leg yet, though one was given. */
function isOpen(leg: Leg): boolean {
  return isPending(leg) || leg.state === 'in_doubt' || leg.state === 'undo_in_doubt';
}

function isPending({ state }: Leg): boolean {
  return state === 'pending' || state === 'undo_pending';
}

function legAfterAct(leg: Leg, action: Action, outcome: Outcome, policy: LegPolicy): Leg {
  if (action === 'deduct' && leg.state === 'sent') return legAfterDeduct(leg, outcome, policy);
  if (action === 'give_back' && leg.state === 'undo_sent') return legAfterGiveBack(leg, outcome, policy);
  throw new Error(`an outcome of ${action} cannot belong to a leg that is ${leg.state}`);
}

function legAfterDeduct(leg: SentLeg, outcome: Outcome, policy: LegPolicy): Leg {
  const { firstSentAt, quietAt, unproven } = leg;
  switch (outcome.type) {
    case 'done':
      return applied(outcome);
    case 'rejected':
      // An answer closes a leg only if it speaks for every request sent.
      if (unproven && !policy.remembersRejections) return inDoubt(leg);
      return { state: 'refused', reason: outcome.reason };
    case 'pending':
      return { state: 'pending', firstSentAt, quietAt, remoteId: outcome.remoteId };
    case 'unknown':
      return inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : { state: 'idle' };
    case 'misconfigured':
      return unproven || meetsItsKey(outcome) ? inDoubt(leg) : { state: 'idle' };
  }
}

function legAfterGiveBack(leg: UndoSentLeg, outcome: Outcome, policy: LegPolicy): Leg {
  const { firstSentAt, quietAt, taken, unproven } = leg;
  switch (outcome.type) {
    case 'done':
      return undone(outcome, taken);
    case 'rejected':
      if (unproven && !policy.remembersRejections) return inDoubt(leg);
      return { state: 'undo_refused', taken, reason: outcome.reason };
    case 'pending':
      return { state: 'undo_pending', firstSentAt, quietAt, taken };
    case 'unknown':
      return inDoubt(leg);
    case 'not_sent':
      return unproven ? inDoubt(leg) : notGivenBack(leg);
    case 'misconfigured':
      return unproven || meetsItsKey(outcome) ? inDoubt(leg) : notGivenBack(leg);
  }
}

/** The key was met before, with other content: this request moved nothing, but something under its key may have. */
function meetsItsKey({ code }: Misconfigured): boolean {
  return code === 'key_reused';
}

/** The leg after a look-up, or after what the remote told by itself, which is worth the same. */
export function legAfterFind(
  leg: Leg,
  action: Action,
  outcome: LookUpOutcome,
  policy: LegPolicy,
  intendedAt: Date,
): Leg {
  const lookUp = lookUpOfAction(action);
  if (lookUp !== undefined) {
    const facts = { lookUp, policy, intendedAt };
    switch (directionOfAction(action)) {
      case 'deduct':
        if (leg.state === 'in_doubt' || leg.state === 'pending')
          return legAfterFindDeduct(leg, outcome, facts);
        break;
      case 'give_back':
        if (leg.state === 'undo_in_doubt' || leg.state === 'undo_pending') {
          return legAfterFindGiveBack(leg, outcome, facts);
        }
        break;
    }
  }
  throw new Error(`an outcome of ${action} cannot belong to a leg that is ${leg.state}`);
}

interface FindFacts {
  readonly lookUp: LookUp;
  readonly policy: LegPolicy;
  readonly intendedAt: Date;
}

function legAfterFindDeduct(
  leg: InDoubtLeg | PendingLeg,
  outcome: LookUpOutcome,
  { lookUp, policy, intendedAt }: FindFacts,
): Leg {
  const { firstSentAt, quietAt } = leg;
  switch (outcome.type) {
    case 'found': {
      const found = outcome.outcome;
      switch (found.type) {
        case 'done':
          return applied(found);
        case 'rejected':
          if (refusalIsFinal(leg, policy, intendedAt)) return { state: 'refused', reason: found.reason };
          return leg.state === 'pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'not_found') };
        case 'pending':
          return { state: 'pending', firstSentAt, quietAt, remoteId: found.remoteId };
      }
    }
    case 'not_found':
      // What the remote has accepted is not undone by its not finding it.
      if (leg.state === 'pending') return leg;
      return provesAbsence(leg, policy, [lookUp, 'deduct'], intendedAt)
        ? { state: 'idle' }
        : { ...leg, asked: askedAfter(lookUp, 'not_found') };
    case 'incomplete':
    case 'open':
      return leg.state === 'pending' ? leg : { ...leg, asked: askedAfter(lookUp, outcome.type) };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return leg.state === 'pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'no_answer') };
  }
}

function legAfterFindGiveBack(
  leg: UndoInDoubtLeg | UndoPendingLeg,
  outcome: LookUpOutcome,
  { lookUp, policy, intendedAt }: FindFacts,
): Leg {
  const { firstSentAt, quietAt, taken } = leg;
  switch (outcome.type) {
    case 'found': {
      const found = outcome.outcome;
      switch (found.type) {
        case 'done':
          return undone(found, taken);
        case 'rejected':
          if (refusalIsFinal(leg, policy, intendedAt)) {
            return { state: 'undo_refused', taken, reason: found.reason };
          }
          return leg.state === 'undo_pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'not_found') };
        case 'pending':
          return { state: 'undo_pending', firstSentAt, quietAt, taken };
      }
    }
    case 'not_found':
      if (leg.state === 'undo_pending') return leg;
      return provesAbsence(leg, policy, [lookUp, 'give_back'], intendedAt)
        ? notGivenBack(leg)
        : { ...leg, asked: askedAfter(lookUp, 'not_found') };
    case 'incomplete':
    case 'open':
      return leg.state === 'undo_pending' ? leg : { ...leg, asked: askedAfter(lookUp, outcome.type) };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return leg.state === 'undo_pending' ? leg : { ...leg, asked: askedAfter(lookUp, 'no_answer') };
  }
}

/**
 * Whether a recorded refusal speaks for every request sent: the remote sticks to it, or no request can arrive any
 * more. A remote that would decide anew may still grant a request that is on its way.
 */
function refusalIsFinal(sending: Sending, policy: LegPolicy, askedAt: Date): boolean {
  return policy.remembersRejections || askedAt >= finalAt(sending, policy.notFoundFinalAfterMs);
}

function applied({ points, remoteId }: Done): Leg {
  return { state: 'applied', points, remoteId };
}

/** Giving back another amount than was taken settles nothing; where the taking was in doubt, any amount is its truth. */
function undone({ points }: Done, taken: Taken | undefined): Leg {
  if (taken !== undefined && !points.equals(taken.points)) {
    return { state: 'undo_refused', taken, reason: 'another_amount' };
  }
  return { state: 'undone', points };
}

/** The leg before it was given back. */
function notGivenBack({ firstSentAt, quietAt, taken }: UndoSentLeg | UndoInDoubtLeg): Leg {
  return taken === undefined
    ? { state: 'in_doubt', firstSentAt, quietAt, asked: 'not_yet' }
    : { state: 'applied', ...taken };
}
