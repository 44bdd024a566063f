import type { Logger } from 'pino';
import type { SettlementStore } from './store-port.ts';

export interface SweeperOptions {
  readonly store: Pick<SettlementStore, 'wakeOverdue'>;
  /** Between two looks; each look goes on until nothing is overdue. */
  readonly intervalMs: number;
  readonly log: Logger;
  /** Told after messages were appended. */
  readonly onWoken: () => void;
}

export interface Sweeper {
  /** One look. @returns how many deductions were woken */
  sweep(): Promise<number>;
  stop(): Promise<void>;
}

const batchMax = 500;

/**
 * Looks after deductions that nobody woke: their message was lost, purged, or dropped because of a lease whose
 * holder died. Any number of sweepers may run.
 */
export function startSweeper({ store, intervalMs, log, onWoken }: SweeperOptions): Sweeper {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function sweep(): Promise<number> {
    let woken = 0;
    for (;;) {
      const batch = await store.wakeOverdue(batchMax);
      woken += batch;
      if (batch > 0) onWoken();
      if (batch < batchMax || stopped.signal.aborted) break;
    }
    if (woken > 0) log.info({ woken }, 'woke deductions that nobody had looked at in time');
    return woken;
  }

  let sweeping = Promise.resolve();
  function schedule(): void {
    timer = setTimeout(() => {
      sweeping = sweep()
        .then(() => undefined)
        .catch((error: unknown) => log.warn({ err: error }, 'the sweep did not finish; the next one goes on'))
        .finally(() => {
          if (!stopped.signal.aborted) schedule();
        });
    }, intervalMs);
  }
  schedule();

  return {
    sweep,
    stop: async () => {
      stopped.abort();
      clearTimeout(timer);
      await sweeping;
    },
  };
}
