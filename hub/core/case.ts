/**
 * Cases as the core sees them: what keeps a deduction from moving by itself, and what changes about that. The rows
 * that operators read are made from these changes in the transaction that makes them true.
 */
import type { Decimal } from 'decimal.js';
import type { MisconfigurationCode } from '@points-hub/adapters';
import type { LegCaseCause } from './attention.ts';
import type { Answer, Call, Deduction } from './deduction.ts';
import type { LegName } from './leg.ts';

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
