import type { Books } from './books.ts';
import type { CallCounts } from './call-counts.ts';
import type { FaultDesk } from './faults/fault-desk.ts';
import type { Journal } from './journal.ts';
import type { Nature } from './natures.ts';

/** What answering a request needs. */
export interface Desk {
  readonly books: Books;
  readonly journal: Journal;
  readonly calls: CallCounts;
  readonly faults: FaultDesk;
  /** Of channels that cannot do everything. */
  readonly natures: ReadonlyMap<string, Nature>;
}

/** A request as far as the sandbox reads it. */
export interface IncomingCall {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly idempotencyKey: string | undefined;
  readonly body: string;
}
