import type { Answer } from './deduction.ts';

/** What one answer says about the remote itself, not about the deduction. */
export type Sign =
  /** Somebody who understood the request is there. */
  | { readonly type: 'there' }
  /** Nobody is, or nobody who can serve. */
  | { readonly type: 'away'; readonly cause: string; readonly retryAfterMs: number }
  /** Somebody is there and does not let us in; no further call would be. */
  | { readonly type: 'locked_out'; readonly cause: string }
  /** Nothing: it was not asked, or the answer came from who knows whom. */
  | { readonly type: 'none' };

/** Reads an answer as a sign of its remote. */
export function signOf({ outcome }: Answer): Sign {
  switch (outcome.type) {
    case 'done':
    case 'rejected':
    case 'pending':
    case 'found':
    case 'not_found':
    case 'incomplete':
    case 'open':
      return { type: 'there' };
    case 'unknown':
      switch (outcome.cause) {
        case 'timeout':
        case 'connection_lost':
        case 'server_error':
          return { type: 'away', cause: outcome.cause, retryAfterMs: 0 };
        // Perhaps the remote, perhaps somebody in between.
        case 'unreadable_answer':
        case 'unmapped_answer':
        case 'duplicate_without_state':
        case 'missing_echo':
        case 'several_effects':
          return { type: 'none' };
      }
    case 'not_sent':
      switch (outcome.cause) {
        case 'connect_failed':
          return { type: 'away', cause: outcome.cause, retryAfterMs: 0 };
        case 'rate_limited':
          // Without a time to come back it may be about this one member or key.
          return outcome.retryAfterMs === undefined
            ? { type: 'none' }
            : { type: 'away', cause: outcome.cause, retryAfterMs: outcome.retryAfterMs };
        case 'send_by_passed':
        case 'aborted_before_send':
          return { type: 'none' };
      }
    case 'misconfigured':
      switch (outcome.code) {
        case 'authentication':
          return { type: 'locked_out', cause: outcome.code };
        case 'key_reused':
        case 'refused_request':
          return { type: 'there' };
        case 'not_supported':
          return { type: 'none' };
      }
  }
}
