/** Which groups of cases somebody is to be told about now. */
import { Decimal } from 'decimal.js';

export interface NotificationRule {
  readonly id: string;
  /** Empty: any. */
  readonly causes: readonly string[];
  /** Empty: any. */
  readonly channels: readonly string[];
  /** Open cases of the group, at least. */
  readonly casesMin: number;
  /** At stake, at least; a canonical decimal text. */
  readonly pointsMin: string | null;
  /** How long after a message the next one about the same group may follow; 0: none does. */
  readonly againMinutes: number;
}

/** What is said of a group: nothing of any user, and no word of a remote. */
export interface GroupFacts {
  readonly fingerprint: string;
  readonly cause: string;
  readonly channels: readonly string[];
  readonly operation: string | null;
  readonly cases: number;
  readonly users: number;
  readonly points: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** When a rule last told of a group, and how many cases were open then. */
export interface Mark {
  readonly ruleId: string;
  readonly fingerprint: string;
  readonly toldAt: Date;
  readonly cases: number;
}

export interface Notice extends GroupFacts {
  /** `opened`: for the first time. `again`: more came since. */
  readonly occasion: 'opened' | 'again';
  /** More than were open at the last message. */
  readonly more: number;
}

export interface Notices {
  /** One message for each rule with something to tell. */
  readonly messages: readonly { readonly ruleId: string; readonly notices: readonly Notice[] }[];
  /** Of groups that are gone for so long that they would be told anew. */
  readonly over: readonly Mark[];
}

/** A group that goes and comes back within this is the same trouble. */
const quietMinutesMin = 10;

/**
 * Each rule tells once that a group has opened. While the group stays, it tells again after `againMinutes`, and only if
 * something came since: what nobody touched is no news.
 */
export function noticesOf(
  rules: readonly NotificationRule[],
  groups: readonly GroupFacts[],
  marks: readonly Mark[],
  now: Date,
): Notices {
  const known = new Map(marks.map((mark) => [keyOf(mark.ruleId, mark.fingerprint), mark]));
  const messages = rules.map((rule) => ({
    ruleId: rule.id,
    notices: groups.flatMap((group) =>
      noticeOf(rule, group, known.get(keyOf(rule.id, group.fingerprint)), now),
    ),
  }));
  const open = new Set(groups.map(({ fingerprint }) => fingerprint));
  const againMinutes = new Map(rules.map((rule) => [rule.id, rule.againMinutes]));
  const over = marks.filter(({ ruleId, fingerprint, toldAt }) => {
    const quiet = Math.max(againMinutes.get(ruleId) ?? 0, quietMinutesMin);
    return !open.has(fingerprint) && now.getTime() >= after(toldAt, quiet);
  });
  return { messages: messages.filter(({ notices }) => notices.length > 0), over };
}

function noticeOf(
  rule: NotificationRule,
  group: GroupFacts,
  mark: Mark | undefined,
  now: Date,
): readonly Notice[] {
  if (!isMeant(rule, group)) return [];
  if (mark === undefined) return [{ ...group, occasion: 'opened', more: group.cases }];
  const isTime = rule.againMinutes > 0 && now.getTime() >= after(mark.toldAt, rule.againMinutes);
  if (!isTime || group.lastSeenAt <= mark.toldAt) return [];
  return [{ ...group, occasion: 'again', more: Math.max(0, group.cases - mark.cases) }];
}

function isMeant({ causes, channels, casesMin, pointsMin }: NotificationRule, group: GroupFacts): boolean {
  if (causes.length > 0 && !causes.includes(group.cause)) return false;
  if (channels.length > 0 && !group.channels.some((channel) => channels.includes(channel))) return false;
  if (group.cases < casesMin) return false;
  return pointsMin === null || new Decimal(group.points).gte(pointsMin);
}

function keyOf(ruleId: string, fingerprint: string): string {
  return `${ruleId} ${fingerprint}`;
}

function after(time: Date, minutes: number): number {
  return time.getTime() + minutes * 60_000;
}

const firstPauseMs = 5_000;
const pauseMaxMs = 3_600_000;
const triesWithinMs = 24 * 3_600_000;

/**
 * When a message that did not get through is sent once more; undefined: it is given up, a day after it was written.
 *
 * @param tries that failed, 1 or more
 * @param share from 0 to 1: the dice
 */
export function nextTryMs(tries: number, ageMs: number, share: number): number | undefined {
  if (ageMs >= triesWithinMs) return undefined;
  const pauseMs = Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(tries - 1, 20));
  return Math.round(pauseMs * (0.75 + share / 2));
}
