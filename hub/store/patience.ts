import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { isDatabaseAway } from './database.ts';

/** Runs work, perhaps several times. */
export type Patiently = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Runs work again while the database is away, with full jitter up to 2 s between tries, until `signal` aborts:
 * a message in hand is worth more than an answer in time. Any other error is thrown as it is.
 *
 * The signal ends only the trying again. Work that begins after it is done all the same: a process that stops records
 * what the calls in its hands came to, or every one of them would have to be found out by somebody else.
 *
 * A connection lost during commit leaves it open whether the work was done; what runs here must bear being done
 * twice, as every settlement transaction does: the second run finds the first one's lease or token.
 */
export function patience(signal: AbortSignal, log: Logger): Patiently {
  return (work) =>
    pRetry(work, {
      retries: Infinity,
      minTimeout: 50,
      maxTimeout: 2_000,
      factor: 2,
      randomize: true,
      shouldRetry: ({ error }) => !signal.aborted && isDatabaseAway(error),
      onFailedAttempt: ({ error, attemptNumber }) => {
        if (isDatabaseAway(error))
          log.warn({ tries: attemptNumber, reason: error.message }, 'the database is away');
      },
    });
}
