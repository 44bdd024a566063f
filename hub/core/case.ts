/**
 * Cases as the core sees them: what keeps a deduction from moving by itself, and what changes about that. The rows
 * that operators read are made from these changes in the transaction that makes them true.
 */
import type { Decimal } from 'decimal.js';
import type { MisconfigurationCode } from '@points-hub/adapters';
import type { Answer, Call, Deduction } from './deduction.ts';
import type { LegName } from './leg.ts';

/** Why a leg waits for a person. */
export const legCaseCauses = [
  /** It may have happened, and nothing that may be called would settle it. */
  'doubt',
  /** The remote accepted it and has not finished it in time. */
  'pending_too_long',
  /** So many tries in a row met trouble that no more are made. */
  'attempts_used_up',
  /** The remote refuses to give back. */
  'give_back_refused',
  /** Another amount was given back than had been taken. */
  'another_amount',
  /** An outcome came after its leg was closed, and contradicts it. */
  'late_truth',
  /** Its message was delivered up to the broker's limit and never handled. */
  'crash_loop',
] as const;
export type LegCaseCause = (typeof legCaseCauses)[number];

/** What keeps a deduction from its own way. One leg moves at a time, so there is one of these at most. */
export type Attention =
  /** Only callbacks, proofs and operators move it. Left by proof, by `retry` and by `resolve`. */
  | { readonly type: 'held'; readonly leg: LegName; readonly cause: LegCaseCause }
  /** An operator granted a fresh budget of attempts. Left by proof, or back to `held` when that is used up, too. */
  | { readonly type: 'retried'; readonly leg: LegName; readonly cause: LegCaseCause }
  /** The remote refuses our set-up: it goes on trying, ever more seldom. Left by any answer that is not about that. */
  | { readonly type: 'misconfigured'; readonly leg: LegName; readonly code: MisconfigurationCode };

/** One call and what was answered, where a change comes from one. */
export interface Told {
  readonly call: Call;
  readonly answer: Answer;
}

export type CaseChange =
  /** A leg waits for a person; `isAgain` after a retry that did not help. */
  | {
      readonly type: 'held';
      readonly deduction: Deduction;
      readonly leg: LegName;
      readonly cause: LegCaseCause;
      readonly isAgain: boolean;
      readonly told: Told | undefined;
    }
  /** The subject of a leg's case moved on. */
  | { readonly type: 'recovered'; readonly deductionId: string; readonly leg: LegName }
  /** A proof of effect contradicts what is known of the leg, which stays as it is. */
  | {
      readonly type: 'late_truth';
      readonly deduction: Deduction;
      readonly leg: LegName;
      readonly points: Decimal;
      readonly told: Told;
    }
  /** A remote refuses our set-up; `leg` tells the channel (points) from the portal (quota). */
  | {
      readonly type: 'misconfigured';
      readonly deduction: Deduction;
      readonly leg: LegName;
      readonly code: MisconfigurationCode;
      readonly told: Told;
    }
  /** One deduction no longer waits for the set-up of a remote. */
  | {
      readonly type: 'configured';
      readonly deductionId: string;
      readonly channel: string;
      readonly leg: LegName;
      readonly code: MisconfigurationCode;
    };

/** What an operator states to be the truth of the leg that a case is about. */
export type Truth =
  | { readonly tookEffect: true; readonly points: Decimal; readonly remoteId: string | undefined }
  | { readonly tookEffect: false };
