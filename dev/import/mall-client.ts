import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { Agent } from 'node:http';
import pRetry, { AbortError } from 'p-retry';
import type { OrderRequest } from '@points-hub/hub';

/** How an order ended, or that it has not yet. */
export interface OrderState {
  readonly status: 'settling' | 'compensating' | 'settled' | 'cancelled';
  readonly reason?: { readonly code: string; readonly channel: string } | undefined;
}

/**
 * A mall's client of the hub's API. Everything it sends is idempotent, so it goes on through restarts of the hub: a
 * connection lost, 429 and 503 are tried again for up to `patienceMs`.
 */
export interface MallClient {
  /** @throws Error with the problem's code and detail when the hub refuses the order */
  place(order: OrderRequest): Promise<void>;
  /** Waits until the order ends; asks `stillWaiting` after each answer that it has not, which may throw to give up. */
  ended(orderId: string, stillWaiting?: () => void): Promise<OrderState>;
  close(): void;
}

export function mallClient(url: string, apiKey: string, patienceMs: number): MallClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const http: AxiosInstance = axios.create({
    baseURL: url,
    httpAgent: agent,
    proxy: false,
    timeout: 30_000,
    headers: { authorization: `Bearer ${apiKey}` },
    validateStatus: () => true,
  });

  const patiently = (call: () => Promise<AxiosResponse>): Promise<AxiosResponse> =>
    pRetry(
      async () => {
        const answer = await call();
        if (answer.status === 429 || answer.status >= 500) throw new Error(problemText(answer));
        if (answer.status >= 400) throw new AbortError(problemText(answer));
        return answer;
      },
      {
        retries: Infinity,
        minTimeout: 100,
        maxTimeout: 1_000,
        randomize: true,
        maxRetryTime: patienceMs,
        shouldRetry: () => true,
      },
    );

  return {
    place: async (order) => {
      await patiently(() => http.post('/v1/orders', order));
    },
    ended: async (orderId, stillWaiting = () => undefined) => {
      for (;;) {
        const path = `/v1/orders/${encodeURIComponent(orderId)}`;
        const answer = await patiently(() => http.get(path, { headers: { prefer: 'wait=20' } }));
        const state = answer.data as OrderState;
        if (state.status === 'settled' || state.status === 'cancelled') return state;
        stillWaiting();
      }
    },
    close: () => agent.destroy(),
  };
}

function problemText({ status, data }: AxiosResponse): string {
  const { code, detail } = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  return typeof code === 'string' ? `${status} ${code}: ${String(detail)}` : `HTTP status ${status}`;
}
