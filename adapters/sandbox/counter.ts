import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import { administer } from './administration.ts';
import { jsonAnswer, problemAnswer, troubleAnswer, type Answer } from './answers.ts';
import { reportBooks, writeEffects } from './books-report.ts';
import type { Desk, IncomingCall } from './desk.ts';
import { answerCall } from './endpoints.ts';
import { NO_FAULTS, type CallFaults } from './faults/call-faults.ts';
import type { Fault } from './faults/fault-rules.ts';
import { findRoute, type Route } from './routes.ts';

const BODY_BYTES_MAX = 65_536;

/** Where requests come in, and the one place that every call passes on its way to its effect and its answer. */
export class Counter {
  readonly #desk: Desk;
  readonly #bearerToken: string | undefined;
  readonly #latencyMs: number;
  /** Requests that never get an answer; they end with their client, or with the sandbox. */
  readonly #unanswered = new Set<ServerResponse>();
  /** Connections that still have an answer to come are not kept after it. */
  #isClosing = false;

  constructor(desk: Desk, options: { readonly bearerToken: string | undefined; readonly latencyMs: number }) {
    this.#desk = desk;
    this.#bearerToken = options.bearerToken;
    this.#latencyMs = options.latencyMs;
  }

  /** Takes a whole request in, then has it answered. */
  receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    });
    request.on('end', () => {
      if (bytes > BODY_BYTES_MAX) {
        return this.#send(response, problemAnswer('INVALID_REQUEST', 'the body is over 64 kB'));
      }
      this.#answer(request, response, Buffer.concat(chunks).toString('utf8'));
    });
  }

  /** What has arrived is still answered, except what never is. */
  close(): void {
    this.#isClosing = true;
    for (const response of this.#unanswered) response.destroy();
    this.#desk.faults.stopCallbacks();
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { method = '', url: target = '', headers } = request;
    const desk = this.#desk;
    const header = headers['idempotency-key'];
    const idempotencyKey = Array.isArray(header) ? header.join(', ') : header;
    const call = { method, target, body, idempotencyKey };
    if (!target.startsWith('/channels/') && !target.startsWith('/portal/')) {
      if (method === 'GET' && target === '/books/entries') return sendEffects(response, desk);
      return this.#send(response, answerOwn(desk, call));
    }
    if (this.#bearerToken !== undefined && headers.authorization !== `Bearer ${this.#bearerToken}`) {
      return this.#send(response, problemAnswer('UNAUTHENTICATED'));
    }
    const route = findRoute(desk.books, method, target);
    if (route === undefined) return this.#send(response, problemAnswer('NOT_FOUND'));

    desk.calls.add(route.channel ?? 'portal', route.kind);
    const faults = desk.faults.isQuiet ? NO_FAULTS : desk.faults.draw(route, body);
    desk.faults.timers.after(this.#latencyMs + faults.latencyMs, () =>
      this.#meet(response, route, call, faults),
    );
  }

  /** What befalls a call before its effect; most often nothing. */
  #meet(response: ServerResponse, route: Route, call: IncomingCall, faults: CallFaults): void {
    const { before } = faults;
    if (before === undefined) return this.#perform(response, route, call, faults);
    faults.met(before.kind);
    switch (before.kind) {
      case 'timeout-before-effect':
        return this.#leaveUnanswered(response);
      case 'late-effect':
        this.#desk.faults.timers.after(
          before.afterMs,
          () => void answerCall(this.#desk, route, call, NO_FAULTS),
        );
        return this.#leaveUnanswered(response);
      case 'reset-before-effect':
        return reset(response);
      case 'error-before-effect':
        return this.#send(response, troubleAnswer(before.status, retryAfter(before.retryAfter)));
      case 'rate-limited':
        return this.#send(response, troubleAnswer(429, retryAfter(before.retryAfter)));
      case 'credentials-refused':
        return this.#send(response, problemAnswer('UNAUTHENTICATED'));
      case 'outage':
        return this.#send(
          response,
          troubleAnswer(503, retryAfter({ seconds: Math.ceil(before.leftMs / 1_000) })),
        );
    }
  }

  #perform(response: ServerResponse, route: Route, call: IncomingCall, faults: CallFaults): void {
    const answer = answerCall(this.#desk, route, call, faults);
    if (answer.sentAfter === undefined) return this.#finish(response, answer, faults);
    void answer.sentAfter.then(() => this.#finish(response, answer, faults));
  }

  /** What befalls the answer after the effect; most often nothing. */
  #finish(response: ServerResponse, answer: Answer, { after, met }: CallFaults): void {
    if (after === undefined || after.kind === 'wrong-echo') return this.#send(response, answer);
    const body = spoilt(after.kind, answer.body);
    if (body !== undefined && answer.status >= 300) return this.#send(response, answer);
    met(after.kind);
    switch (after.kind) {
      case 'timeout-after-effect':
        return this.#leaveUnanswered(response);
      case 'reset-after-effect':
        return reset(response);
      case 'error-after-effect':
        return this.#send(response, troubleAnswer(after.status));
      case 'html-answer':
      case 'truncated-answer':
      case 'empty-answer':
        return this.#send(response, { ...answer, body: body ?? '' });
    }
  }

  #leaveUnanswered(response: ServerResponse): void {
    if (this.#isClosing) return void response.destroy();
    this.#unanswered.add(response);
    response.once('close', () => this.#unanswered.delete(response));
  }

  #send(response: ServerResponse, { status, contentType, body, headers }: Answer): void {
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.writeHead(status, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      ...headers,
    });
    response.end(body);
  }
}

/** What is asked of the sandbox itself. */
function answerOwn(desk: Desk, call: IncomingCall): Answer {
  if (call.target.startsWith('/admin/')) return administer(desk, call);
  const isBooks = call.method === 'GET' && call.target.split('?', 1)[0] === '/books';
  return isBooks ? jsonAnswer(reportBooks(desk.books, desk.calls)) : problemAnswer('NOT_FOUND');
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function retryAfter(after: Fault<'rate-limited'>['retryAfter']): Readonly<Record<string, string>> {
  if (after === undefined) return {};
  return {
    'retry-after':
      'seconds' in after
        ? String(after.seconds)
        : new Date(Date.now() + after.dateInSeconds * 1_000).toUTCString(),
  };
}

/** The body in place of a good one; undefined for a fault that is none of the body. */
function spoilt(kind: Fault['kind'], body: string): string | undefined {
  if (kind === 'html-answer') return '<!doctype html><title>Welcome</title><p>Please sign in to the network.';
  if (kind === 'truncated-answer') return body.slice(0, body.length / 2);
  return kind === 'empty-answer' ? '' : undefined;
}

function sendEffects(response: ServerResponse, { books }: Desk): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
  Readable.from(writeEffects(books.effects), { objectMode: false }).pipe(response);
}
