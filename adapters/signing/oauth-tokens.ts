/**
 * Access tokens by OAuth 2.0 client credentials (RFC 6749 §4.4). One token per channel and process, asked for once
 * however many calls wait for it, and renewed before it ends. Asking for a token moves no points, so it may be asked
 * for again; whether the call that waits may be sent is asked afterwards, by the transport.
 */
import { fieldOf, parseJson, scalarText } from '../lossless-json.ts';
import type { HttpExchange, HttpTransport } from '../http/transport.ts';

export interface OAuthClient {
  readonly transport: HttpTransport;
  /** Of the token endpoint, percent-encoded, query included. */
  readonly path: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  readonly credentialsIn: 'header' | 'body';
  readonly renewBeforeMs: number;
  readonly deadlineMs: number;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

/** Why there is no token; nothing was sent to the channel itself. */
export interface NoToken {
  readonly type: 'no_token';
  readonly cause: 'unreachable' | 'refused' | 'aborted';
  readonly detail: string;
}
interface Token {
  readonly type: 'token';
  readonly token: string;
}

/** Where an answer does not say how long its token lives, it is not kept long. */
const LIFETIME_DEFAULT_MS = 300_000;
const LIFETIME_MAX_MS = 86_400_000;

export class OAuthTokens {
  readonly #client: OAuthClient;
  #held: { readonly token: string; readonly renewAtMs: number; readonly endsAtMs: number } | undefined;
  #asking: Promise<Token | NoToken> | undefined;

  constructor(client: OAuthClient) {
    this.#client = client;
  }

  /** What no evidence may show. */
  get secrets(): readonly string[] {
    const { clientId, clientSecret } = this.#client;
    const basic = Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString('base64');
    return [clientSecret, basic, ...(this.#held === undefined ? [] : [this.#held.token])];
  }

  /** The token in hand, or a new one; waits no longer than `deadlineMs`. */
  async token(limits: {
    readonly deadlineMs: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<Token | NoToken> {
    const held = this.#held;
    const now = this.#client.clock();
    if (held !== undefined && now < held.renewAtMs) return { type: 'token', token: held.token };
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    const asked = await within(this.#asking, limits);
    // A renewal that came to nothing costs nothing while the old token lives.
    if (
      asked.type === 'no_token' &&
      held !== undefined &&
      held === this.#held &&
      this.#client.clock() < held.endsAtMs
    ) {
      return { type: 'token', token: held.token };
    }
    return asked;
  }

  /** The channel said 401 to this token: it is not used again. Another one that has come since stays. */
  forget(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  close(): Promise<void> {
    return this.#client.transport.close();
  }

  async #ask(): Promise<Token | NoToken> {
    const { transport, path, clientId, clientSecret, scope, credentialsIn, deadlineMs } = this.#client;
    const inBody = credentialsIn === 'body';
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
      ...(inBody ? { client_id: clientId, client_secret: clientSecret } : {}),
    }).toString();
    const credentials = Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString('base64');
    const exchange = await transport.exchange(
      {
        method: 'POST',
        path,
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          ...(inBody ? {} : { authorization: `Basic ${credentials}` }),
        },
        body,
      },
      { deadlineMs, maySend: () => true },
    );
    return this.#read(exchange);
  }

  #read(exchange: HttpExchange): Token | NoToken {
    if (exchange.type !== 'answer') {
      return { type: 'no_token', cause: 'unreachable', detail: `no token: ${exchange.detail}` };
    }
    const answer = parseJson(exchange.body);
    const token = fieldOf(answer, 'access_token');
    // RFC 6749 §5.2: 400, or 401, says that it is the client that is wrong.
    if (exchange.status === 400 || exchange.status === 401 || exchange.status === 403) {
      return { type: 'no_token', cause: 'refused', detail: `the token endpoint answered ${exchange.status}` };
    }
    if (exchange.status !== 200 || typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) {
      return {
        type: 'no_token',
        cause: 'unreachable',
        detail: `the token endpoint answered ${exchange.status} without a token`,
      };
    }
    const now = this.#client.clock();
    const lifetimeMs = lifetimeIn(scalarText(fieldOf(answer, 'expires_in')));
    const renewBeforeMs = Math.min(this.#client.renewBeforeMs, lifetimeMs / 2);
    this.#held = { token, renewAtMs: now + lifetimeMs - renewBeforeMs, endsAtMs: now + lifetimeMs };
    return { type: 'token', token };
  }
}

function lifetimeIn(seconds: string | undefined): number {
  if (seconds === undefined || !/^\d{1,9}$/.test(seconds)) return LIFETIME_DEFAULT_MS;
  return Math.min(Number(seconds) * 1_000, LIFETIME_MAX_MS);
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they become a basic credential. */
function formEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+');
}

/** The one who waits gives up at its own deadline; the asking goes on for the others. */
async function within(
  asking: Promise<Token | NoToken>,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Token | NoToken> {
  const ended = Promise.withResolvers<NoToken>();
  const timer = setTimeout(
    () => ended.resolve({ type: 'no_token', cause: 'unreachable', detail: 'no token within the deadline' }),
    deadlineMs,
  );
  const onAbort = (): void =>
    ended.resolve({ type: 'no_token', cause: 'aborted', detail: 'aborted while waiting for a token' });
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([asking, ended.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
