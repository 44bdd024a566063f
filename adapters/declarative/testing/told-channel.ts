import type { HttpExchange, HttpRequest, HttpTransport } from '../../http/transport.ts';

/** A transport that keeps what is asked of it and ends each exchange as it is told, the last way again and again. */
export function toldTransport(...ends: readonly HttpExchange[]) {
  const requests: HttpRequest[] = [];
  const transport: HttpTransport = {
    exchange(request) {
      requests.push(request);
      return Promise.resolve(ends[Math.min(requests.length, ends.length) - 1] as HttpExchange);
    },
    close: () => Promise.resolve(),
  };
  return { transport, requests };
}

export function answer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpExchange {
  return {
    type: 'answer',
    status,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    elapsedMs: 1,
  };
}
