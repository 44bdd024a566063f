import { createServer, IncomingMessage, ServerResponse, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { HubError, type ErrorCode } from '../errors.ts';
import type { MallApi } from './app.ts';
import { problemMediaType, problemOf } from './problem.ts';

/** Bounds on what a slow or hostile client can hold. */
const bounds = {
  /** From a request's first byte, or the connection's start, to the end of its headers. */
  headersTimeout: 10_000,
  /** To the end of its body. */
  requestTimeout: 20_000,
  /** How long an idle connection is kept; longer than the 60 s of usual load balancers, which close first then. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
} as const satisfies ServerOptions;

const connectionsMax = 10_000;

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** How long `close` waits for answers under way; default 10 s. */
  readonly closeWithinMs?: number;
}

export interface ListeningServer {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets waiting requests go, finishes those under way, then closes. Idempotent. */
  close(): Promise<void>;
}

/** Serves the API. @throws HubError HUB_CONFIG_INVALID for a port that is taken, else the system's error */
export async function listen(
  api: MallApi,
  { host, port, closeWithinMs = 10_000 }: ListenOptions,
): Promise<ListeningServer> {
  const { app } = api;
  const messages = {
    IncomingMessage: bornAs(IncomingMessage, app.request),
    ServerResponse: bornAs(ServerResponse, app.response),
  };
  const server = createServer({ ...bounds, ...messages }, app);
  server.maxConnections = connectionsMax;
  server.on('clientError', answerUnreadable);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new HubError('HUB_CONFIG_INVALID', `port ${port} of ${host} is taken; choose another with --port`, {
      cause,
    });
  }
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: () => (closed ??= closeGently(server, api, closeWithinMs)),
  };
}

/**
 * Express gives each request and each answer another prototype, after which V8 no longer knows their shape. Whatever is born
 * with it stays as it is: the API takes 7 % less CPU per order.
 */
function bornAs<Base extends typeof IncomingMessage | typeof ServerResponse>(
  base: Base,
  prototype: object,
): Base {
  function Born(...args: unknown[]): object {
    return Reflect.construct(base, args, Born) as object;
  }
  Born.prototype = prototype;
  return Born as unknown as Base;
}

/** How often a closing server looks for connections that have become idle. */
const idleLookMs = 25;

async function closeGently(server: Server, api: MallApi, withinMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  void api.close();
  const idle = setInterval(() => server.closeIdleConnections(), idleLookMs);
  const bound = setTimeout(() => server.closeAllConnections(), withinMs);
  await promise;
  clearInterval(idle);
  clearTimeout(bound);
}

/** Answers what never became a request. https://nodejs.org/api/http.html#event-clienterror */
function answerUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable || (socket as Socket).bytesWritten > 0) {
    // Gone, or an earlier answer is (partly) out: bytes put behind it would be taken for a part of it.
    socket.destroy();
    return;
  }
  const failure = new HubError(unreadableCode(error.code), 'the connection is closed');
  const text = JSON.stringify(problemOf(failure));
  socket.end(
    [
      `HTTP/1.1 ${failure.status} ${reasonPhrases[failure.status] ?? 'Bad Request'}`,
      `Content-Type: ${problemMediaType}`,
      `Content-Length: ${Buffer.byteLength(text)}`,
      'Connection: close',
      '',
      text,
    ].join('\r\n'),
  );
}

const reasonPhrases: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function unreadableCode(code: string | undefined): ErrorCode {
  if (code === 'HPE_HEADER_OVERFLOW') return 'HUB_HEADERS_TOO_LARGE';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'HUB_REQUEST_TIMEOUT';
  return 'HUB_HTTP_MALFORMED';
}
