import type { PublishOutcome } from '../broker/port.ts';
import { onConnection, runTransaction } from '../transaction.ts';
import { within } from '../within.ts';
import type { RelayContext } from './relay-context.ts';
import { settle, toMessage, type Publication } from './publication.ts';
import {
  boundedBegin,
  isAnyAvailable,
  knowsTransactionTimeout,
  lockAvailable,
  resultStatements,
  type ClaimedRow,
} from './statements.ts';

/** The transaction as Postgres bounds it; what is not confirmed when `publishMs` have passed is tried later. */
const transactionMs = 5_000;
const publishMs = 4_300;
/** For a database that does not even answer: the connection is then left to its own time-outs. */
const answerMs = 15_000;

/**
 * The relay before a broker that stores messages: claim, publish, confirm, delete, all in one transaction. If it dies
 * at any point, its rows are free again at once and are published again; nothing has to expire.
 *
 * Several such transactions run beside each other, in lanes: while one waits for its confirms, the next one claims. Lane
 * 0 looks for work by itself; the others join when a claim was full, or when lane 0 is busy and `wake` is called.
 */
export async function runStoredRelay(context: RelayContext, lanesMax: number): Promise<void> {
  let beginText: string | undefined;

  async function publishBatch(): Promise<number> {
    beginText ??= boundedBegin({
      transactionMs,
      knowsTransactionTimeout: await onConnection(context.knex, knowsTransactionTimeout),
    });
    const text = beginText;
    const publications = await onConnection(context.knex, (client) =>
      runTransaction(client, text, async (transaction) => {
        const rows = await lockAvailable(transaction, context.batchMax);
        if (rows.length === context.batchMax) context.signal.set();
        const published = await publishAll(context, rows);
        const { publishedIds, postponements } = settle(published, context.random);
        await transaction.finish(resultStatements(publishedIds, postponements));
        return published;
      }),
    );
    context.count(publications);
    return publications.length;
  }

  async function runLane(lane: number): Promise<void> {
    const pace = context.pace(lane, lane === 0);
    let isIdle = false;
    const publishAny = async (): Promise<number> =>
      isIdle && !(await onConnection(context.knex, isAnyAvailable)) ? 0 : publishBatch();
    while (!context.isStopping()) {
      if (!context.broker.isReady()) {
        await pace.notReady();
        continue;
      }
      try {
        let count = 0;
        const batch = publishAny().then((published) => (count = published));
        if (!(await within(answerMs, batch)))
          throw new Error(`Postgres did not answer within ${answerMs} ms`);
        isIdle = count === 0;
        if (isIdle) await pace.idle();
        else if (count < context.batchMax) await pace.caughtUp(count);
      } catch (error) {
        await pace.failed(error);
      }
    }
  }

  await Promise.all(Array.from({ length: lanesMax }, (_, lane) => runLane(lane)));
}

/** Publishes every row at once and waits for all outcomes, but never longer than `publishMs`. */
async function publishAll(context: RelayContext, rows: readonly ClaimedRow[]): Promise<Publication[]> {
  const messages = rows.map((row) => toMessage(row, context.source));
  const outcomes: PublishOutcome[] = [];
  const all = messages.map((message, index) =>
    context.broker.publish(message).then((outcome) => {
      outcomes[index] = outcome;
    }),
  );
  await within(publishMs, Promise.all(all));
  return messages.map((message, index) => ({
    message,
    failuresBefore: rows[index]?.publish_failures ?? 0,
    outcome: outcomes[index] ?? { type: 'unconfirmed', cause: `no outcome within ${publishMs} ms` },
  }));
}
