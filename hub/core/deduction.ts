/**
 * One deduction: two legs driven to a goal. Pure: the time, the policies and the dice come in as arguments.
 *
 * A deduction never remembers what to do next; `nextStep` reads it off the legs and the goal. That is why any
 * message may be lost, doubled, late or replayed: it only says "look at this deduction".
 */
import type { Decimal } from 'decimal.js';
import type { LookUpOutcome, Outcome } from '@points-hub/adapters';
import type { Action } from './action.ts';
import type { Attention, CaseLimits } from './attention.ts';
import { voidIfNothingTaken, type Leg, type LegName } from './leg.ts';
import type { Backoff } from './retry-policy.ts';

export type Goal = 'settle' | 'undo';

/** The right to call on behalf of a deduction. `token` is the number of the attempt that holds it. */
export interface Lease {
  readonly token: number;
  readonly until: Date;
}

/** Which refund a line belongs to, and what it gives back a part of. */
export interface RefundOf {
  /** The mall's own id of the refund, unique per order for ever. */
  readonly refundId: string;
  /** The key base of the settled deduction. */
  readonly originalKeyBase: string;
}

/** A late look at the points leg, which was held to be without effect because nothing was found. */
export interface LateCheck {
  readonly at: Date;
  /** When the first request was sent that may still show an effect. */
  readonly from: Date;
  /** Up to when an effect is looked for; a statement that is not closed up to there is looked into again. */
  readonly until: Date;
}

export interface Deduction {
  readonly id: string;
  readonly channel: string;
  readonly memberRef: string;
  /** Points asked for, of the user and of the quota alike. */
  readonly asked: Decimal;
  /** The stored part of every operation key of this deduction. */
  readonly keyBase: string;
  /** Set on a line of a refund after settlement; such a line is always to be undone. */
  readonly refund: RefundOf | undefined;
  /**
   * Its points are held first and confirmed once every deduction of its order is ready; undoing it releases them. Chosen
   * when the order is placed; false from the moment on at which points that were confirmed are to be given back.
   */
  readonly holds: boolean;
  readonly goal: Goal;
  readonly points: Leg;
  readonly quota: Leg;
  /** Tries in a row that met trouble; grows the backoff, back to zero with every proof. */
  readonly failures: number;
  /** No call before this time. */
  readonly notBefore: Date | undefined;
  readonly lease: Lease | undefined;
  /** Number of the latest attempt; attempts are numbered from 1 and each number is a fencing token. */
  readonly attempts: number;
  /** The sweeper looks at this deduction when the time is past; undefined when nothing is left to do. */
  readonly wakeBy: Date | undefined;
  /** What keeps it from moving by itself. */
  readonly attention: Attention | undefined;
  /** When an operator last granted a fresh budget of attempts. */
  readonly retriedAt: Date | undefined;
  /** Due once everything else is done. Quota needs none: the portal bars late requests. */
  readonly lateCheck: LateCheck | undefined;
}

/** What the remote of one leg promises, and how long calls to it may take. */
export interface LegPolicy extends CaseLimits {
  readonly idempotency: 'key-replays' | 'none';
  /** Refusals are remembered by key too, so the refusal of a resend speaks for every request under it. */
  readonly remembersRejections: boolean;
  /** How long the remote remembers a key; Infinity for ever. */
  readonly idempotencyRetentionMs: number;
  /** Whether a success names the points that moved; without them only a look-up proves the amount. */
  readonly echo: 'points' | 'none';
  readonly query: 'by-key' | 'none';
  /** Whether one can look for our marker among the member's recent transactions, and how far back these go. */
  readonly scan: { readonly reachMs: number } | undefined;
  /** Whether one can look into the remote's statement, and for how long it is kept. */
  readonly statement: { readonly retentionMs: number } | undefined;
  /** Whether what was taken can be given back by a call. */
  readonly reversal: 'by-original' | 'none';
  /** Giving back under an unknown original key is a recorded no-op that bars a late forward request. */
  readonly fencesUnknownKeys: boolean;
  /** The same of releasing: it bars a late hold. */
  readonly releaseBarsHold: boolean;
  /** After all requests are over, how long until "not found" is proof. */
  readonly notFoundFinalAfterMs: number;
  /** How long after "not found" was final it is looked up once more; 0: never. */
  readonly lateEffectCheckMs: number;
  /** From a call's start to its answer's last byte. */
  readonly callDeadlineMs: number;
}

export interface Policies {
  readonly points: LegPolicy;
  readonly quota: LegPolicy;
  readonly backoff: Backoff;
  /** From intent to the last moment at which the first byte may leave. */
  readonly sendWindowMs: number;
}

export type { Action } from './action.ts';

export interface Call {
  readonly leg: LegName;
  readonly action: Action;
}

/** One answer to one call. Look-ups answer with a `LookUpOutcome`, everything else with an `Outcome`. */
export type Answer =
  | { readonly type: 'acted'; readonly outcome: Outcome }
  | { readonly type: 'found_out'; readonly outcome: LookUpOutcome };

/** Whether what this leg takes is held at first. */
export function isHeldFirst({ holds }: Pick<Deduction, 'holds'>, leg: LegName): boolean {
  return leg === 'points' && holds;
}

/** Whether undoing this leg while it is in doubt ends the doubt, too, whatever had become of it. */
export function isFenced(deduction: Deduction, leg: LegName, policies: Policies): boolean {
  const { fencesUnknownKeys, releaseBarsHold } = policies[leg];
  return isHeldFirst(deduction, leg) ? releaseBarsHold : fencesUnknownKeys;
}

/** The call that undoes this leg. What is confirmed is given back, whatever it was before. */
export function undoing(deduction: Deduction, leg: LegName): 'release' | 'give_back' {
  return isHeldFirst(deduction, leg) && deduction[leg].state !== 'applied' ? 'release' : 'give_back';
}

/** The deduction with the goal undo: what was never sent, and what took nothing, is void from this moment on. */
export function toUndo(deduction: Deduction): Deduction {
  return {
    ...deduction,
    goal: 'undo',
    points: voidIfNothingTaken(deduction.points),
    quota: voidIfNothingTaken(deduction.quota),
    // A person or a rule wants it undone now; the backoff belonged to going forward.
    failures: 0,
    notBefore: undefined,
  };
}
