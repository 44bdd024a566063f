import { directionOfAction, lookUpOfAction } from './action.ts';
import { isHeldFirst, type Call, type Deduction, type LegPolicy, type Policies } from './deduction.ts';
import type { Attempt, Search } from './input.ts';
import { finalAt, type Leg, type Taken } from './leg.ts';
import { absenceFinalAfterMs } from './look-up.ts';
import { operationKey } from './operation-key.ts';

/** The one call that follows from `intended`, the deduction with the intent of `call` written down. */
export function attemptOf(
  before: Deduction,
  intended: Deduction,
  call: Call,
  policies: Policies,
  now: Date,
): Attempt {
  const taken = takenBy(before[call.leg]);
  const originalKeyBase = before.refund?.originalKeyBase ?? before.keyBase;
  const direction = directionOfAction(call.action);
  const followsUp = direction !== 'deduct';
  return {
    deductionId: before.id,
    token: intended.attempts,
    call,
    key: operationKey(before.keyBase, call.leg, direction),
    originalKey: followsUp ? operationKey(originalKeyBase, call.leg, 'deduct') : undefined,
    originalRemoteId: followsUp ? taken?.remoteId : undefined,
    channel: before.channel,
    memberRef: before.memberRef,
    isHold: isHeldFirst(intended, call.leg),
    points: (followsUp ? taken?.points : undefined) ?? before.asked,
    intendedAt: now,
    sendBy: new Date(now.getTime() + policies.sendWindowMs),
    search: searchFor(before, call, policies[call.leg], now),
  };
}

/** What a look-up has to cover; undefined for a call that moves something. */
function searchFor(
  { lateCheck, ...deduction }: Deduction,
  { leg: name, action }: Call,
  policy: LegPolicy,
  now: Date,
): Search | undefined {
  if (lookUpOfAction(action) === undefined) return undefined;
  const leg = deduction[name];
  if ('firstSentAt' in leg) {
    const remoteId = leg.state === 'pending' ? leg.remoteId : undefined;
    const until = finalAt(leg, absenceFinalAfterMs(directionOfAction(action), policy));
    return { from: leg.firstSentAt, until, remoteId, besides: undefined };
  }
  // Beside what is known: an operator's look, or the late one.
  const besides =
    leg.state === 'applied' && directionOfAction(action) === 'deduct' ? leg.remoteId : undefined;
  const { from, until } = lateCheck ?? { from: new Date(0), until: now };
  return { from, until, remoteId: undefined, besides };
}

/** What is known to have been taken, or to be held, by a leg that is to be confirmed or given back. */
function takenBy(leg: Leg): Taken | undefined {
  switch (leg.state) {
    case 'held':
    case 'applied':
      return leg;
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return leg.taken;
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'refused':
    case 'void':
    case 'undone':
      return undefined;
  }
}
