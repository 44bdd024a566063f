import { readRemoteConfig } from '@points-hub/hub';
import axios from 'axios';
import { join } from 'node:path';
import type { StackUrls } from './run-stack.ts';

/** A trickle of made-up orders, so that there is something to look at. */
export interface DemoTraffic {
  stop(): Promise<void>;
}

const pauseMs = 2_000;
const shoppers = 50;

/**
 * Places an order every two seconds, for one to three channels, and says how each ended. Trouble is said, too, and the
 * next order is tried all the same. Nine in ten orders are small; now and then a user asks for more than he has.
 */
export function startDemoTraffic(urls: StackUrls, say: (line: string) => void): DemoTraffic {
  const channels = [...readRemoteConfig(join(import.meta.dirname, 'config')).channels.keys()];
  const http = axios.create({
    baseURL: urls.hub,
    proxy: false,
    timeout: 30_000,
    headers: { authorization: `Bearer ${urls.apiKey}` },
  });
  const stopping = new AbortController();
  const run = Date.now().toString(36);
  let count = 0;

  async function placeOne(): Promise<void> {
    count += 1;
    const order = demoOrder(`demo-${run}-${count}`, channels, Math.random);
    const startedAt = performance.now();
    await http.post('/v1/orders', order, { signal: stopping.signal });
    const { data } = await http.get<{ status: string; reason?: { code: string; channel: string } }>(
      `/v1/orders/${order.orderId}`,
      { headers: { prefer: 'wait=20' }, signal: stopping.signal },
    );
    const parts = order.deductions.map(({ channel, points }) => `${points} at ${channel}`).join(' + ');
    const why = data.reason === undefined ? '' : ` (${data.reason.code} at ${data.reason.channel})`;
    say(
      `${order.orderId}  ${parts}  ${data.status}${why} after ${Math.round(performance.now() - startedAt)} ms`,
    );
  }

  let said: string | undefined;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const trouble = await placeOne().then(
        () => undefined,
        (error: Error) => error.message,
      );
      // Said once, however long it lasts.
      if (trouble !== undefined && trouble !== said && !stopping.signal.aborted)
        say(`a demo order failed: ${trouble}`);
      said = trouble;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        stopping.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

interface DemoOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly deductions: readonly { readonly channel: string; readonly points: string }[];
}

/** @param random uniform in [0, 1) */
function demoOrder(orderId: string, channels: readonly string[], random: () => number): DemoOrder {
  const pick = (count: number): number => Math.floor(random() * count);
  const from = pick(channels.length);
  const deductions = Array.from({ length: 1 + pick(3) }, (_, index) => {
    const whole = random() < 0.1 ? 9_000 + pick(9_000) : 1 + pick(60);
    const hundredths = String(pick(100)).padStart(2, '0');
    return { channel: channels[(from + index) % channels.length] ?? '', points: `${whole}.${hundredths}` };
  });
  return { orderId, userId: `shopper-${1 + pick(shoppers)}`, deductions };
}
