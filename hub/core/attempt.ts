import type { Call, Deduction, Policies } from './deduction.ts';
import type { Attempt } from './input.ts';
import type { Leg, Taken } from './leg.ts';
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
  const isReturn = call.action === 'give_back' || call.action === 'find_give_back';
  return {
    deductionId: before.id,
    token: intended.attempts,
    call,
    key: operationKey(before.keyBase, call.leg, isReturn ? 'give_back' : 'deduct'),
    originalKey: isReturn ? operationKey(originalKeyBase, call.leg, 'deduct') : undefined,
    originalRemoteId: isReturn ? taken?.remoteId : undefined,
    channel: before.channel,
    memberRef: before.memberRef,
    points: (isReturn ? taken?.points : undefined) ?? before.asked,
    intendedAt: now,
    sendBy: new Date(now.getTime() + policies.sendWindowMs),
  };
}

/** What is known to have been taken by a leg that is to be given back. */
function takenBy(leg: Leg): Taken | undefined {
  switch (leg.state) {
    case 'applied':
      return leg;
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
