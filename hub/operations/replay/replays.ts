/**
 * Bulk replay as people see it: a preview freezes the cases, a start lets them be retried at a rate, and each item ends
 * in one of a few ways. Who drives it is another matter: `driver.ts`.
 */
import { HubError } from '../../errors.ts';
import { underWayOf, waitingOf, type ReplayState } from '../../core/replay.ts';
import type { Database } from '../../store/database.ts';
import { listItems, type ReplayItem, type ReplayItemState } from '../../store/replay-items.ts';
import {
  cancelReplay,
  insertPreview,
  listReplays,
  lockReplay,
  pauseReplay,
  readReplay,
  resumeReplay,
  startReplay,
  type ReplayChoice,
  type ReplayLimits,
  type ReplayRow,
} from '../../store/replays.ts';
import { withValues } from '../../store/case-lists.ts';
import type { SqlConnection } from '@points-hub/outbox';
import type { WriteDown } from '../audit.ts';
import { demand, type Caller } from '../caller.ts';

/** Cases of one replay at most. */
const replayItemsMax = 100_000;
const previewLastsMs = 3_600_000;

export interface Replay extends Omit<ReplayRow, 'succeededBefore' | 'failedBefore' | 'isCanaryOver'> {
  /** Eligible items that have not begun. */
  readonly waiting: number;
  readonly underWay: number;
  /** For what is waiting, by the rate alone. */
  readonly estimatedSeconds: number;
}

/** Limits that are not given stay those of the preview. */
export interface StartWish extends Partial<Record<keyof ReplayLimits, number | undefined>> {
  /** How many eligible cases the starter saw. */
  readonly expectCount: number;
  readonly reason: string;
}

/** Each is refused with HUB_FORBIDDEN to whoever may not; all but the readings of a preview throw HUB_REPLAY_UNKNOWN. */
export interface Replays {
  /** @throws HubError HUB_REPLAY_TOO_LARGE */
  preview(
    caller: Caller,
    choice: Exclude<ReplayChoice, { type: 'failed_of' }>,
    limits: ReplayLimits,
  ): Promise<Replay>;
  /** A preview of those that failed, as they are now. */
  previewFailed(caller: Caller, replayId: string): Promise<Replay>;
  /**
   * @throws HubError HUB_REPLAY_NOT_YOURS, HUB_REPLAY_STATE, HUB_REPLAY_EXPIRED, HUB_REPLAY_EMPTY,
   *   HUB_REPLAY_COUNT_DIFFERS
   */
  start(caller: Caller, replayId: string, wish: StartWish): Promise<Replay>;
  /** No further item begins. @throws HubError HUB_REPLAY_STATE */
  pause(caller: Caller, replayId: string, reason: string | undefined): Promise<Replay>;
  /** @throws HubError HUB_REPLAY_STATE */
  resume(caller: Caller, replayId: string, reason: string | undefined): Promise<Replay>;
  /** What has begun is not undone. @throws HubError HUB_REPLAY_STATE */
  cancel(caller: Caller, replayId: string, reason: string | undefined): Promise<Replay>;
  list(
    caller: Caller,
    state: ReplayState | undefined,
    before: string | undefined,
    limit: number,
  ): Promise<readonly Replay[]>;
  read(caller: Caller, replayId: string): Promise<Replay>;
  items(
    caller: Caller,
    replayId: string,
    state: ReplayItemState | undefined,
    after: number,
    limit: number,
  ): Promise<readonly ReplayItem[]>;
}

export interface ReplaysOptions {
  readonly database: Database;
  readonly writeDown: WriteDown;
}

export function openReplays({ database, writeDown }: ReplaysOptions): Replays {
  async function freeze(caller: Caller, choice: ReplayChoice, limits: ReplayLimits): Promise<Replay> {
    const by = caller.name;
    const id = await withValues(database, async (connection) => {
      const made = { by, choice, expiresInMs: previewLastsMs, itemsMax: replayItemsMax, ...limits };
      const previewId = await insertPreview(connection, made);
      if (previewId === undefined) {
        throw new HubError('HUB_REPLAY_TOO_LARGE', `more than ${replayItemsMax} cases are chosen`);
      }
      await writeDown(connection, caller, { action: 'replay.preview', subject: `replay:${previewId}` });
      return previewId;
    });
    return shown(await known(database, id));
  }

  /** One change of a replay under its lock. */
  async function change(
    caller: Caller,
    replayId: string,
    action: string,
    reason: string | undefined,
    work: (connection: SqlConnection, replay: ReplayRow & { isExpired: boolean }) => Promise<void>,
  ): Promise<Replay> {
    demand(caller, 'replay.run');
    return database.transaction(async (connection) => {
      const replay = await lockReplay(connection, replayId);
      if (replay === undefined) throw unknown(replayId);
      await work(connection, replay);
      await writeDown(connection, caller, {
        action: `replay.${action}`,
        subject: `replay:${replayId}`,
        reason,
      });
      return shown(await known(connection, replayId));
    });
  }

  return {
    preview: async (caller, choice, limits) => {
      demand(caller, 'replay.run');
      return freeze(caller, choice, limits);
    },
    previewFailed: async (caller, replayId) => {
      demand(caller, 'replay.run');
      const { ratePerSecond, canary, failedPercentMax } = await known(database, replayId);
      return freeze(caller, { type: 'failed_of', replayId }, { ratePerSecond, canary, failedPercentMax });
    },
    start: (caller, replayId, { expectCount, reason, ...wanted }) =>
      change(caller, replayId, 'start', reason, async (connection, replay) => {
        const { previewedBy, eligible, isExpired } = replay;
        if (previewedBy !== caller.name) {
          throw new HubError(
            'HUB_REPLAY_NOT_YOURS',
            `${previewedBy} made this preview; make one of your own`,
          );
        }
        demandState(replay, ['previewed']);
        if (isExpired) throw new HubError('HUB_REPLAY_EXPIRED', 'the preview is too old; make a new one');
        if (eligible === 0) throw new HubError('HUB_REPLAY_EMPTY', 'none of its cases can be retried');
        if (eligible !== expectCount) {
          const detail = `${eligible} cases would be retried, not ${expectCount}`;
          throw new HubError('HUB_REPLAY_COUNT_DIFFERS', detail);
        }
        await startReplay(connection, replayId, reason, {
          ratePerSecond: wanted.ratePerSecond ?? replay.ratePerSecond,
          canary: wanted.canary ?? replay.canary,
          failedPercentMax: wanted.failedPercentMax ?? replay.failedPercentMax,
        });
      }),
    pause: (caller, replayId, reason) =>
      change(caller, replayId, 'pause', reason, async (connection, replay) => {
        demandState(replay, ['running']);
        await pauseReplay(connection, replayId, `by ${caller.name}`);
      }),
    resume: (caller, replayId, reason) =>
      change(caller, replayId, 'resume', reason, async (connection, replay) => {
        demandState(replay, ['paused']);
        await resumeReplay(connection, replayId);
      }),
    cancel: (caller, replayId, reason) =>
      change(caller, replayId, 'cancel', reason, async (connection, replay) => {
        demandState(replay, ['previewed', 'running', 'paused']);
        await cancelReplay(connection, replayId);
      }),
    list: async (caller, state, before, limit) => {
      demand(caller, 'cases.read');
      return (await listReplays(database, state, before, limit)).map(shown);
    },
    read: async (caller, replayId) => {
      demand(caller, 'cases.read');
      return shown(await known(database, replayId));
    },
    items: async (caller, replayId, state, after, limit) => {
      demand(caller, 'cases.read');
      await known(database, replayId);
      return listItems(database, replayId, state, after, limit);
    },
  };
}

/** @throws HubError HUB_REPLAY_UNKNOWN */
async function known(connection: SqlConnection, id: string): Promise<ReplayRow> {
  const replay = await readReplay(connection, id);
  if (replay === undefined) throw unknown(id);
  return replay;
}

function unknown(id: string): HubError {
  return new HubError('HUB_REPLAY_UNKNOWN', `there is no replay ${id}`);
}

function demandState({ state }: ReplayRow, allowed: readonly ReplayState[]): void {
  if (!allowed.includes(state)) throw new HubError('HUB_REPLAY_STATE', `the replay is ${state}`);
}

function shown(row: ReplayRow): Replay {
  const { succeededBefore: _, failedBefore: _known, isCanaryOver: _over, ...replay } = row;
  const waiting = waitingOf(row);
  return {
    ...replay,
    chosen: masked(replay.chosen),
    waiting,
    underWay: underWayOf(row),
    estimatedSeconds: Math.ceil(waiting / row.ratePerSecond),
  };
}

/** Whoever reads a replay was not told the user whom its maker looked for. */
function masked(chosen: ReplayRow['chosen']): ReplayRow['chosen'] {
  if (!('filter' in chosen)) return chosen;
  const filter = chosen.filter as object;
  return 'user' in filter ? { ...chosen, filter: { ...filter, user: '•••' } } : chosen;
}
