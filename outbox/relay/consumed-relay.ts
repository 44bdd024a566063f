import { setTimeout as delay } from 'node:timers/promises';
import { knexConnection } from '../sql-connection.ts';
import { within } from '../within.ts';
import { backoffMs } from './backoff.ts';
import { settle, toMessage, type Publication } from './publication.ts';
import type { RelayContext } from './relay-context.ts';
import { BusyRoutes } from './busy-routes.ts';
import {
  claimAvailable,
  deletePublished,
  postpone,
  releaseClaims,
  releaseExpiredClaims,
  renewClaims,
  type ClaimedRow,
} from './statements.ts';

export interface ConsumedRelayLimits {
  /** How long a claim lasts without being renewed; renewed every third of it. */
  readonly claimMs: number;
  /** Messages in flight for one route, beyond which no more are claimed for it; a full batch may exceed it once. */
  readonly routeWindowMax: number;
  readonly stopTimeoutMs: number;
}

const inFlightMax = 2_000;
const flushBackoff = { delayMinMs: 50, delayMaxMs: 2_000 };

/**
 * The relay before a broker that completes a publish only when a handler has finished with the message, which may take
 * long. So no transaction stays open meanwhile: rows are claimed for a while, the claims are renewed as long as
 * their messages are in flight, and results are written in batches as they come.
 *
 * A route (exchange and routing key) with a full window gets no more claims until half of it is done, so a
 * slow one never holds up another. What a dead relay had claimed is free again after `claimMs`.
 */
export async function runConsumedRelay(context: RelayContext, limits: ConsumedRelayLimits): Promise<void> {
  const connection = knexConnection(context.knex);
  const inFlight = new Set<string>();
  const routes = new BusyRoutes(limits.routeWindowMax);
  const finished: Publication[] = [];
  let flushing: Promise<void> | undefined;

  async function publish(row: ClaimedRow): Promise<void> {
    const message = toMessage(row, context.source);
    const outcome = await context.broker.publish(message);
    if (routes.left(message)) context.signal.set();
    finished.push({ message, failuresBefore: row.publish_failures, outcome });
    flushing ??= flush().finally(() => (flushing = undefined));
  }

  /** Writes what has finished, group after group, until nothing is left. What finishes meanwhile joins the next. */
  async function flush(): Promise<void> {
    for (let failures = 0; finished.length > 0;) {
      const group = finished.slice(0, context.batchMax);
      try {
        const { publishedIds, postponements } = settle(group, context.random);
        if (publishedIds.length > 0) await deletePublished(connection, publishedIds);
        if (postponements.length > 0) await postpone(connection, postponements);
      } catch (error) {
        // Once their claims have expired, these messages will be published again: at least once, not exactly once.
        context.log.warn({ err: error, count: group.length }, 'relay: results not written, trying again');
        await delay(backoffMs(failures++, flushBackoff, context.random()));
        if (context.isStopping() && failures > 5) return;
        continue;
      }
      failures = 0;
      finished.splice(0, group.length);
      const wasFull = inFlight.size >= inFlightMax;
      for (const { message } of group) inFlight.delete(message.id);
      if (wasFull) context.signal.set();
      context.count(group);
    }
  }

  async function claim(): Promise<number> {
    const rowsMax = Math.min(context.batchMax, limits.routeWindowMax, inFlightMax - inFlight.size);
    if (rowsMax <= 0) return 0;
    const rows = await claimAvailable(connection, { rowsMax, claimMs: limits.claimMs, busy: routes.busy() });
    // `returning` keeps no order; ids are close to the order of claiming.
    rows.sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
    for (const row of rows) {
      // Ours already, but its claim had expired while the database was away.
      if (inFlight.has(row.id)) continue;
      inFlight.add(row.id);
      routes.entered({ exchange: row.exchange, routingKey: row.routing_key });
      void publish(row);
    }
    return rows.length === rowsMax ? rowsMax : -rows.length;
  }

  async function runClaims(): Promise<void> {
    const pace = context.pace(0, true);
    while (!context.isStopping()) {
      if (!context.broker.isReady()) {
        await pace.notReady();
        continue;
      }
      try {
        const count = await claim();
        if (count === 0) await pace.idle();
        else if (count < 0) await pace.caughtUp();
      } catch (error) {
        await pace.failed(error);
      }
    }
  }

  let isRenewing = false;
  async function renew(): Promise<void> {
    if (isRenewing) return;
    isRenewing = true;
    try {
      if (inFlight.size > 0) await renewClaims(connection, [...inFlight], limits.claimMs);
      const released = await releaseExpiredClaims(connection);
      if (released > 0) {
        context.log.warn({ count: released }, 'messages of a relay that died are free again');
        context.signal.set();
      }
    } catch (error) {
      context.log.warn({ err: error }, 'relay: claims not renewed');
    } finally {
      isRenewing = false;
    }
  }

  await renew();
  const renewing = setInterval(() => void renew(), limits.claimMs / 3);
  await runClaims();
  const settled = (async () => {
    while (inFlight.size > 0) {
      await flushing;
      await delay(5);
    }
  })();
  if (!(await within(limits.stopTimeoutMs, settled))) {
    context.log.warn(
      { count: inFlight.size },
      'handlers still at work at the end: their messages will come again',
    );
    await releaseClaims(connection, [...inFlight]);
    inFlight.clear();
  }
  clearInterval(renewing);
}
