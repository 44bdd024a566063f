import type { CallContext } from '../contract.ts';

/** A call that may take its time: a test that means the deadline gives its own. */
export const AMPLE_CONTEXT: CallContext = { deadlineMs: 10_000, maySend: () => true };
