/**
 * Waiting for orders to end. The worker that ends an order may be another process, so one poller serves all who wait
 * in this one: a single query for all their orders, only while somebody waits. A worker in this process says so at
 * once.
 */
import type { Logger } from 'pino';
import type { OrderEnds } from '../order-ends.ts';
import type { OrderName } from '../store/order-view.ts';

export interface OrderWaits {
  /**
   * Begins to watch an order. Watch first, read the order then, and wait last: so no end is missed in between.
   *
   * @returns undefined when too many are watching already, or after `close`
   */
  watch(order: OrderName): OrderWatch | undefined;
  /** Lets everybody go. Idempotent. */
  close(): void;
}

export interface OrderWatch {
  /** Resolves when the order has ended, `waitMs` have passed, `signal` aborts or the waits are closed. */
  wait(waitMs: number, signal: AbortSignal): Promise<void>;
  /** Ends the watch. Idempotent. */
  release(): void;
}

export interface OrderWaitsOptions {
  /** What workers of this process say. */
  readonly orderEnds: OrderEnds;
  /** Those of the given orders that have ended. */
  readonly readEnded: (orders: readonly OrderName[]) => Promise<readonly OrderName[]>;
  readonly log: Logger;
}

/** From the end of one query to the start of the next. */
export const pollEveryMs = 150;
/** Watches at most; each costs an index look-up per poll. */
export const watchesMax = 5_000;

export function orderWaits({ orderEnds, readEnded, log }: OrderWaitsOptions): OrderWaits {
  /** How to end each watch, and for which order. */
  const watched = new Map<() => void, OrderName>();
  let isClosed = false;
  let isPolling = false;
  let timer: NodeJS.Timeout | undefined;

  function pollLater(): void {
    if (isPolling || timer !== undefined || watched.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      void poll();
    }, pollEveryMs);
  }

  async function poll(): Promise<void> {
    isPolling = true;
    try {
      // Through the port, which knows by name who listens.
      for (const { mallId, orderId } of await readEnded([...watched.values()]))
        orderEnds.notify(mallId, orderId);
    } catch (error) {
      // Those who wait are let go when their time is up, and meet the trouble themselves.
      log.warn({ err: error }, 'could not ask which orders have ended');
    } finally {
      isPolling = false;
      pollLater();
    }
  }

  function watch(order: OrderName): OrderWatch | undefined {
    if (isClosed || watched.size >= watchesMax) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => resolve();
    const stopListening = orderEnds.listen(order.mallId, order.orderId, end);
    watched.set(end, order);
    pollLater();
    return {
      wait: async (waitMs, signal) => {
        if (signal.aborted) return;
        const timeout = setTimeout(end, waitMs);
        signal.addEventListener('abort', end, { once: true });
        await promise;
        clearTimeout(timeout);
        signal.removeEventListener('abort', end);
      },
      release: () => {
        if (!watched.delete(end)) return;
        stopListening();
        if (watched.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
      },
    };
  }

  return {
    watch,
    close: () => {
      isClosed = true;
      for (const end of watched.keys()) end();
    },
  };
}
