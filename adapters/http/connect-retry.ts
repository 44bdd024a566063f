import pRetry from 'p-retry';

import type { ExchangeLimits, HttpExchange, HttpNotSent, HttpRequest, HttpTransport } from './transport.ts';

/** Further tries after the first: at about 50 and 150 ms. */
const FURTHER_TRIES = 2;
const FIRST_PAUSE_MS = 50;

/**
 * Tries again, two times and briefly, when no connection could be made: the one trouble after which a second request
 * cannot be a second effect. A listener that is just restarting or a resolver that hiccups then costs no attempt.
 * The deadline spans all tries. Everything else is passed on untouched.
 */
export function withConnectRetries(transport: HttpTransport): HttpTransport {
  return {
    async exchange(request, limits) {
      const startedAtMs = performance.now();
      const first = await transport.exchange(request, limits);
      if (!isWorthAnotherTry(first)) return first;
      return tryAgain(transport, request, limits, startedAtMs, first);
    },
    close: () => transport.close(),
  };
}

/** Carries a fruitless try through p-retry, which speaks in thrown errors. */
class NoConnection extends Error {
  readonly exchange: HttpNotSent;
  constructor(exchange: HttpNotSent) {
    super(exchange.detail);
    this.exchange = exchange;
  }
}

async function tryAgain(
  transport: HttpTransport,
  request: HttpRequest,
  limits: ExchangeLimits,
  startedAtMs: number,
  first: HttpNotSent,
): Promise<HttpExchange> {
  const elapsedMs = (): number => performance.now() - startedAtMs;
  let latest = first;
  try {
    return await pRetry(
      async (tryNumber) => {
        // p-retry's own first try only stands for the one that has failed, so that the pause comes before the next.
        if (tryNumber === 1) throw new NoConnection(first);
        const deadlineMs = Math.floor(limits.deadlineMs - elapsedMs());
        if (deadlineMs < 1) return { ...latest, elapsedMs: elapsedMs() };
        const exchange = await transport.exchange(request, { ...limits, deadlineMs });
        if (isWorthAnotherTry(exchange)) {
          latest = exchange;
          throw new NoConnection(exchange);
        }
        return { ...exchange, elapsedMs: elapsedMs() };
      },
      {
        retries: FURTHER_TRIES,
        minTimeout: FIRST_PAUSE_MS,
        factor: 2,
        // What is left of the deadline bounds the pauses, too.
        maxRetryTime: Math.max(0, limits.deadlineMs - elapsedMs()),
        ...(limits.signal === undefined ? {} : { signal: limits.signal }),
      },
    );
  } catch (error) {
    if (error instanceof NoConnection) return { ...latest, elapsedMs: elapsedMs() };
    if (limits.signal?.aborted) {
      return {
        type: 'not_sent',
        cause: 'aborted_before_send',
        detail: latest.detail,
        elapsedMs: elapsedMs(),
      };
    }
    throw error;
  }
}

function isWorthAnotherTry(exchange: HttpExchange): exchange is HttpNotSent {
  return exchange.type === 'not_sent' && exchange.cause === 'connect_failed';
}
