/** A server that plays several channels and the portal, with books of its own. */
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
export type { BooksEntry, BooksReport } from './books-report.ts';
