import type { Knex } from 'knex';
import type { Broker, OutgoingMessage, PublishOutcome } from './broker/port.ts';
import { silentLog, type Log } from './log.ts';
import { runConsumedRelay } from './relay/consumed-relay.ts';
import { RelayContext, type OutcomeCounts } from './relay/relay-context.ts';
import { runStoredRelay } from './relay/stored-relay.ts';

export interface RelayOptions {
  /** Needs `lanesMax` connections of its pool beside those of the caller. */
  readonly knex: Knex;
  readonly broker: Broker;
  /** The CloudEvents `source` of every message: a URI that names this outbox, e.g. `/shop/orders`. */
  readonly source: string;
  /** Rows of one transaction, 1 to 5,000. Default 1,000. */
  readonly batchMax?: number;
  /** Transactions beside each other, before RabbitMQ. Default 2: each reads past the rows of all others. */
  readonly lanesMax?: number;
  /** The longest wait between two looks into an empty outbox: what the first message after a quiet time may wait. Default 20 ms. */
  readonly pollMaxMs?: number;
  /** Before the in-process broker: how long a claim outlives the death of its relay. Default 10,000 ms. */
  readonly claimMs?: number;
  /** Before the in-process broker: messages in flight for one exchange and routing key. Default 100. */
  readonly routeWindowMax?: number;
  /** Before the in-process broker: how long `stop` waits for handlers. Default 10,000 ms. */
  readonly stopTimeoutMs?: number;
  /** Called for every message once what became of it is committed. Must not throw. */
  readonly onPublished?: (message: OutgoingMessage, outcome: PublishOutcome) => void;
  /** From 0 to below 1, for jitter. Default `Math.random`. */
  readonly random?: () => number;
  readonly log?: Log;
}

export interface Relay {
  /** Something was committed in this process: look at once. Cheap, and safe to call too often. */
  wake(): void;
  /** Finishes what is in flight, takes nothing new. Idempotent. */
  stop(): Promise<void>;
  /** What became of the messages that this relay published. */
  counts(): OutcomeCounts;
}

/**
 * Starts publishing what stands in `outbox.messages`, until stopped.
 *
 * - Every committed message is published at least once, and in practice once; a message whose transaction was
 *   rolled back is never seen. Only a confirm of the broker deletes a row.
 * - Order: oldest first, roughly. Nothing is promised, for two transactions may commit in either order.
 * - A message that cannot be published moves out of the way (1 s at first, at most 60 s later) and keeps its reason
 *   in `last_failure`.
 * - Any number of relays, in any number of processes, share the work. Rows are claimed by state, never by a last id.
 * - A database or broker that is away stops nothing for good: the relay tries again, at most 5 s later.
 */
export function startRelay(options: RelayOptions): Relay {
  const { broker, lanesMax = 2, claimMs = 10_000, routeWindowMax = 100, stopTimeoutMs = 10_000 } = options;
  const context = new RelayContext({
    knex: options.knex,
    broker,
    source: options.source,
    batchMax: options.batchMax ?? 1_000,
    pollMaxMs: options.pollMaxMs ?? 20,
    random: options.random ?? Math.random,
    onPublished: options.onPublished ?? (() => undefined),
    log: options.log ?? silentLog,
  });
  const running = run();

  function run(): Promise<void> {
    switch (broker.settlement) {
      case 'stored':
        return runStoredRelay(context, lanesMax);
      case 'consumed':
        return runConsumedRelay(context, { claimMs, routeWindowMax, stopTimeoutMs });
    }
  }

  return {
    wake: () => context.signal.set(),
    stop: () => {
      context.stop();
      return running;
    },
    counts: () => context.counts(),
  };
}
