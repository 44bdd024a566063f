import { setTimeout as delay } from 'node:timers/promises';
import { knexConnection, type SqlConnection } from '../sql-connection.ts';
import { onConnection, runTransaction } from '../transaction.ts';
import { within } from '../within.ts';
import { backoffMs, type BackoffLimits } from './backoff.ts';
import { settle, toMessage, type Publication } from './publication.ts';
import type { Pace, RelayContext } from './relay-context.ts';
import { BusyRoutes } from './busy-routes.ts';
import {
  claimAvailable,
  isAnyAvailable,
  releaseClaims,
  releaseExpiredClaims,
  renewClaims,
  resultStatements,
  type ClaimedRow,
} from './statements.ts';

export interface ConsumedRelayLimits {
  /** How long a claim lasts without being renewed; renewed every third of it. */
  readonly claimMs: number;
  /** Messages in flight for one route, beyond which no more are claimed for it; a full batch may exceed it once. */
  readonly routeWindowMax: number;
  readonly stopTimeoutMs: number;
}

/** Room for fifty routes that are all stuck at once. */
const inFlightMax = 10_000;
/** For a database that does not even answer: the connection is then left to its own time-outs. */
const answerMs = 15_000;
const writeBackoff: BackoffLimits = { delayMinMs: 50, delayMaxMs: 2_000 };
const landedPollMs = 5;

/** What a claim found: nothing, less than it could have taken, or as much as it could. */
type Claimed = 'none' | 'all' | 'some';

/**
 * The relay before a broker that completes a publish only when a handler has finished with the message, which may take
 * long. So no transaction stays open meanwhile: rows are claimed for a while, the claims are renewed as long as
 * their messages are in flight, and results are written in batches as they come.
 *
 * A route (exchange and routing key) with a full window gets no more claims until half of it is done, so a
 * slow one never holds up another. What a dead relay had claimed is free again after `claimMs`.
 */
export async function runConsumedRelay(context: RelayContext, limits: ConsumedRelayLimits): Promise<void> {
  await new ConsumedRelay(context, limits).run();
}

class ConsumedRelay {
  readonly #context: RelayContext;
  readonly #limits: ConsumedRelayLimits;
  readonly #connection: SqlConnection;
  readonly #routes: BusyRoutes;
  /** Claimed, and the result not yet written. */
  readonly #inFlight = new Set<string>();
  readonly #finished: Publication[] = [];
  #isIdle = false;
  #isWriting = false;
  #isRenewing = false;
  #isOver = false;

  constructor(context: RelayContext, limits: ConsumedRelayLimits) {
    this.#context = context;
    this.#limits = limits;
    this.#connection = knexConnection(context.knex);
    this.#routes = new BusyRoutes(limits.routeWindowMax);
  }

  async run(): Promise<void> {
    void this.#renew();
    const renewing = setInterval(() => void this.#renew(), this.#limits.claimMs / 3);
    await this.#claimUntilStopped();
    if (!(await within(this.#limits.stopTimeoutMs, this.#landed()))) await this.#giveBack();
    clearInterval(renewing);
  }

  async #claimUntilStopped(): Promise<void> {
    const pace = this.#context.pace(0, true);
    while (!this.#context.isStopping()) {
      if (!this.#context.broker.isReady()) {
        await pace.notReady();
        continue;
      }
      try {
        let claimed: Claimed = 'none';
        const claiming = this.#claim().then((result) => (claimed = result));
        if (!(await within(answerMs, claiming)))
          throw new Error(`Postgres did not answer within ${answerMs} ms`);
        await this.#rest(pace, claimed);
      } catch (error) {
        await pace.failed(error);
      }
    }
  }

  async #rest(pace: Pace, claimed: Claimed): Promise<void> {
    switch (claimed) {
      case 'none':
        return pace.idle();
      case 'all':
        return pace.caughtUp(0);
      case 'some':
        return undefined;
    }
  }

  async #claim(): Promise<Claimed> {
    const { routeWindowMax, claimMs } = this.#limits;
    const rowsMax = Math.min(this.#context.batchMax, routeWindowMax, inFlightMax - this.#inFlight.size);
    if (rowsMax <= 0) return 'none';
    if (this.#isIdle && !(await onConnection(this.#context.knex, isAnyAvailable))) return 'none';
    const rows = await claimAvailable(this.#connection, { rowsMax, claimMs, busy: this.#routes.busy() });
    // `returning` keeps no order; ids are close to the order of claiming.
    rows.sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
    for (const row of rows) {
      // Ours already, but its claim had expired while the database was away.
      if (this.#inFlight.has(row.id)) continue;
      this.#inFlight.add(row.id);
      this.#routes.entered({ exchange: row.exchange, routingKey: row.routing_key });
      void this.#publish(row);
    }
    this.#isIdle = rows.length === 0;
    if (this.#isIdle) return 'none';
    return rows.length < rowsMax ? 'all' : 'some';
  }

  async #publish(row: ClaimedRow): Promise<void> {
    const message = toMessage(row, this.#context.source);
    const outcome = await this.#context.broker.publish(message);
    // Given back already; its row may be with another relay by now.
    if (this.#isOver) return;
    if (this.#routes.left(message)) this.#context.signal.set();
    this.#finished.push({ message, failuresBefore: row.publish_failures, outcome });
    if (!this.#isWriting) await this.#writeResults();
  }

  /** Group after group, until nothing is left; what finishes meanwhile joins the next group. */
  async #writeResults(): Promise<void> {
    this.#isWriting = true;
    let failures = 0;
    while (this.#finished.length > 0 && !this.#isOver) {
      const group = this.#finished.slice(0, this.#context.batchMax);
      try {
        await this.#write(group);
      } catch (error) {
        // Once their claims have expired, these messages are published again: at least once, not exactly once.
        this.#context.log.warn(
          { err: error, count: group.length },
          'relay: results not written, trying again',
        );
        await delay(backoffMs(failures, writeBackoff, this.#context.random()));
        failures += 1;
        continue;
      }
      failures = 0;
      this.#finished.splice(0, group.length);
      if (this.#inFlight.size >= inFlightMax) this.#context.signal.set();
      for (const { message } of group) this.#inFlight.delete(message.id);
      this.#context.count(group);
    }
    // In the same breath as the last look at what has finished, or a result between the two would lie there.
    this.#isWriting = false;
  }

  async #write(group: readonly Publication[]): Promise<void> {
    const { publishedIds, postponements } = settle(group, this.#context.random);
    // Both or neither: a postponement that is tried again might meet a row that another relay has taken.
    await onConnection(this.#context.knex, (client) =>
      runTransaction(client, 'begin', ({ finish }) => finish(resultStatements(publishedIds, postponements))),
    );
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      if (this.#inFlight.size > 0)
        await renewClaims(this.#connection, [...this.#inFlight], this.#limits.claimMs);
      const released = await releaseExpiredClaims(this.#connection);
      if (released > 0) {
        this.#context.log.warn({ count: released }, 'messages of a relay that died are free again');
        this.#context.signal.set();
      }
    } catch (error) {
      this.#context.log.warn({ err: error }, 'relay: claims not renewed');
    } finally {
      this.#isRenewing = false;
    }
  }

  async #landed(): Promise<void> {
    while (this.#inFlight.size > 0 && !this.#isOver) await delay(landedPollMs);
  }

  async #giveBack(): Promise<void> {
    this.#isOver = true;
    const ids = [...this.#inFlight];
    this.#context.log.warn(
      { count: ids.length },
      'handlers still at work at the end: their messages come again',
    );
    // Should this fail, the claims expire.
    await within(answerMs, releaseClaims(this.#connection, ids)).catch(() => undefined);
  }
}
