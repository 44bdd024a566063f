import type { Logger } from 'pino';
import { laterByTimer, type Later } from './later.ts';
import type { Settler } from './settle.ts';
import type { SettlementStore } from './store-port.ts';

export interface SweeperOptions {
  readonly store: Pick<SettlementStore, 'wakeOverdue' | 'overdueOrders'>;
  readonly settler: Pick<Settler, 'endOverdue'>;
  /** Between two looks; each look goes on until nothing is overdue. */
  readonly intervalMs: number;
  readonly log: Logger;
  /** Told after messages were appended. */
  readonly onWoken: () => void;
  /** Default: a timer of Node's. */
  readonly later?: Later;
}

export interface Sweeper {
  /** One look. */
  sweep(): Promise<Swept>;
  stop(): Promise<void>;
}

/** What one look found. */
export interface Swept {
  readonly woken: number;
  readonly overdueOrders: number;
}

const batchMax = 500;

/**
 * Looks after deductions that nobody woke (their message was lost, purged, or dropped because of a lease whose holder
 * died), and turns back orders whose deadline is past. Any number of sweepers may run.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { store, settler, intervalMs, log, onWoken, later = laterByTimer } = options;
  const stopped = new AbortController();
  let cancel = (): void => undefined;

  async function wakeOverdue(): Promise<number> {
    let woken = 0;
    for (;;) {
      const batch = await store.wakeOverdue(batchMax);
      woken += batch;
      if (batch > 0) onWoken();
      if (batch < batchMax || stopped.signal.aborted) return woken;
    }
  }

  async function endOverdueOrders(): Promise<number> {
    let ended = 0;
    for (;;) {
      const orders = await store.overdueOrders(batchMax);
      await Promise.all(orders.map((orderRowId) => settler.endOverdue(orderRowId)));
      ended += orders.length;
      if (orders.length < batchMax || stopped.signal.aborted) return ended;
    }
  }

  async function sweep(): Promise<Swept> {
    const swept = { woken: await wakeOverdue(), overdueOrders: await endOverdueOrders() };
    if (swept.woken > 0) log.info(swept, 'woke deductions that nobody had looked at in time');
    if (swept.overdueOrders > 0) log.warn(swept, 'turned back orders that had not settled by their deadline');
    return swept;
  }

  let sweeping = Promise.resolve();
  function schedule(): void {
    cancel = later(intervalMs, () => {
      sweeping = sweep()
        .then(() => undefined)
        .catch((error: unknown) => log.warn({ err: error }, 'the sweep did not finish; the next one goes on'))
        .finally(() => {
          if (!stopped.signal.aborted) schedule();
        });
    });
  }
  schedule();

  return {
    sweep,
    stop: async () => {
      stopped.abort();
      cancel();
      await sweeping;
    },
  };
}
