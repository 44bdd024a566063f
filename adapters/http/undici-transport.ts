import { Pool, ProxyAgent, errors } from 'undici';
import type { Dispatcher } from 'undici';

import { AnswerBody, joinHeaders } from './answer-body.ts';
import { withConnectRetries } from './connect-retry.ts';
import {
  ANSWER_BYTES_MAX_DEFAULT,
  ANSWER_HEAD_BYTES_MAX,
  describeTrouble,
  splitBaseUrl,
  type ExchangeLimits,
  type HttpExchange,
  type HttpLost,
  type HttpNotSent,
  type HttpRequest,
  type HttpTransport,
  type TransportOptions,
} from './transport.ts';

/**
 * The production transport: undici's bare pool, whose handler is called in the same tick in which the bytes are
 * written. That is what makes `maySend` exact, however long the request had waited for a connection, and what tells
 * "surely not sent" from "may have been".
 *
 * undici 8 itself puts a request back into its queue when a socket closes before the request was written
 * (lib/dispatcher/client-h1.js, onHttpSocketClose). Should it ever do so with one that was written, the second
 * `onRequestStart` refuses: one exchange writes at most once.
 */
export function openUndiciTransport(options: TransportOptions): HttpTransport {
  const { origin, prefix } = splitBaseUrl(options.baseUrl);
  const { certificateAuthority, proxyUrl } = options;
  const tls = certificateAuthority === undefined ? {} : { ca: certificateAuthority };
  const poolOptions = {
    connections: options.connectionsMax,
    pipelining: 1,
    // HTTP/2 streams have rules of their own for what is silently sent again.
    allowH2: false,
    maxHeaderSize: ANSWER_HEAD_BYTES_MAX,
    // The exchange's own deadline covers both; undici's would only give the same trouble a second name.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const pool =
    proxyUrl === undefined
      ? new Pool(origin, { ...poolOptions, connect: { timeout: options.connectTimeoutMs, ...tls } })
      : openTunnels(proxyUrl, poolOptions, options.connectTimeoutMs, tls);
  const bytesMax = options.answerBytesMax ?? ANSWER_BYTES_MAX_DEFAULT;
  return withConnectRetries({
    exchange: (request, limits) =>
      new Promise((resolve, reject) => {
        new PoolExchange(resolve, reject, limits, bytesMax).dispatch(pool, origin, prefix, request);
      }),
    close: () => pool.destroy(),
  });
}

/**
 * The same pool over connections that a proxy tunnels (CONNECT, for http:// too): the proxy sees where to, and of
 * https:// nothing else. Until it has agreed, and TLS behind it is verified, nothing of the request is written.
 */
function openTunnels(
  proxyUrl: string,
  poolOptions: ConstructorParameters<typeof Pool>[1] & object,
  connectTimeoutMs: number,
  tls: { readonly ca?: string },
): ProxyAgent {
  return new ProxyAgent({
    ...poolOptions,
    uri: proxyUrl,
    proxyTunnel: true,
    requestTls: { timeout: connectTimeoutMs, ...tls },
    proxyTls: { timeout: connectTimeoutMs },
    // A proxy that takes the connection and says nothing is one that cannot be connected through.
    clientFactory: (origin, clientOptions) =>
      new Pool(origin, { ...clientOptions, headersTimeout: connectTimeoutMs, bodyTimeout: 0 }),
  });
}

class PoolExchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (exchange: HttpExchange) => void;
  readonly #reject: (error: Error) => void;
  readonly #limits: ExchangeLimits;
  readonly #body: AnswerBody;
  readonly #startedAtMs = performance.now();
  readonly #onAbort = (): void =>
    this.#give('aborted by the caller', 'connection_lost', 'aborted_before_send');
  #deadline: NodeJS.Timeout | undefined;
  /** Set in the tick in which the bytes are written; from here on nothing is certain but a whole answer. */
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #headers: Record<string, string> = {};
  #ended = false;

  constructor(
    resolve: (exchange: HttpExchange) => void,
    reject: (error: Error) => void,
    limits: ExchangeLimits,
    bytesMax: number,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#limits = limits;
    this.#body = new AnswerBody(bytesMax);
  }

  dispatch(pool: Dispatcher, origin: string, prefix: string, request: HttpRequest): void {
    const { signal, deadlineMs } = this.#limits;
    if (signal?.aborted) return this.#onAbort();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#deadline = setTimeout(() => this.#give('deadline', 'timeout', 'connect_failed'), deadlineMs);
    pool.dispatch(
      {
        origin,
        path: prefix + request.path,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        idempotent: false,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing, unlike controller.abort, takes the request out of the queue and leaves the connection usable.
    if (this.#ended) throw new NothingToSend('the exchange ended while waiting for a connection');
    if (this.#controller !== undefined) throw new NothingToSend('written once already');
    if (!this.#limits.maySend()) throw new NothingToSend('maySend refused');
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx answers precede the answer.
    if (status < 200) return;
    this.#status = status;
    this.#headers = joinHeaders(headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#body.add(chunk)) this.#give('the answer is too large', 'too_large', 'aborted_before_send');
  }

  onResponseEnd(): void {
    const status = this.#status;
    if (status === undefined) return this.#lose('connection_lost', 'an answer without a status');
    this.#end({
      type: 'answer',
      status,
      headers: this.#headers,
      body: this.#body.text(),
      elapsedMs: this.#elapsedMs(),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#ended) return;
    if (this.#controller !== undefined) {
      return this.#lose(
        error instanceof errors.HeadersOverflowError ? 'too_large' : 'connection_lost',
        describeTrouble(error),
      );
    }
    if (error instanceof errors.InvalidArgumentError) {
      this.#tidy();
      return this.#reject(new TypeError(error.message, { cause: error }));
    }
    if (error instanceof NothingToSend) return this.#refrain('send_by_passed', error.message);
    if (error instanceof errors.ClientDestroyedError)
      return this.#refrain('aborted_before_send', 'the transport was closed');
    this.#refrain('connect_failed', describeTrouble(error));
  }

  /** Ends by our own decision: doubt if the request was written, else certainty that it was not. */
  #give(detail: string, lost: HttpLost['cause'], notSent: HttpNotSent['cause']): void {
    if (this.#ended) return;
    const controller = this.#controller;
    if (controller === undefined) return this.#refrain(notSent, detail);
    this.#lose(lost, detail);
    controller.abort(new Error(detail));
  }

  #lose(cause: HttpLost['cause'], detail: string): void {
    this.#end({ type: 'lost', cause, detail, status: this.#status, elapsedMs: this.#elapsedMs() });
  }

  #refrain(cause: HttpNotSent['cause'], detail: string): void {
    this.#end({ type: 'not_sent', cause, detail, elapsedMs: this.#elapsedMs() });
  }

  #end(exchange: HttpExchange): void {
    if (this.#ended) return;
    this.#tidy();
    this.#resolve(exchange);
  }

  #tidy(): void {
    this.#ended = true;
    clearTimeout(this.#deadline);
    this.#limits.signal?.removeEventListener('abort', this.#onAbort);
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAtMs;
  }
}

/** Thrown into undici to take a request out of its queue before a byte of it is written. */
class NothingToSend extends Error {}
