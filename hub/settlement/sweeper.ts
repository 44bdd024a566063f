import type { Logger } from 'pino';
import { laterByTimer, type Later } from '../later.ts';
import type { Settler } from './settle.ts';
import type { SettlementStore } from './store-port.ts';

export interface SweeperOptions {
  readonly store: Pick<
    SettlementStore,
    'wakeOverdue' | 'overdueOrders' | 'awayTooLong' | 'sweepCallbacks' | 'forgetCallbacks'
  >;
  readonly settler: Pick<Settler, 'endOverdue' | 'giveUp'>;
  /** How long a remote may be away before what is in doubt there becomes cases. Default: for ever. */
  readonly awayMaxMs?: number;
  /** Between two looks; each look goes on until nothing is overdue. */
  readonly intervalMs: number;
  /** Default: nobody looks after callbacks here. */
  readonly callbacks?: CallbackPatience;
  readonly log: Logger;
  /** Told after messages were appended. */
  readonly onWoken: () => void;
  /** Default: a timer of Node's. */
  readonly later?: Later;
}

export interface CallbackPatience {
  /** How long a callback may be about an operation that nobody knows before it becomes a case. */
  readonly unmatchedAfterMs: number;
  /** How long one that was taken in is kept. */
  readonly retentionMs: number;
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
  readonly away: number;
}

const batchMax = 500;

/**
 * Looks after deductions that nobody woke (their message was lost, purged, or dropped because of a lease whose holder
 * died), turns back orders whose deadline is past, makes cases of what waits for a remote that does not come back, and
 * brings callbacks that nobody took in to where they belong. Any number of sweepers may run.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const {
    store,
    settler,
    awayMaxMs = Infinity,
    intervalMs,
    callbacks,
    log,
    onWoken,
    later = laterByTimer,
  } = options;
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

  async function giveUpAway(): Promise<number> {
    let away = 0;
    if (awayMaxMs === Infinity) return away;
    for (;;) {
      const waiting = await store.awayTooLong(batchMax, awayMaxMs);
      const ends = await Promise.all(
        waiting.map(({ orderRowId, deductionId }) => settler.giveUp(orderRowId, deductionId, 'remote_away')),
      );
      const held = ends.filter((end) => end === 'held').length;
      away += held;
      // Where nobody could be held somebody calls for them just now; the next sweep looks again.
      if (waiting.length < batchMax || held === 0 || stopped.signal.aborted) return away;
    }
  }

  async function lookAfterCallbacks({ unmatchedAfterMs, retentionMs }: CallbackPatience): Promise<void> {
    for (;;) {
      const { looked, woken, reported } = await store.sweepCallbacks(batchMax, unmatchedAfterMs);
      if (woken > 0) onWoken();
      if (reported > 0) log.error({ callbacks: reported }, 'callbacks about nothing we know became cases');
      if (looked < batchMax || stopped.signal.aborted) break;
    }
    while ((await store.forgetCallbacks(batchMax, retentionMs)) === batchMax && !stopped.signal.aborted);
  }

  async function sweep(): Promise<Swept> {
    if (callbacks !== undefined) await lookAfterCallbacks(callbacks);
    const swept = {
      woken: await wakeOverdue(),
      overdueOrders: await endOverdueOrders(),
      away: await giveUpAway(),
    };
    if (swept.woken > 0) log.info(swept, 'woke deductions that nobody had looked at in time');
    if (swept.overdueOrders > 0) log.warn(swept, 'turned back orders that had not settled by their deadline');
    if (swept.away > 0) log.error(swept, 'deductions whose remote does not come back became cases');
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
