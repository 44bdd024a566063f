/**
 * One HTTP exchange with an honest end: an answer, or trouble that says whether the request may have left.
 *
 * The difference decides what happens to somebody's points. Trouble before the first byte is a non-event; trouble
 * after it is doubt, whatever the error is called. Nothing here looks at what an answer means.
 */

/** What to send. `path` is appended to the transport's base URL and must be percent-encoded already. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Lower-case names; values of visible ASCII. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Limits of one exchange. */
export interface ExchangeLimits {
  /** From the call of `exchange` to the answer's last byte, connecting and short retries included. */
  readonly deadlineMs: number;
  /** Asked immediately before the first byte is written, each time one would be; false → nothing is written. */
  readonly maySend: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer, whatever its status. Redirects are answers too and are never followed. */
export interface HttpAnswer {
  readonly type: 'answer';
  readonly status: number;
  /** Lower-case names; a header sent several times is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8; at most `answerBytesMax` bytes on the wire. */
  readonly body: string;
  readonly elapsedMs: number;
}

/** Not one byte of the request was written. */
export interface HttpNotSent {
  readonly type: 'not_sent';
  /** `connect_failed` covers DNS, refusal, TLS, and no connection within the deadline. */
  readonly cause: 'connect_failed' | 'send_by_passed' | 'aborted_before_send';
  readonly detail: string;
  readonly elapsedMs: number;
}

/** The request left, or may have; there is no whole answer. */
export interface HttpLost {
  readonly type: 'lost';
  /** `connection_lost` covers resets, broken HTTP, and an abort by the caller or by `close`. */
  readonly cause: 'timeout' | 'connection_lost' | 'too_large';
  readonly detail: string;
  /** The status line had arrived; the body had not, or not whole. */
  readonly status: number | undefined;
  readonly elapsedMs: number;
}

export type HttpExchange = HttpAnswer | HttpNotSent | HttpLost;

/**
 * A pool of connections to one remote. `exchange` never rejects for anything the remote or the network does; a
 * request that HTTP cannot express (a header value with a line break) rejects with a TypeError, since no remote did that.
 */
export interface HttpTransport {
  exchange(request: HttpRequest, limits: ExchangeLimits): Promise<HttpExchange>;
  /** Destroys the sockets; exchanges in flight end `lost`, those that wait for a connection end `not_sent`. */
  close(): Promise<void>;
}

/** How a pool is opened. */
export interface TransportOptions {
  /** `https://host[:port][/prefix]`; TLS certificates are always verified. */
  readonly baseUrl: string;
  /** Sockets at most; further exchanges wait for a free one inside their deadline. */
  readonly connectionsMax: number;
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number;
  /** Of the answer's body. Default 262,144. */
  readonly answerBytesMax?: number;
  /** PEM of a private certificate authority, in addition to none: it replaces the public ones. */
  readonly certificateAuthority?: string;
  /** `http(s)://[user:password@]host[:port]` of a proxy to CONNECT through, whatever the scheme of `baseUrl`. */
  readonly proxyUrl?: string;
}

export const ANSWER_BYTES_MAX_DEFAULT = 262_144;
/** Of the answer's head, all headers together. */
export const ANSWER_HEAD_BYTES_MAX = 16_384;

/** Splits a base URL into what a pool connects to and what every path begins with (no trailing slash). */
export function splitBaseUrl(baseUrl: string): { readonly origin: string; readonly prefix: string } {
  const url = new URL(baseUrl);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

/**
 * The code and message of a socket's or library's error; they may reach evidence, so the text is kept short. By shape,
 * not by class: an error may come from another realm, and the error of a name with several addresses has no message.
 */
export function describeTrouble(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown trouble';
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const parts = [typeof code === 'string' ? code : name, message];
  return parts
    .filter((part) => typeof part === 'string' && part !== '')
    .join(': ')
    .slice(0, 200);
}
