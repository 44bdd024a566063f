import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

import axios, { AxiosError } from 'axios';

import { joinHeaders } from './answer-body.ts';
import { withConnectRetries } from './connect-retry.ts';
import { tunnelThrough } from './connect-tunnel.ts';
import {
  ANSWER_BYTES_MAX_DEFAULT,
  ANSWER_HEAD_BYTES_MAX,
  describeTrouble,
  splitBaseUrl,
  type ExchangeLimits,
  type HttpExchange,
  type HttpRequest,
  type HttpTransport,
  type TransportOptions,
} from './transport.ts';

/**
 * axios on node:http: the transport for adapters that a person writes with axios' interceptors, and the one that nock
 * sees. It keeps the same promises as the undici one at a multiple of its CPU time per request.
 */
export function openAxiosTransport(options: TransportOptions): HttpTransport {
  const { origin, prefix } = splitBaseUrl(options.baseUrl);
  const secure = origin.startsWith('https:');
  const { proxyUrl, certificateAuthority, connectTimeoutMs } = options;
  const agentOptions = { keepAlive: true, maxSockets: options.connectionsMax, scheduling: 'lifo' as const };
  const agent = secure
    ? new https.Agent({
        ...agentOptions,
        ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      })
    : new http.Agent(agentOptions);
  const closing = new AbortController();
  if (proxyUrl !== undefined) {
    tunnelThrough(agent, {
      proxyUrl,
      secure,
      connectTimeoutMs,
      certificateAuthority,
      closing: closing.signal,
    });
  }

  async function exchange(request: HttpRequest, limits: ExchangeLimits): Promise<HttpExchange> {
    assertExpressible(request);
    const startedAtMs = performance.now();
    const elapsedMs = (): number => performance.now() - startedAtMs;
    const deadline = AbortSignal.timeout(limits.deadlineMs);
    const gate = new SendGate(limits.maySend, secure ? 'secureConnect' : 'connect', options.connectTimeoutMs);
    try {
      const answer = await axios.request<Buffer>({
        url: origin + prefix + request.path,
        method: request.method,
        headers: { 'user-agent': 'points-hub', 'accept-encoding': 'identity', ...request.headers },
        data: request.body,
        ...(secure ? { httpsAgent: agent } : { httpAgent: agent }),
        transport: { request: gate.open(secure) },
        signal: AbortSignal.any([deadline, closing.signal, ...(limits.signal ? [limits.signal] : [])]),
        maxContentLength: options.answerBytesMax ?? ANSWER_BYTES_MAX_DEFAULT,
        maxRedirects: 0,
        proxy: false,
        decompress: false,
        responseType: 'arraybuffer',
        transformRequest: (body: unknown) => body,
        transformResponse: (body: unknown) => body,
        validateStatus: () => true,
      });
      return {
        type: 'answer',
        status: answer.status,
        headers: joinHeaders(answer.headers as Record<string, string | string[] | undefined>),
        body: answer.data.toString('utf8'),
        elapsedMs: elapsedMs(),
      };
    } catch (error) {
      return trouble(error, gate, deadline.aborted, elapsedMs());
    }
  }

  return withConnectRetries({
    exchange,
    close() {
      closing.abort();
      agent.destroy();
      return Promise.resolve();
    },
  });
}

/**
 * Stands between node:http and the socket. node:http writes a waiting request right after its `socket` event when the
 * socket is connected, or from the socket's own connect event when it is not; this gate listens in front of both.
 */
class SendGate {
  /** The gate let the bytes through: from here on nothing is certain but a whole answer. */
  passed = false;
  refused = false;
  readonly #maySend: () => boolean;
  readonly #connectedEvent: 'connect' | 'secureConnect';
  readonly #connectTimeoutMs: number;

  constructor(maySend: () => boolean, connectedEvent: 'connect' | 'secureConnect', connectTimeoutMs: number) {
    this.#maySend = maySend;
    this.#connectedEvent = connectedEvent;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** What axios calls to make the request. */
  open(secure: boolean) {
    return (
      options: https.RequestOptions,
      onAnswer: (answer: http.IncomingMessage) => void,
    ): http.ClientRequest => {
      const limited = { ...options, maxHeaderSize: ANSWER_HEAD_BYTES_MAX };
      // Looked up at call time: nock replaces it.
      const request = (secure ? https : http).request(limited, onAnswer);
      request.once('socket', (socket) => this.#watch(request, socket));
      return request;
    };
  }

  #watch(request: http.ClientRequest, socket: Socket): void {
    // A TLS socket stays in this state until its handshake is done, which `connecting` does not tell.
    if (request.reusedSocket || !socket.connecting) return this.#ask(request);
    const timer = setTimeout(() => request.destroy(new Error('connect time-out')), this.#connectTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once(this.#connectedEvent, () => {
      clearTimeout(timer);
      this.#ask(request);
    });
  }

  #ask(request: http.ClientRequest): void {
    if (request.destroyed) return;
    if (this.#maySend()) {
      this.passed = true;
    } else {
      this.refused = true;
      request.destroy(new Error('maySend refused'));
    }
  }
}

function trouble(error: unknown, gate: SendGate, deadlinePassed: boolean, elapsedMs: number): HttpExchange {
  const detail = describeTrouble(error);
  if (!gate.passed) {
    if (gate.refused) return { type: 'not_sent', cause: 'send_by_passed', detail, elapsedMs };
    const cause = axios.isCancel(error) && !deadlinePassed ? 'aborted_before_send' : 'connect_failed';
    return { type: 'not_sent', cause, detail, elapsedMs };
  }
  const status = error instanceof AxiosError ? error.response?.status : undefined;
  if (deadlinePassed) return { type: 'lost', cause: 'timeout', detail, status, elapsedMs };
  const tooLarge =
    error instanceof AxiosError && (error.code === 'HPE_HEADER_OVERFLOW' || isOverBodyLimit(error));
  return { type: 'lost', cause: tooLarge ? 'too_large' : 'connection_lost', detail, status, elapsedMs };
}

/** axios would quietly strip what is not allowed; a changed header is worse than none. */
function assertExpressible({ path, headers }: HttpRequest): void {
  if (!/^[\x21-\x7e]+$/.test(path)) throw new TypeError('invalid request path');
  for (const [name, value] of Object.entries(headers)) http.validateHeaderValue(name, value);
}

/** axios has no code of its own for this; the text is in lib/adapters/http.js of 1.21. A miss only costs the name. */
function isOverBodyLimit(error: AxiosError): boolean {
  return error.code === AxiosError.ERR_BAD_RESPONSE && error.message.startsWith('maxContentLength');
}
