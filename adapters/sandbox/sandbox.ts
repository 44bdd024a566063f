/**
 * A server that plays several channels and the portal, with books of its own, for demos, tests and benchmarks.
 *
 * It shares no code with the hub or the adapters: it was written from the two `openapi.yaml`, and counts in another
 * arithmetic, so that a mistake on one side shows up as a difference between two sets of books.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { reportBooks, type BooksReport } from './books-report.ts';
import { Books } from './books.ts';
import { CallCounts } from './call-counts.ts';
import { Counter } from './counter.ts';
import type { Desk } from './desk.ts';
import { FaultDesk } from './faults/fault-desk.ts';
import { describePlan, readFaultPlans } from './faults/fault-plan.ts';
import { NO_JOURNAL, openJournal, type Journal } from './journal.ts';
import { readNatures } from './natures.ts';
import { parseUnits } from './units.ts';

/** How a sandbox is started. */
export interface SandboxOptions {
  /** Ids of the channels to play: a to z, 0 to 9 and -, at most 32. */
  readonly channels: readonly string[];
  /** File of the books; made if missing, added up if not. Without one the books end with the sandbox. */
  readonly journal?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Before each answer to a channel's or portal's call, and before its effect. Default 0. */
  readonly latencyMs?: number;
  /** The only bearer token that is let in; without it every call is. */
  readonly bearerToken?: string;
  /** What a member has at first sight, a decimal. Default 10,000. */
  readonly openingBalance?: string;
  /** What a channel's quota is at first sight, a decimal. Default 100,000,000. */
  readonly openingQuota?: string;
  /** What goes wrong from the start: `{"channels": {"airmiles": PLAN, "*": PLAN}, "portal": PLAN}`. */
  readonly faults?: unknown;
  /** What channels cannot do: `{"airmiles": {"lookups": false, "keys": "ignored"}}`; see natures.ts. */
  readonly natures?: unknown;
  /** Of plans that have no seed of their own: a whole number below 2^32. Default 1. */
  readonly seed?: number;
  /** Whether magic amounts bring their faults. Default false. */
  readonly magicAmounts?: boolean;
}

export interface Sandbox {
  /** `http://host:port`; channels are at `/channels/{id}`, the portal at `/portal`. */
  readonly url: string;
  /** Length of the last journal line, if the process before this one died while it wrote it; else 0. */
  readonly tornBytes: number;
  /** As `GET /books`. */
  books(): BooksReport;
  /** What goes wrong where, a line for each channel and the portal that has faults. */
  describeFaults(): string[];
  /** Answers what has arrived, then frees port and journal. */
  close(): Promise<void>;
}

/**
 * Starts a sandbox; resolves when it listens.
 *
 * @throws Error if the port is taken, an option is wrong, or the journal is not one of these channels.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { desk, tornBytes } = openBooks(options);
  const { bearerToken, latencyMs = 0 } = options;
  const counter = new Counter(desk, { bearerToken, latencyMs });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    counter.receive(request, response);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
  } catch (error) {
    desk.journal.close();
    throw error;
  }
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    tornBytes,
    books: () => reportBooks(desk.books, desk.calls),
    describeFaults: () =>
      [...options.channels, undefined].flatMap((channel) => {
        const plan = desk.faults.planOf(channel);
        return plan === undefined ? [] : [`${channel ?? 'portal'}: ${describePlan(plan)}`];
      }),
    async close() {
      counter.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      desk.faults.close();
      desk.journal.close();
    },
  };
}

function openBooks(options: SandboxOptions): { readonly desk: Desk; readonly tornBytes: number } {
  const stranger = options.channels.find((id) => !/^[a-z][a-z0-9-]{0,31}$/.test(id));
  if (stranger !== undefined) throw new Error(`no channel id: ${stranger}`);
  const openingUnits = parseUnits(options.openingBalance ?? '10000');
  const grantedUnits = parseUnits(options.openingQuota ?? '100000000');
  if (openingUnits === undefined || grantedUnits === undefined)
    throw new Error('opening balance and quota are decimals');
  const plans = readFaultPlans(options.faults ?? {}, options.channels);
  const { seed = 1, magicAmounts = false } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new Error('seed must be a whole number below 2^32');

  const natures = readNatures(options.natures ?? {}, options.channels);
  const books = new Books(options.channels, openingUnits, natures);
  const { journal, tornBytes }: { journal: Journal; tornBytes: number } =
    options.journal === undefined
      ? { journal: NO_JOURNAL, tornBytes: 0 }
      : openJournal(options.journal, (entry) => books.apply(entry));
  const withoutQuota = options.channels.filter((id) => !books.portal.quotas.has(id));
  const atMs = books.nowMs();
  books.record(
    journal,
    withoutQuota.map((channel) => ({ type: 'quota', channel, grantedUnits, atMs })),
  );
  const faults = new FaultDesk(books, journal, { seed, magicAmounts });
  faults.setAll(plans);
  return { desk: { books, journal, calls: new CallCounts(), faults, natures }, tornBytes };
}
