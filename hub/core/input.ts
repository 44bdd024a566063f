/** What comes into one settlement transaction and what goes out of it, as data. */
import type { Decimal } from 'decimal.js';
import type { Direction } from './action.ts';
import type { LegCaseCause } from './attention.ts';
import type { CallbackEffect } from './callback.ts';
import type { CaseChange, Truth } from './case.ts';
import type { Answer, Call, Deduction } from './deduction.ts';
import type { LegName } from './leg.ts';
import type { Correction } from './operator.ts';
import type { Order } from './order.ts';
import type { EndedRefund } from './refund.ts';

export type Input =
  /** A message said: look at this deduction. */
  | { readonly type: 'delivery'; readonly deductionId: string }
  /**
   * A call under attempt `token` ended. `intendedAt` is when its intent was committed. `isProbe`: it was made to see
   * whether a remote that is left alone is back; by default it was not.
   */
  | {
      readonly type: 'outcome';
      readonly isProbe?: boolean;
      readonly deductionId: string;
      readonly token: number;
      readonly call: Call;
      readonly answer: Answer;
      readonly intendedAt: Date;
    }
  /** An operator's look-up ended; as an outcome, but the way on is left to a worker. */
  | {
      readonly type: 'looked_up';
      readonly deductionId: string;
      readonly token: number;
      readonly call: Call;
      readonly answer: Answer;
      readonly intendedAt: Date;
    }
  /** An operator wants to know what became of a leg; `late` as below. */
  | {
      readonly type: 'look_up';
      readonly deductionId: string;
      readonly leg: LegName;
      readonly late: Direction | undefined;
    }
  /** An operator grants a fresh budget of attempts, or lets those try at once who wait for a remote's set-up. */
  | { readonly type: 'retry'; readonly deductionId: string }
  /** An operator states the truth of a leg; `late`: about an effect that contradicts it, in this direction. */
  | {
      readonly type: 'resolve';
      readonly deductionId: string;
      readonly leg: LegName;
      readonly truth: Truth;
      readonly late: Direction | undefined;
    }
  /** Nobody goes on by himself: whoever handled the deduction's message crashed each time, or its remote is away for too long. */
  | { readonly type: 'gave_up'; readonly deductionId: string; readonly cause: 'crash_loop' | 'remote_away' }
  /** The mall wants the order cancelled. */
  | { readonly type: 'cancel' }
  /** The sweeper found the order's deadline past. */
  | { readonly type: 'deadline' };

/** What concerns one deduction of an order. */
export type DeductionInput = Extract<Input, { readonly deductionId: string }>;

/** Where the effect of an operation is to be looked for. */
export interface Search {
  /** Half-open: no effect is older, and none is younger that is not somebody else's. */
  readonly from: Date;
  readonly until: Date;
  /** The remote's own id of it, where that is known. */
  readonly remoteId: string | undefined;
  /** The remote's id of an effect that is known and not looked for. */
  readonly besides: string | undefined;
}

/** One call to make once the transaction has committed, and the attempt row that is written with it. */
export interface Attempt {
  readonly deductionId: string;
  readonly token: number;
  readonly call: Call;
  /** The key of the operation that is called or looked for. */
  readonly key: string;
  /** The key of the forward operation that is confirmed or given back; undefined for other calls. */
  readonly originalKey: string | undefined;
  readonly originalRemoteId: string | undefined;
  readonly channel: string;
  readonly memberRef: string;
  readonly points: Decimal;
  /** The operation is a hold, or about one. */
  readonly isHold: boolean;
  readonly intendedAt: Date;
  /** The last moment at which the first byte may leave. */
  readonly sendBy: Date;
  /** Of a look-up; undefined for other calls. */
  readonly search: Search | undefined;
}

/** What the worker does with an input once the transaction has committed. */
export type Verdict =
  | { readonly type: 'call'; readonly attempt: Attempt }
  /** Somebody else holds the lease, or nothing is to be done now: acknowledge. */
  | { readonly type: 'release' }
  /** It cannot move by itself: acknowledge, and let a person know. */
  | { readonly type: 'stuck' }
  /** The outcome came under a token that is no longer the lease's: kept as evidence, nothing is decided from it. */
  | { readonly type: 'stale' }
  /** An operator's wish that cannot be met, with the reason. */
  | { readonly type: 'refused'; readonly reason: string }
  /** An operator's wish was taken; `correction`: what is in effect beside the leg and has to go back. */
  | { readonly type: 'accepted'; readonly correction: Correction | undefined }
  /** No such deduction. */
  | { readonly type: 'unknown' };

/** A message to append in the same transaction. */
export type Message =
  | {
      readonly type: 'deduction_due';
      readonly deductionId: string;
      readonly orderRowId: string;
      readonly channel: string;
      readonly availableAt: Date | undefined;
      readonly traceparent: string | undefined;
    }
  | { readonly type: 'order_ended'; readonly order: Order }
  | {
      readonly type: 'needs_attention';
      readonly order: Order;
      readonly deduction: Deduction;
      readonly leg: LegName;
      readonly cause: LegCaseCause;
    }
  | { readonly type: 'order_refunded'; readonly order: Order; readonly refund: EndedRefund };

/** A callback that was taken in, and what it came to. */
export interface HeardCallback {
  readonly id: string;
  readonly effect: CallbackEffect;
}

/** What one `advance` collects on its way. */
export interface Collected {
  readonly heard: HeardCallback[];
  readonly messages: Message[];
  readonly cases: CaseChange[];
}
