import type { SqlConnection } from '@points-hub/outbox';
import type { Caller } from './caller.ts';

/** What happened, without who and where. */
export interface AuditEntry {
  /** What was done: an area and a verb, e.g. `replay.start`. */
  readonly action: string;
  /** What it was done to, e.g. `replay:17`. */
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  /** `begun`: what comes of it is found at the subject. Default `done`. */
  readonly outcome?: 'done' | 'begun';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes down what somebody did, as the last thing in the transaction that makes it true. */
export type WriteDown = (connection: SqlConnection, caller: Caller, entry: AuditEntry) => Promise<void>;
