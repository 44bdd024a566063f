/**
 * A server that plays several channels and the portal, with books of its own, for demos, tests and benchmarks.
 *
 * It shares no code with the hub or the adapters: it was written from the two `openapi.yaml`, and counts in another
 * arithmetic, so that a mistake on one side shows up as a difference between two sets of books.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

import { problemAnswer, type Answer } from './answers.ts';
import { reportBooks, writeEffects, type BooksReport } from './books-report.ts';
import { Books } from './books.ts';
import { CallCounts } from './call-counts.ts';
import type { Desk } from './desk.ts';
import { answerCall } from './endpoints.ts';
import { NO_JOURNAL, openJournal, type Journal } from './journal.ts';
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
}

export interface Sandbox {
  /** `http://host:port`; channels are at `/channels/{id}`, the portal at `/portal`. */
  readonly url: string;
  /** Length of the last journal line, if the process before this one died while it wrote it; else 0. */
  readonly tornBytes: number;
  /** As `GET /books`. */
  books(): BooksReport;
  /** Answers what has arrived, then frees port and journal. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 65_536;

/**
 * Starts a sandbox; resolves when it listens.
 *
 * @throws Error if the port is taken, an option is wrong, or the journal is not one of these channels.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { desk, tornBytes } = openBooks(options);
  const counter: Counter = { desk, options, closing: false, delayed: new Set() };
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    receive(request, response, counter);
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
    async close() {
      counter.closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
      for (const timer of counter.delayed) clearTimeout(timer);
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

  const books = new Books(options.channels, openingUnits);
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
  return { desk: { books, journal, calls: new CallCounts() }, tornBytes };
}

/** Where requests come in. */
interface Counter {
  readonly desk: Desk;
  readonly options: SandboxOptions;
  /** Connections that still have an answer to come are not kept after it. */
  closing: boolean;
  /** Calls that wait for their latency. One whose client has gone still has its effect, unless the sandbox closes. */
  readonly delayed: Set<NodeJS.Timeout>;
}

/** Takes a whole request in, then has it answered. */
function receive(request: IncomingMessage, response: ServerResponse, counter: Counter): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes > BODY_BYTES_MAX) {
      return send(response, problemAnswer('INVALID_REQUEST', 'the body is over 64 kB'), counter);
    }
    answer(request, response, Buffer.concat(chunks).toString('utf8'), counter);
  });
}

/** The one place that every call passes: before its effect, with it, and between it and the answer. */
function answer(request: IncomingMessage, response: ServerResponse, body: string, counter: Counter): void {
  const { desk, options } = counter;
  const { method = '', url: target = '', headers } = request;
  const isRemoteCall = target.startsWith('/channels/') || target.startsWith('/portal/');
  if (isRemoteCall && !isLetIn(headers.authorization, options.bearerToken)) {
    return send(response, problemAnswer('UNAUTHENTICATED'), counter);
  }
  if (method === 'GET' && target === '/books/entries') return sendEffects(response, desk);

  const header = headers['idempotency-key'];
  const idempotencyKey = Array.isArray(header) ? header.join(', ') : header;
  const perform = (): void =>
    send(response, answerCall(desk, { method, target, body, idempotencyKey }), counter);
  const latencyMs = isRemoteCall ? (options.latencyMs ?? 0) : 0;
  if (latencyMs === 0) return perform();
  const timer = setTimeout(() => {
    counter.delayed.delete(timer);
    perform();
  }, latencyMs);
  counter.delayed.add(timer);
}

function isLetIn(authorization: string | undefined, bearerToken: string | undefined): boolean {
  return bearerToken === undefined || authorization === `Bearer ${bearerToken}`;
}

function send(response: ServerResponse, { status, contentType, body }: Answer, { closing }: Counter): void {
  if (closing) response.shouldKeepAlive = false;
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function sendEffects(response: ServerResponse, { books }: Desk): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
  Readable.from(writeEffects(books.effects), { objectMode: false }).pipe(response);
}
