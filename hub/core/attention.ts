/** What keeps a deduction from moving by itself, and within which limits it does. */
import type { MisconfigurationCode } from '@points-hub/adapters';
import type { LegName } from './leg.ts';

/** Why a leg waits for a person. */
export type LegCaseCause =
  /** It may have happened, and nothing that may be called would settle it. */
  | 'doubt'
  /** The remote accepted it and has not finished it in time. */
  | 'pending_too_long'
  /** So many tries in a row met trouble that no more are made. */
  | 'attempts_used_up'
  /** The channel refuses to confirm what it holds, and something else of the order is or may be confirmed. */
  | 'confirm_refused'
  /** The remote refuses to give back. */
  | 'give_back_refused'
  /** Points have to go back, and the remote has no call for that. */
  | 'cannot_give_back'
  /** Another amount was given back than had been taken, or confirmed than was held. */
  | 'another_amount'
  /** An outcome came after its leg was closed, and contradicts it. */
  | 'late_truth'
  /** Its message was delivered up to the broker's limit and never handled. */
  | 'crash_loop'
  /** The remote has been away for so long that people should know of it. Left by itself, too, once the remote is back. */
  | 'remote_away';

/** What keeps a deduction from its own way. One leg moves at a time, so there is one of these at most. */
export type Attention =
  /** Only callbacks, proofs and operators move it. Left by proof, by `retry` and by `resolve`. */
  | { readonly type: 'held'; readonly leg: LegName; readonly cause: LegCaseCause }
  /** An operator granted a fresh budget of attempts. Left by proof, or back to `held` when that is used up, too. */
  | { readonly type: 'retried'; readonly leg: LegName; readonly cause: LegCaseCause }
  /** The remote refuses our set-up: it goes on trying, ever more seldom. Left by any answer that is not about that. */
  | { readonly type: 'misconfigured'; readonly leg: LegName; readonly code: MisconfigurationCode };

/** How long a deduction rests that waits for a person, or for what nobody can be asked for, until the sweeper looks again. */
export const stuckLookMs = 3_600_000;

export interface CaseLimits {
  /** Tries in a row that may meet trouble before no more are made; 1 or more. */
  readonly failuresMax: number;
  /** How long a remote may take to finish what it accepted; Infinity where nobody knows what it promises. */
  readonly pendingMaxMs: number;
}
