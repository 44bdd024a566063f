/**
 * Drives bulk replays on. Each look is one transaction that holds the replay's row: it notes which retries have ended,
 * decides by `replayStep`, and begins the next few. Retry, item and counters commit together, so a process that dies at
 * any moment leaves items either waiting or begun, never both; any number of processes may drive.
 */
import type { SqlConnection } from '@points-hub/outbox';
import type { Logger } from 'pino';
import type { Input, Verdict } from '../../core/advance.ts';
import { nextAtAfter, replayStep } from '../../core/replay.ts';
import { isDatabaseAway } from '../../store/database.ts';
import {
  beginItems,
  endReplay,
  listUnderWay,
  lockCases,
  nextItems,
  takeReplay,
  type DrivenReplay,
  type FrozenCase,
  type ItemFate,
  type WaitingItem,
} from '../../store/replay-items.ts';
import { forgetPreviews, pauseReplay } from '../../store/replays.ts';
import { lockSettlements, writeSettlements } from '../../store/settlements.ts';
import { think } from '../../settlement/settle.ts';
import type { SqlSubjectOptions } from '../sql-subject.ts';

export interface DriverOptions extends SqlSubjectOptions {
  readonly log: Logger;
  /** Told after a commit that appended messages. */
  readonly onCommitted: () => void;
}

/** Orders locked by one transaction at most. */
const batchMax = 25;

/** Looks at every replay that is under way once. @returns whether some retries were begun */
export async function driveReplays(options: DriverOptions): Promise<boolean> {
  const { database, log, onCommitted } = options;
  let begun = 0;
  for (const id of await listUnderWay(database)) {
    try {
      begun += await drive(id, batchMax, options);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      // One item that cannot even be tried must not hold up the others.
      log.error({ err: error, replay: id }, 'a batch of a replay failed; its items are tried one by one');
      begun += await drive(id, 1, options).catch((again: unknown) => {
        if (isDatabaseAway(again)) throw again;
        return skipFirst(id, options);
      });
    }
  }
  if (begun > 0) onCommitted();
  await forgetPreviews(database);
  return begun > 0;
}

/** @returns how many retries were begun */
async function drive(id: string, itemsMax: number, options: DriverOptions): Promise<number> {
  const { database, log } = options;
  return database.transaction(async (connection) => {
    const replay = await takeReplay(connection, id);
    if (replay === undefined) return 0;
    const step = replayStep(replay, replay.now, itemsMax);
    switch (step.type) {
      case 'wait':
        return 0;
      case 'pause':
        await pauseReplay(connection, id, step.cause);
        log.warn({ replay: id, cause: step.cause }, 'a replay is paused');
        return 0;
      case 'end':
        await endReplay(connection, id, step.as);
        log.info(
          { replay: id, succeeded: replay.succeeded, failed: replay.failed },
          `a replay is ${step.as}`,
        );
        return 0;
      case 'send': {
        const items = await nextItems(connection, id, step.atMost);
        const fates = await retryItems(connection, items, options);
        const nextAt = nextAtAfter(replay, replay.now, fates.length);
        await beginItems(connection, replay, fates, nextAt, step.isCanaryOver);
        return fates.filter(({ skippedFor }) => skippedFor === undefined).length;
      }
    }
  });
}

/** Lets the retries in as settlement does, each under its order's lock. Locks: orders, then cases, both in id order. */
async function retryItems(
  connection: SqlConnection,
  items: readonly WaitingItem[],
  options: SqlSubjectOptions,
): Promise<readonly ItemFate[]> {
  const orderRowIds = items.map(({ orderRowId }) => orderRowId);
  const { settlements, now } = await lockSettlements(connection, orderRowIds);
  const cases = await lockCases(
    connection,
    items.map(({ caseId }) => caseId),
  );
  const toRetry = items.filter((item) => whyNot(item, cases.get(item.caseId)) === undefined);
  const inputs = toRetry.map(({ orderRowId, caseId }) => {
    const input: Input = { type: 'retry', deductionId: cases.get(caseId)?.deductionId ?? '' };
    return { orderRowId, input, pass: undefined };
  });
  const { writes, results } = think(inputs, settlements, now, options);
  await writeSettlements(connection, writes, options.names);
  const verdicts = new Map(toRetry.map(({ number }, index) => [number, results[index]?.verdict]));
  return items.map(({ number, caseId, ...item }) => {
    const verdict = verdicts.get(number);
    const skippedFor = verdict === undefined ? whyNot(item, cases.get(caseId)) : refusalOf(verdict);
    return { number, caseId, skippedFor };
  });
}

/** Whether the case is still what the preview saw: claims and notes do not matter, another failure does. */
function whyNot({ seen }: Pick<WaitingItem, 'seen'>, now: FrozenCase | undefined): string | undefined {
  if (now === undefined || now.state !== 'open') return 'not_open';
  if (now.isBusy) return 'operation_under_way';
  return now.count === seen ? undefined : 'changed_since_the_preview';
}

function refusalOf(verdict: Verdict): string | undefined {
  switch (verdict.type) {
    case 'accepted':
      return undefined;
    case 'refused':
      return verdict.reason.slice(0, 200);
    case 'release':
      return 'a_call_is_under_way';
    case 'call':
    case 'stuck':
    case 'stale':
    case 'unknown':
      return `it came to ${verdict.type}`;
  }
}

/** The first item is beyond help: it is skipped, and the log has said why. */
async function skipFirst(id: string, { database }: DriverOptions): Promise<number> {
  return database.transaction(async (connection) => {
    const replay: DrivenReplay | undefined = await takeReplay(connection, id);
    if (replay === undefined || replayStep(replay, replay.now, 1).type !== 'send') return 0;
    const fates = (await nextItems(connection, id, 1)).map(({ number, caseId }) => {
      return { number, caseId, skippedFor: 'the hub made a mistake' };
    });
    await beginItems(connection, replay, fates, replay.nextAt, replay.isCanaryOver);
    return 0;
  });
}
