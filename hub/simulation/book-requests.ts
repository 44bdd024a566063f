/** What comes to a remote's books and what they say, as data. */
import type { RejectionReason } from '@points-hub/adapters';
import type { LegPolicy } from '../core/deduction.ts';

/** What a remote promises, and how it takes its time. */
export interface Nature {
  readonly name: string;
  readonly policy: LegPolicy;
  /** Until a look-up sees what happened, at most; not above `notFoundFinalAfterMs`. */
  readonly lagMaxMs: number;
  /** How often in a hundred it accepts first and decides later. */
  readonly pendingPercent: number;
  /** How often in a hundred it refuses what it had accepted. */
  readonly lateRefusalPercent: number;
  /** How often in a hundred it refuses at once to take, for a while. */
  readonly refusalPercent: number;
  /** Which requests may take effect when "not found" was already to be final. */
  readonly breaksWord: 'never' | 'always' | 'giving back';
  /** How often in a hundred all of a list or a statement can be read. */
  readonly listsWholePercent: number;
  /** From the end of a window until its statement is closed. */
  readonly statementClosesAfterMs: number;
  /** How long its holds last, from the shortest to the longest. */
  readonly holdMs: readonly [number, number];
}

/** What a request is for. */
export type Deed = 'take' | 'give_back' | 'hold' | 'confirm' | 'release';

/** One request as it arrives. */
export interface BookRequest {
  readonly deed: Deed;
  readonly key: string;
  /** The key of what is given back, confirmed or released; undefined for taking and holding. */
  readonly originalKey: string | undefined;
  /** Whose deduction it is: channel and order. */
  readonly account: string;
  /** Whose points, or which channel's quota. */
  readonly holder: string;
  readonly cents: number;
  /** It comes so late that it could not come any more by the remote's word. */
  readonly isLate?: boolean;
}

/** How a request fares besides what the books would do. */
export type Twist = 'none' | 'refused' | 'less' | 'more' | 'nothing';

export type BookAnswer =
  | { readonly type: 'done'; readonly cents: number; readonly replayed: boolean; readonly remoteId: string }
  | { readonly type: 'rejected'; readonly reason: RejectionReason }
  | { readonly type: 'pending'; readonly remoteId: string }
  | { readonly type: 'key_reused' };

/** An effect, as the audit is told of it. `moved` is signed: above zero was taken, or held. */
export interface Movement extends Omit<BookRequest, 'deed'> {
  readonly moved: number;
  readonly deed: Deed | 'expire' | 'by_hand';
}

/** What was accepted, and later what became of it. */
export interface Told extends BookRequest {
  readonly remoteId: string;
  readonly answer: Exclude<BookAnswer, { type: 'key_reused' }>;
}
