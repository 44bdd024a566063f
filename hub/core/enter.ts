/** Who may touch a deduction: the holder of its lease with an outcome, and anybody else while nobody is calling. */
import type { RejectionReason } from '@points-hub/adapters';
import { lookUpOfAction } from './action.ts';
import { held, withLateTruth, withSetUp } from './attend.ts';
import { stuckLookMs } from './attention.ts';
import { isHeldFirst, type Deduction, type Policies } from './deduction.ts';
import type { Collected, DeductionInput, Verdict } from './input.ts';
import { withoutLease } from './intent.ts';
import { afterLateCheck } from './late-check.ts';
import { isClear, type LegName } from './leg.ts';
import { actingLeg } from './next-step.ts';
import { directionOf, isOpenTo, legToRetry, resolveLeg, type Correction } from './operator.ts';
import type { Order } from './order.ts';
import { applyOutcome } from './outcome.ts';

interface EnterFacts {
  readonly now: Date;
  readonly policiesOf: (channel: string) => Policies;
  readonly random: () => number;
}

export type Entered =
  | {
      readonly type: 'entered';
      readonly deduction: Deduction;
      /** What an operator stated to be in effect beside a closed leg. */
      readonly correction?: Correction;
      /** Why its order cannot settle any more, as an operator states. */
      readonly abandoned?: RejectionReason;
    }
  | { readonly type: 'turned_away'; readonly deduction: Deduction; readonly verdict: Verdict };

/** Lets an input in: an outcome if its token holds the lease, anything else if nobody is calling for this deduction. */
export function enter(
  order: Order,
  deduction: Deduction,
  input: DeductionInput,
  { messages, cases }: Collected,
  facts: EnterFacts,
): Entered {
  const { now, random, policiesOf } = facts;
  const turnAway = (verdict: Verdict, as = deduction): Entered => ({
    type: 'turned_away',
    deduction: as,
    verdict,
  });
  if (input.type === 'outcome' || input.type === 'looked_up') {
    const policies = policiesOf(deduction.channel);
    if (deduction.lease?.token !== input.token) {
      return turnAway({ type: 'stale' }, withLateTruth(deduction, input, input.intendedAt, policies, cases));
    }
    if (lookUpOfAction(input.call.action) !== undefined && !isOpenTo(input.call, deduction)) {
      const released = { ...deduction, lease: undefined };
      const checkFacts = { policies, now, intendedAt: input.intendedAt };
      return {
        type: 'entered',
        deduction:
          input.type === 'looked_up' ? released : afterLateCheck(deduction, input, checkFacts, cases),
      };
    }
    const isProbe = input.type === 'outcome' && input.isProbe === true;
    const outcomeFacts = { policies, now, intendedAt: input.intendedAt, random: random(), isProbe };
    const told = applyOutcome(deduction, input.call, input.answer, outcomeFacts);
    const after = input.type === 'looked_up' ? withoutHearsay(deduction, told, input.call.leg) : told;
    return { type: 'entered', deduction: withSetUp(after, input, cases) };
  }
  if (deduction.lease !== undefined && now < deduction.lease.until) return turnAway({ type: 'release' });
  const free = deduction.lease === undefined ? deduction : withoutLease(deduction);
  switch (input.type) {
    case 'delivery':
    case 'look_up':
      return { type: 'entered', deduction: free };
    case 'gave_up': {
      if (free.attention?.type === 'held' || isFinished(free)) {
        return turnAway({ type: free.attention?.type === 'held' ? 'stuck' : 'release' });
      }
      const { cause } = input;
      const leg = actingLeg(free);
      messages.push({ type: 'needs_attention', order, deduction: free, leg, cause });
      const waiting = held(free, leg, cause, undefined, cases);
      // The sweeper wakes nobody whose remote is away, so this one is woken as soon as it is back.
      const wakeBy = cause === 'remote_away' ? now : new Date(now.getTime() + stuckLookMs);
      return turnAway({ type: 'stuck' }, { ...waiting, wakeBy });
    }
    case 'retry':
      return retry(free, now, turnAway);
    case 'resolve': {
      const { leg: name, truth, late } = input;
      const leg = free[name];
      const direction = late ?? directionOf(leg, free.goal);
      const { goal } = free;
      const isHold = isHeldFirst(free, name);
      const resolution = resolveLeg(leg, { goal, isHold, direction, truth, isLate: late !== undefined, now });
      if (resolution.type === 'refused') return turnAway(resolution);
      // A new token: whatever is still under way can no longer change this leg.
      const resolved = {
        ...free,
        ...(resolution.type === 'correction' ? {} : { [name]: resolution.leg }),
        attempts: free.attempts + 1,
        failures: 0,
        notBefore: undefined,
        attention: free.attention?.leg === name ? undefined : free.attention,
      };
      const entered = { type: 'entered', deduction: resolved } as const;
      switch (resolution.type) {
        case 'leg':
          return entered;
        case 'correction':
          return { ...entered, correction: resolution.taken };
        case 'abandoned':
          return { ...entered, abandoned: resolution.reason };
      }
    }
  }
}

function retry(deduction: Deduction, now: Date, refuse: (verdict: Verdict) => Entered): Entered {
  const { attention } = deduction;
  const fresh = { ...deduction, failures: 0, notBefore: undefined };
  switch (attention?.type) {
    case 'misconfigured':
      return { type: 'entered', deduction: fresh };
    case 'held': {
      const { leg: name, cause } = attention;
      if (cause === 'late_truth') {
        return refuse({
          type: 'refused',
          reason: 'another try could move the points twice: state the truth',
        });
      }
      const from = legToRetry(deduction[name], isHeldFirst(deduction, name), now);
      if (from.type === 'refused') return refuse(from);
      const leg = from.type === 'leg' ? { [name]: from.leg } : {};
      const retried = {
        ...fresh,
        ...leg,
        retriedAt: now,
        attention: { ...attention, type: 'retried' },
      } as const;
      return { type: 'entered', deduction: retried };
    }
    case 'retried':
    case undefined:
      return refuse({ type: 'refused', reason: 'it is not waiting for anybody' });
  }
}

/** An operator's look-up that proves nothing must not set a deduction going: what its leg was asked stays as it was. */
function withoutHearsay(before: Deduction, after: Deduction, leg: LegName): Deduction {
  return before[leg].state === after[leg].state ? { ...after, [leg]: before[leg] } : after;
}

function isFinished({ goal, points, quota }: Deduction): boolean {
  return goal === 'settle'
    ? points.state === 'applied' && quota.state === 'applied'
    : isClear(points) && isClear(quota);
}
