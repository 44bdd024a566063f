import type { Decimal } from 'decimal.js';
import type { RejectionReason } from '@points-hub/adapters';

/** `points` is what the channel takes from the user, `quota` what the portal takes from the channel. */
export type LegName = 'points' | 'quota';

/** Every state of a leg; `docs/state-machine.md` has the picture. */
export const legStates = [
  'idle',
  'sent',
  'pending',
  'in_doubt',
  'held',
  'confirm_sent',
  'confirm_pending',
  'confirm_in_doubt',
  'confirm_refused',
  'applied',
  'refused',
  'void',
  'undo_sent',
  'undo_pending',
  'undo_in_doubt',
  'undone',
  'undo_refused',
] as const;
export type LegState = (typeof legStates)[number];

/** What the latest look-up said about a leg in doubt; without a prefix it was one by key. `look-up.ts` reads it. */
export const askedWords = [
  'not_yet',
  'not_found',
  'no_answer',
  'scan_not_found',
  'scan_no_answer',
  'scan_incomplete',
  'statement_not_found',
  'statement_no_answer',
  'statement_incomplete',
  'statement_open',
] as const;
export type Asked = (typeof askedWords)[number];

/** When requests of the current direction may have been on their way. */
export interface Sending {
  /** The first intent under this key; idempotency keys are remembered by the remote from about here on. */
  readonly firstSentAt: Date;
  /** From here on no request of ours is on its way any more: the last `sendBy` plus its call's deadline. */
  readonly quietAt: Date;
}

/** What a leg had taken, or held, before it was undone or confirmed. */
export interface Taken {
  readonly points: Decimal;
  readonly remoteId: string | undefined;
}

/** Nothing was ever sent, or everything sent is proven to have had no effect. */
export interface IdleLeg {
  readonly state: 'idle';
}
/** The intent is committed; a request may be on its way. `unproven`: an earlier request under this key is, too. */
export interface SentLeg extends Sending {
  readonly state: 'sent';
  readonly unproven: boolean;
}
/** The remote accepted and will finish later. Left by a look-up or a callback. */
export interface PendingLeg extends Sending {
  readonly state: 'pending';
  readonly remoteId: string | undefined;
}
/** It may have happened. Left by proof only. */
export interface InDoubtLeg extends Sending {
  readonly state: 'in_doubt';
  readonly asked: Asked;
}
/** Proven: exactly `points` are held, so that nobody else can spend them. Left by confirming or by releasing. */
export interface HeldLeg extends Taken {
  readonly state: 'held';
}
/** As `sent`, of confirming. */
export interface ConfirmSentLeg extends Sending {
  readonly state: 'confirm_sent';
  readonly taken: Taken;
  readonly unproven: boolean;
}
/** As `pending`, of confirming. */
export interface ConfirmPendingLeg extends Sending {
  readonly state: 'confirm_pending';
  readonly taken: Taken;
}
/** As `in_doubt`, of confirming. */
export interface ConfirmInDoubtLeg extends Sending {
  readonly state: 'confirm_in_doubt';
  readonly taken: Taken;
  readonly asked: Asked;
}
/**
 * The remote refuses to confirm, or confirmed another amount than is held. Left by releasing, where nothing of the order
 * is confirmed; else by an operator only.
 */
export interface ConfirmRefusedLeg {
  readonly state: 'confirm_refused';
  readonly taken: Taken;
  readonly reason: RejectionReason | 'another_amount';
}
/** Proven: exactly `points` were taken. Left by undoing. */
export interface AppliedLeg extends Taken {
  readonly state: 'applied';
}
/** Proven: nothing moved, the remote said no. Final. */
export interface RefusedLeg {
  readonly state: 'refused';
  readonly reason: RejectionReason;
}
/** A tombstone: undone before anything was sent, or proven not applied. Final. */
export interface VoidLeg {
  readonly state: 'void';
}
/**
 * As `sent`, backwards. `taken` is undefined where the forward request was still in doubt and the remote fences
 * unknown keys: giving back then settles the doubt, too.
 */
export interface UndoSentLeg extends Sending {
  readonly state: 'undo_sent';
  readonly taken: Taken | undefined;
  readonly unproven: boolean;
}
export interface UndoPendingLeg extends Sending {
  readonly state: 'undo_pending';
  readonly taken: Taken | undefined;
}
export interface UndoInDoubtLeg extends Sending {
  readonly state: 'undo_in_doubt';
  readonly taken: Taken | undefined;
  readonly asked: Asked;
}
/** Proven given back: `points` were returned (zero where nothing had been taken). Final. */
export interface UndoneLeg {
  readonly state: 'undone';
  readonly points: Decimal;
}
/** The remote refuses to give back. Left by an operator only. */
export interface UndoRefusedLeg {
  readonly state: 'undo_refused';
  readonly taken: Taken | undefined;
  readonly reason: RejectionReason | 'another_amount';
}

export type Leg =
  | IdleLeg
  | SentLeg
  | PendingLeg
  | InDoubtLeg
  | HeldLeg
  | ConfirmSentLeg
  | ConfirmPendingLeg
  | ConfirmInDoubtLeg
  | ConfirmRefusedLeg
  | AppliedLeg
  | RefusedLeg
  | VoidLeg
  | UndoSentLeg
  | UndoPendingLeg
  | UndoInDoubtLeg
  | UndoneLeg
  | UndoRefusedLeg;

/** Nothing of this leg is in effect and nothing can come: the order may end cancelled. */
export function isClear(leg: Leg): boolean {
  switch (leg.state) {
    case 'refused':
    case 'void':
    case 'undone':
      return true;
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'held':
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'applied':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return false;
  }
}

/** The leg after nothing more can be heard of its request: what was `sent` may have happened. */
export function inDoubt(leg: Leg): Leg {
  switch (leg.state) {
    case 'sent':
      return { state: 'in_doubt', firstSentAt: leg.firstSentAt, quietAt: leg.quietAt, asked: 'not_yet' };
    case 'confirm_sent': {
      const { firstSentAt, quietAt, taken } = leg;
      return { state: 'confirm_in_doubt', firstSentAt, quietAt, taken, asked: 'not_yet' };
    }
    case 'undo_sent': {
      const { firstSentAt, quietAt, taken } = leg;
      return { state: 'undo_in_doubt', firstSentAt, quietAt, taken, asked: 'not_yet' };
    }
    case 'idle':
    case 'pending':
    case 'in_doubt':
    case 'held':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'applied':
    case 'refused':
    case 'void':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undone':
    case 'undo_refused':
      return leg;
  }
}

/** The leg under the goal undo: what was never sent, and what took or holds nothing, is void from this moment on. */
export function voidIfNothingTaken(leg: Leg): Leg {
  const tookNothing = (leg.state === 'applied' || leg.state === 'held') && leg.points.isZero();
  return leg.state === 'idle' || tookNothing ? { state: 'void' } : leg;
}

/** From here on a look-up that begins and finds nothing proves that no request of `sending` had an effect. */
export function finalAt({ quietAt }: Sending, notFoundFinalAfterMs: number): Date {
  return new Date(quietAt.getTime() + notFoundFinalAfterMs);
}
