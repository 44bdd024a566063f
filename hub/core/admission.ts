/** Whether a call may be made now: what stands between the next step of a deduction and its intent. Pure. */
import { directionOfAction } from './action.ts';
import type { Remote } from './breaker.ts';
import type { Call, Deduction } from './deduction.ts';

export type Admission =
  | { readonly type: 'go' }
  /** The remote is left alone: no call, no message, no attempt; the sweeper wakes it once the remote is back. */
  | { readonly type: 'hold'; readonly until: Date }
  /** A short wait for a turn: it comes back by a message. */
  | { readonly type: 'queue'; readonly until: Date };

/** Whom a call of a deduction goes to. */
export function remoteOf({ channel }: Pick<Deduction, 'channel'>, { leg }: Call): Remote {
  switch (leg) {
    case 'points':
      return `channel:${channel}`;
    case 'quota':
      return 'portal';
  }
}

/**
 * Which remotes must be there for this call. A points leg begins only if the portal is there, too: points that wait
 * for their quota are points that a user misses.
 */
export function remotesNeededBy(deduction: Deduction, call: Call): readonly Remote[] {
  const remote = remoteOf(deduction, call);
  const begins =
    call.leg === 'points' && directionOfAction(call.action) === 'deduct' && deduction.points.state === 'idle';
  return begins ? [remote, 'portal'] : [remote];
}
