/**
 * What changed, told to whoever looks on. One look a second at Postgres serves everybody who follows in this process;
 * while nobody does there is none. Looks are by transaction number, so no process remembers anything: a follower whose
 * console restarts goes on at another one from the place that he names.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  changesKeptMs,
  readChanges,
  readChangesEnd,
  type Change,
  type ChangesEnd,
} from '../store/changes.ts';
import { isDatabaseAway, type Database } from '../store/database.ts';
import { HubError } from '../errors.ts';
import { demand, type Caller } from './caller.ts';
import { sessionsThatGoOn } from './people/sessions.ts';

/** `resync`: something may have been missed, so all that is shown is to be asked for anew. `over`: the session is. */
export type Tidings =
  | { readonly type: 'changed'; readonly place: string; readonly changes: readonly Change[] }
  | { readonly type: 'resync'; readonly place: string }
  | { readonly type: 'over' };

export interface Following {
  stop(): void;
}

export interface ChangeFeed {
  /**
   * Tells `tell` from now on, and first what changed since `after`, a place that earlier tidings named.
   *
   * @throws HubError HUB_FORBIDDEN for whoever comes with a token: it is for the page, and ends with its session
   */
  follow(caller: Caller, after: string | undefined, tell: (tidings: Tidings) => void): Promise<Following>;
}

interface Follower {
  readonly sessionId: string;
  readonly tell: (tidings: Tidings) => void;
}

const lookEveryMs = 1_000;
/** A place older than this may be behind what is kept: a transaction's rows are a little older than its end. */
const resumableMs = changesKeptMs - 60_000;

export function openChangeFeed(database: Database, log: Logger): ChangeFeed {
  const followers = new Set<Follower>();
  let isLooking = false;

  /** Goes on as long as somebody follows. */
  async function look(from: ChangesEnd): Promise<void> {
    let last = from;
    for (;;) {
      await delay(lookEveryMs, undefined, { ref: false });
      if (followers.size === 0) break;
      try {
        const { changes, end, isOfAnotherTime } = await readChanges(database, last.transaction);
        const isLate = isOfAnotherTime || end.at.getTime() - last.at.getTime() > resumableMs;
        last = end;
        if (isLate) tellAll({ type: 'resync', place: placeOf(end) });
        else if (changes.length > 0) tellAll({ type: 'changed', place: placeOf(end), changes });
        await endThoseThatAreOver();
      } catch (error) {
        // Nothing is lost: the next look begins where the last one ended.
        if (!isDatabaseAway(error)) log.error({ err: error }, 'changes could not be looked at');
      }
    }
    isLooking = false;
  }

  function tellAll(tidings: Tidings): void {
    for (const { tell } of followers) tell(tidings);
  }

  async function endThoseThatAreOver(): Promise<void> {
    const goOn = await sessionsThatGoOn(database, [...new Set([...followers].map((one) => one.sessionId))]);
    for (const follower of followers) {
      if (goOn.has(follower.sessionId)) continue;
      followers.delete(follower);
      follower.tell({ type: 'over' });
    }
  }

  return {
    follow: async (caller, after, tell) => {
      demand(caller, 'cases.read');
      if (caller.proof.type === 'token') {
        throw new HubError('HUB_FORBIDDEN', 'a stream is for the page: it needs a session, not a token');
      }
      const start = await readChangesEnd(database);
      const follower = { sessionId: caller.proof.sessionId, tell };
      followers.add(follower);
      if (!isLooking) {
        isLooking = true;
        void look(start);
      }
      const stop = (): void => void followers.delete(follower);
      try {
        tell(await missedSince(after, start));
      } catch (error) {
        stop();
        throw error;
      }
      return { stop };
    },
  };

  /** He follows already: what is told twice does no harm. */
  async function missedSince(after: string | undefined, start: ChangesEnd): Promise<Tidings> {
    if (after === undefined) return { type: 'changed', place: placeOf(start), changes: [] };
    const place = readPlace(after);
    const isKnown = place !== undefined && start.at.getTime() - place.atMs <= resumableMs;
    if (!isKnown) return { type: 'resync', place: placeOf(start) };
    const { changes, end, isOfAnotherTime } = await readChanges(database, place.transaction);
    if (isOfAnotherTime) return { type: 'resync', place: placeOf(end) };
    return { type: 'changed', place: placeOf(end), changes };
  }
}

function placeOf({ transaction, at }: ChangesEnd): string {
  return `${transaction}-${at.getTime()}`;
}

function readPlace(text: string): { readonly transaction: string; readonly atMs: number } | undefined {
  const [, transaction, atMs] = /^(\d{1,19})-(\d{1,15})$/.exec(text) ?? [];
  return transaction === undefined ? undefined : { transaction, atMs: Number(atMs) };
}
