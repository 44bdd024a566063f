import { describe, expect, test } from '@jest/globals';

import { withConnectRetries } from './connect-retry.ts';
import type { ExchangeLimits, HttpExchange, HttpRequest } from './transport.ts';

const REQUEST: HttpRequest = { method: 'POST', path: '/', headers: {}, body: '{}' };
const REFUSED: HttpExchange = {
  type: 'not_sent',
  cause: 'connect_failed',
  detail: 'ECONNREFUSED',
  elapsedMs: 1,
};
const ANSWER: HttpExchange = { type: 'answer', status: 200, headers: {}, body: '{}', elapsedMs: 1 };
const LOST: HttpExchange = { type: 'lost', cause: 'timeout', detail: '', status: undefined, elapsedMs: 1 };

/** A transport that ends its exchanges as listed, the last one again and again. */
function scripted(...ends: readonly HttpExchange[]) {
  const seen: ExchangeLimits[] = [];
  const transport = withConnectRetries({
    exchange(_request, limits) {
      seen.push(limits);
      return Promise.resolve(ends[Math.min(seen.length, ends.length) - 1] as HttpExchange);
    },
    close: () => Promise.resolve(),
  });
  return { transport, seen };
}

describe('connect retries', () => {
  test('a connection refused once costs no attempt', async () => {
    const { transport, seen } = scripted(REFUSED, ANSWER);
    const exchange = await transport.exchange(REQUEST, { deadlineMs: 10_000, maySend: () => true });
    expect([exchange.type, seen.length]).toEqual(['answer', 2]);
  });

  test('there are three tries at most, each with what is left of the deadline', async () => {
    const { transport, seen } = scripted(REFUSED);
    const exchange = await transport.exchange(REQUEST, { deadlineMs: 10_000, maySend: () => true });
    expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed', detail: 'ECONNREFUSED' });
    expect(seen).toHaveLength(3);
    expect(seen[1]?.deadlineMs).toBeLessThan(10_000);
    expect(seen[2]?.deadlineMs).toBeLessThan(seen[1]?.deadlineMs ?? 0);
  });

  test.each([
    ['an answer', ANSWER],
    ['doubt', LOST],
    ['a refusal of maySend', { ...REFUSED, cause: 'send_by_passed' } as const],
  ])('%s is never tried again', async (_, end) => {
    const { transport, seen } = scripted(end, ANSWER);
    expect(await transport.exchange(REQUEST, { deadlineMs: 10_000, maySend: () => true })).toBe(end);
    expect(seen).toHaveLength(1);
  });

  test('doubt in a later try is the end', async () => {
    const { transport, seen } = scripted(REFUSED, LOST, ANSWER);
    const exchange = await transport.exchange(REQUEST, { deadlineMs: 10_000, maySend: () => true });
    expect([exchange.type, seen.length]).toEqual(['lost', 2]);
  });

  test('a deadline shorter than the pause ends without another try', async () => {
    const { transport, seen } = scripted(REFUSED, ANSWER);
    const exchange = await transport.exchange(REQUEST, { deadlineMs: 1, maySend: () => true });
    expect([exchange.type, seen.length]).toEqual(['not_sent', 1]);
  });

  test('an abort during the pause ends it: nothing was sent', async () => {
    const { transport, seen } = scripted(REFUSED, ANSWER);
    const caller = new AbortController();
    const exchange = transport.exchange(REQUEST, {
      deadlineMs: 10_000,
      maySend: () => true,
      signal: caller.signal,
    });
    caller.abort();
    expect(await exchange).toMatchObject({ type: 'not_sent', cause: 'aborted_before_send' });
    expect(seen).toHaveLength(1);
  });
});
