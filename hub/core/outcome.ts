/** What one answer to one call makes of a deduction. */
import type { Pending } from '@points-hub/adapters';
import { lookUpOfAction, type LookUp } from './action.ts';
import { isHeldFirst, type Answer, type Call, type Deduction, type Policies } from './deduction.ts';
import { legAfterAct } from './leg-after-act.ts';
import { legAfterFind } from './leg-after-find.ts';
import { voidIfNothingTaken, type Leg } from './leg.ts';
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
  const isHold = isHeldFirst(deduction, name);
  const after =
    answer.type === 'acted'
      ? legAfterAct(before, action, answer.outcome, policy, isHold)
      : legAfterFind(before, action, answer.outcome, { policy, isHold, intendedAt: facts.intendedAt });
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
  const hasEffect = after.state === 'applied' || after.state === 'held';
  const hasOneEffect = name === 'points' && hasEffect && idempotency === 'key-replays';
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
  return /(^|_)in_doubt$/.test(leg.state) || isPending(leg);
}

function isPending({ state }: Leg): boolean {
  return state === 'pending' || state === 'confirm_pending' || state === 'undo_pending';
}
