/** What the console's process does on its own: it drives replays, verifies compensations, counts cases. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../store/database.ts';

export interface Errand {
  readonly name: string;
  /** Between two looks that found nothing more to do. */
  readonly pauseMs: number;
  /** One look; resolves with whether there is more to do at once. */
  readonly run: () => Promise<boolean>;
}

export interface Errands {
  /** Finishes what is in hand. */
  stop(): Promise<void>;
}

/** Runs each errand again and again, each in its own line, until stopped. */
export function startErrands(errands: readonly Errand[], log: Logger): Errands {
  const stopping = new AbortController();
  const { signal } = stopping;
  const lines = errands.map(async ({ name, pauseMs, run }) => {
    while (!signal.aborted) {
      const hasMore = await run().catch((error: unknown) => {
        if (isDatabaseAway(error))
          log.warn({ errand: name, reason: (error as Error).message }, 'the database is away');
        else log.error({ err: error, errand: name }, 'an errand failed; it is run again');
        return false;
      });
      if (!hasMore) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(lines);
    },
  };
}
