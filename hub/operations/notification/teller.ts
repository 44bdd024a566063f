/**
 * Writes messages about groups of cases, and sends them. A message and the mark that its groups are told commit together;
 * it is sent under its row's lock and marked as sent in the same transaction. So a process that dies in between sends
 * it once more, and none is lost.
 */
import type { Logger } from 'pino';
import { nextTryMs, noticesOf } from '../../core/notification.ts';
import { foldCaseGroups, listCaseGroups } from '../../store/case-groups.ts';
import type { Database } from '../../store/database.ts';
import {
  deleteMarks,
  forgetMessages,
  insertMessage,
  listMarks,
  listRules,
  lockNotices,
  markFailed,
  markSent,
  takeDue,
} from '../../store/notifications.ts';
import type { Errand } from '../errands.ts';
import { send } from './sending.ts';
import type { Targets } from './targets.ts';
import { wordingOf } from './wording.ts';

export interface TellerOptions {
  readonly database: Database;
  readonly targets: Targets;
  /** Where browsers find the console; undefined as long as nobody knows. */
  readonly consoleUrl: () => string | undefined;
  readonly random: () => number;
  readonly log: Logger;
}

/** The largest groups; beyond so many, people have other troubles than the smallest one. */
const groupsMax = 1_000;

export function tellerErrands(options: TellerOptions): readonly Errand[] {
  const { database } = options;
  return [
    { name: 'notice groups', pauseMs: 5_000, run: () => noticeGroups(database) },
    { name: 'send notifications', pauseMs: 1_000, run: () => sendNext(options) },
    {
      name: 'forget notifications',
      pauseMs: 3_600_000,
      run: async () => {
        await forgetMessages(database);
        return false;
      },
    },
  ];
}

async function noticeGroups(database: Database): Promise<boolean> {
  const enabled = (await listRules(database)).filter(({ isEnabled }) => isEnabled);
  if (enabled.length === 0) return false;
  await foldCaseGroups(database);
  return database.transaction(async (connection) => {
    const now = await lockNotices(connection);
    if (now === undefined) return false;
    const groups = await listCaseGroups(connection, 'open', groupsMax);
    const { messages, over } = noticesOf(enabled, groups.map(factsOf), await listMarks(connection), now);
    for (const { ruleId, notices } of messages) {
      const rule = enabled.find(({ id }) => id === ruleId);
      if (rule !== undefined) await insertMessage(connection, rule, notices, now);
    }
    if (over.length > 0) await deleteMarks(connection, over);
    return false;
  });
}

type Group = Awaited<ReturnType<typeof listCaseGroups>>[number];

/** Only what may be said: a group's error holds the remote's words. */
function factsOf({
  fingerprint,
  cause,
  channels,
  operation,
  cases,
  users,
  points,
  firstSeenAt,
  lastSeenAt,
}: Group) {
  return { fingerprint, cause, channels, operation, cases, users, points, firstSeenAt, lastSeenAt };
}

/** @returns whether there may be another one due */
async function sendNext({ database, targets, consoleUrl, random, log }: TellerOptions): Promise<boolean> {
  return database.transaction(async (connection) => {
    const message = await takeDue(connection);
    if (message === undefined) return false;
    const { id, target: name, language, facts, tries, ageMs } = message;
    const target = targets.get(name);
    const delivery =
      target === undefined
        ? ({ type: 'failed', trouble: `this console has no target ${name}` } as const)
        : await send(target, wordingOf(facts, language, consoleUrl()), `points-hub-notification-${id}`);
    if (delivery.type === 'sent') {
      await markSent(connection, id);
      return true;
    }
    const againInMs = nextTryMs(tries + 1, ageMs, random());
    await markFailed(connection, id, againInMs, delivery.trouble);
    log.warn(
      { notification: id, target: name, tries: tries + 1, trouble: delivery.trouble, againInMs },
      'not sent',
    );
    return true;
  });
}
