/**
 * The contract between the hub and whatever answers for points: a channel, or the portal.
 *
 * Every call ends in exactly one outcome. An adapter never throws for remote trouble, never retries beyond what
 * surely did not leave the machine, and keeps no state between calls. An answer that no rule maps is `unknown`,
 * never `rejected`: a time-out is not a failure and a 200 is not a success.
 */
import type { Decimal } from 'decimal.js';

/** What one call showed, masked: no secret and no user reference may be in it. At most 4 kB as JSON. */
export interface Evidence {
  readonly httpStatus?: number;
  /** The remote's own code or status word. */
  readonly remoteCode?: string;
  /** The remote's id of the request or transaction. */
  readonly remoteId?: string;
  readonly request?: { readonly method: string; readonly path: string };
  /** The beginning of the answer's body, masked; at most 1,024 characters. */
  readonly answer?: string;
  /** Trouble below HTTP in words, e.g. the error code of the socket. */
  readonly detail?: string;
  readonly elapsedMs?: number;
}

/** Why the remote says that nothing moved. */
export type RejectionReason =
  | 'insufficient_points'
  | 'insufficient_quota'
  | 'member_unknown'
  | 'member_blocked'
  | 'limit_exceeded'
  | 'original_not_found'
  | 'already_returned'
  | 'exceeds_original'
  | 'key_voided'
  /** The hold is over: its points are the member's again, by themselves or released, or taken for good. */
  | 'hold_expired'
  | 'hold_released'
  | 'hold_confirmed'
  | 'other';

export type UnknownCause =
  | 'timeout'
  | 'connection_lost'
  | 'server_error'
  | 'unreadable_answer'
  | 'unmapped_answer'
  | 'duplicate_without_state'
  | 'missing_echo'
  /** More than one effect has our marker. */
  | 'several_effects';

export type NotSentCause = 'connect_failed' | 'rate_limited' | 'send_by_passed' | 'aborted_before_send';

export type MisconfigurationCode = 'authentication' | 'key_reused' | 'not_supported' | 'refused_request';

/** Proven: the operation took effect with exactly these points (which may differ from those asked for). */
export interface Done {
  readonly type: 'done';
  readonly points: Decimal;
  readonly remoteId: string | undefined;
  /** True when the remote says that it had done this before under the same key. */
  readonly replayed: boolean;
  readonly evidence: Evidence;
}
/** Proven: the remote refused and nothing moved. */
export interface Rejected {
  readonly type: 'rejected';
  readonly reason: RejectionReason;
  readonly evidence: Evidence;
}
/** The remote accepted and will finish later. */
export interface Pending {
  readonly type: 'pending';
  readonly remoteId: string | undefined;
  readonly pollAfterMs: number;
  readonly evidence: Evidence;
}
/** It may have happened; nothing is proven. */
export interface Unknown {
  readonly type: 'unknown';
  readonly cause: UnknownCause;
  readonly evidence: Evidence;
}
/** This one request surely had no effect. It says nothing about earlier requests under the same key. */
export interface NotSent {
  readonly type: 'not_sent';
  readonly cause: NotSentCause;
  /** How long the remote asked us to wait, if it did. */
  readonly retryAfterMs?: number;
  readonly evidence: Evidence;
}
/** The request was refused for a reason that no retry mends; this one request had no effect. */
export interface Misconfigured {
  readonly type: 'misconfigured';
  readonly code: MisconfigurationCode;
  readonly evidence: Evidence;
}

export type Outcome = Done | Rejected | Pending | Unknown | NotSent | Misconfigured;

/** What a look-up by key established. `not_found` is no proof while the request may still be on its way. */
export type QueryOutcome =
  | { readonly type: 'found'; readonly outcome: Done | Rejected | Pending }
  | { readonly type: 'not_found'; readonly evidence: Evidence }
  | Unknown
  | NotSent
  | Misconfigured;

/** Not everything could be read that it might be in, within our own limits or the remote's: nothing is proven. */
export interface Incomplete {
  readonly type: 'incomplete';
  readonly evidence: Evidence;
}

/**
 * What looking for our marker among the member's recent transactions established. `not_found` means that the whole
 * window was read; it is no proof while the request may still be on its way.
 */
export type ScanOutcome =
  | { readonly type: 'found'; readonly outcome: Done }
  | { readonly type: 'not_found'; readonly evidence: Evidence }
  | Incomplete
  | Unknown
  | NotSent
  | Misconfigured;

/** It is not in the statement as far as that goes, and something may still be added. */
export interface StillOpen {
  readonly type: 'open';
  /** When the statement should be closed. */
  readonly readyAt: Date;
  readonly evidence: Evidence;
}

/** What the remote's statement of the window says. `not_found` means that it is closed and was read whole. */
export type StatementOutcome = ScanOutcome | StillOpen;

/** What any look-up can establish. */
export type LookUpOutcome = QueryOutcome | StatementOutcome;

/** One operation whose effect is looked for. */
export interface Sought {
  readonly key: string;
  readonly kind: 'deduction' | 'refund';
  readonly orderId: string;
  readonly memberRef: string;
  /** The remote's own id of it, where that is known. */
  readonly remoteId: string | undefined;
  /** The remote's id of an effect that is known and not looked for. */
  readonly besides: string | undefined;
  /** By our clock, half-open: it took effect in here, if at all. Adapters add what the remote's clock may differ by. */
  readonly from: Date;
  readonly until: Date;
}

/** Limits of one call. */
export interface CallContext {
  /** From the call's start to its answer's last byte; 1 ms or more. */
  readonly deadlineMs: number;
  /** Asked immediately before the first byte is written; false → `not_sent` with `send_by_passed`. */
  readonly maySend: () => boolean;
  readonly signal?: AbortSignal;
  readonly traceparent?: string;
}

/** One forward operation. `key` is made once, stored before the first byte leaves, and the same for every resend. */
export interface Operation {
  readonly key: string;
  readonly orderId: string;
  readonly memberRef: string;
  readonly points: Decimal;
}

/** Gives back (part of) what the operation with `originalKey` took, under a key of its own. */
export interface ReverseOperation extends Operation {
  readonly originalKey: string;
  /** The remote's id of the original, where it is known. */
  readonly originalRemoteId: string | undefined;
}

/**
 * Confirms or releases the whole of what the operation with `originalKey` holds, under a key of its own. `points` are
 * those that are held, or asked to be where nothing is known yet.
 */
export type HoldOperation = ReverseOperation;

/** What became of a hold, of its confirmation or of its release. */
export interface HoldInquiry {
  readonly about: 'hold' | 'confirmation' | 'release';
  readonly key: string;
  /** The key of the hold; for `hold` the same as `key`. */
  readonly originalKey: string;
  /** The remote's id of the hold, where it is known. */
  readonly originalRemoteId: string | undefined;
  readonly orderId: string;
  readonly memberRef: string;
}

/** What is there to spend. A hint with an age, never a guarantee: the deduction's own answer decides. */
export interface Balance {
  readonly type: 'balance';
  readonly points: Decimal;
  readonly asOf: Date;
}

export type BalanceOutcome = Balance | Rejected | Unknown | NotSent | Misconfigured;

/** One channel: where users hold points. */
export interface ChannelAdapter {
  readonly channel: string;
  balance(memberRef: string, context: CallContext): Promise<BalanceOutcome>;
  deduct(operation: Operation, context: CallContext): Promise<Outcome>;
  refund(operation: ReverseOperation, context: CallContext): Promise<Outcome>;
  /**
   * Sets points aside so that nobody else can spend them, for as long as the description says; then they are the member's
   * again by themselves. `done` names the points that are held. This and the three below are only for channels whose
   * description has `hold`; `misconfigured` for others.
   */
  hold(operation: Operation, context: CallContext): Promise<Outcome>;
  /** Takes what is held for good. A hold that is over is `rejected` with `hold_expired` or `hold_released`. */
  confirm(operation: HoldOperation, context: CallContext): Promise<Outcome>;
  /**
   * Gives what is held back before it is confirmed. A hold that is over is `rejected` with `hold_expired`,
   * `hold_released` or `hold_confirmed`. Where the description says so, releasing an unknown hold is a recorded no-op
   * (done, zero points) after which it can never be made.
   */
  release(operation: HoldOperation, context: CallContext): Promise<Outcome>;
  /** What became of an operation of a hold: each is known by its own key. */
  findHold(asked: HoldInquiry, context: CallContext): Promise<QueryOutcome>;
  /** What became of the operation with this key, forward or reverse. */
  query(key: string, memberRef: string, context: CallContext): Promise<QueryOutcome>;
  /**
   * Looks for the operation's marker among the member's recent transactions, the newest first, back to the beginning of
   * the window. Only for channels whose description has `scan`; `misconfigured` for others.
   */
  scan(sought: Sought, context: CallContext): Promise<ScanOutcome>;
  /** Looks for the operation in the channel's statement of the window. Only for channels that have `statement`. */
  statement(sought: Sought, context: CallContext): Promise<StatementOutcome>;
  /** Frees sockets; calls in flight end `unknown`. */
  close(): Promise<void>;
}

/** A callback as it came in: nothing about it is believed yet. */
export interface CallbackRequest {
  /** As Node has them: names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body octet by octet: signatures are over these, not over what they parse to. */
  readonly octets: Uint8Array;
  readonly receivedAt: Date;
}

/** Nothing is proven; something may have happened that a look-up would show. */
export interface CallbackHint {
  readonly type: 'hint';
  readonly evidence: Evidence;
}

/** Which operation a callback is about: our key where it names one, else the remote's own id. */
export type CallbackReference =
  | { readonly kind: 'key'; readonly reference: string }
  | { readonly kind: 'remote_id'; readonly reference: string };

/** A callback that was let in. */
export interface CallbackEvent {
  readonly type: 'event';
  /** Of the event: the same when it is sent again. */
  readonly eventId: string;
  /** SHA-256 of the body, in hex: what a replay must have in common with the first. */
  readonly digest: string;
  readonly about: CallbackReference;
  readonly said: Done | Rejected | Pending | CallbackHint;
  /** False where anybody may have sent it; `said` is then a hint. */
  readonly isSigned: boolean;
}

/** Why a callback is not let in. Nothing of it may be kept. */
export type CallbackRefusalCode =
  /** A header of Standard Webhooks is missing or not of its form. */
  | 'headers'
  /** Sent too long ago, or in the future. */
  | 'stale'
  /** No signature is ours: forged, altered or cut on its way. */
  | 'signature'
  /** Its body is no JSON object. */
  | 'unreadable'
  /** It names no operation. */
  | 'no_reference';

export interface CallbackRefusal {
  readonly type: 'refused';
  readonly code: CallbackRefusalCode;
  /** In words that hold nothing of the request. */
  readonly detail: string;
}

/** What a channel wants to be answered when its callback was taken. */
export interface CallbackAcknowledgement {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Reads what one channel sends by itself. Never throws. */
export interface CallbackReader {
  /** Undefined: that it was taken is enough. */
  readonly acknowledgement: CallbackAcknowledgement | undefined;
  read(request: CallbackRequest): CallbackEvent | CallbackRefusal;
}

/** One quota operation at the portal; `channel` is whose quota it takes. */
export interface QuotaOperation {
  readonly key: string;
  readonly channel: string;
  readonly orderId: string;
  readonly points: Decimal;
}

export interface QuotaReturn extends QuotaOperation {
  readonly originalKey: string;
}

/** The portal: where each channel's quota is kept. Its HTTP contract is `portal/openapi.yaml`. */
export interface Portal {
  deduct(operation: QuotaOperation, context: CallContext): Promise<Outcome>;
  /** Returning an unknown `originalKey` is a recorded no-op (done, zero points) after which it can never be deducted. */
  giveBack(operation: QuotaReturn, context: CallContext): Promise<Outcome>;
  find(key: string, context: CallContext): Promise<QueryOutcome>;
  remaining(channel: string, context: CallContext): Promise<BalanceOutcome>;
  close(): Promise<void>;
}
