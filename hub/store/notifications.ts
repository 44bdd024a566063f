/** Who is to be told what, and the messages on their way, as rows. */
import type { SqlConnection } from '@points-hub/outbox';
import type { Mark, Notice, NotificationRule } from '../core/notification.ts';

export const notificationLanguages = ['en', 'zh'] as const;
export type NotificationLanguage = (typeof notificationLanguages)[number];

/** A rule as people write it. */
export interface RuleText extends Omit<NotificationRule, 'id'> {
  readonly target: string;
  readonly language: NotificationLanguage;
  readonly isEnabled: boolean;
}

export interface StoredRule extends RuleText {
  readonly id: string;
  readonly changedBy: string;
  readonly changedAt: Date;
}

const ruleColumns = `
  id, causes, channels, cases_min as "casesMin", trim_scale(points_min)::text as "pointsMin",
  again_minutes as "againMinutes", target, language, is_enabled as "isEnabled", changed_by as "changedBy",
  changed_at as "changedAt"`;

const listRulesText = `select ${ruleColumns} from hub.notification_rules order by id limit 200`;

/** In the order in which they were made. Index: the primary key. */
export async function listRules(connection: SqlConnection): Promise<readonly StoredRule[]> {
  return (await connection.query<StoredRule>(listRulesText)).rows;
}

function valuesOf(rule: RuleText, by: string): readonly unknown[] {
  const { causes, channels, casesMin, pointsMin, againMinutes, target, language, isEnabled } = rule;
  return [causes, channels, casesMin, pointsMin, againMinutes, target, language, isEnabled, by];
}

const insertRuleText = `
insert into hub.notification_rules (
  causes, channels, cases_min, points_min, again_minutes, target, language, is_enabled, changed_by
)
select $1, $2, $3, $4, $5, $6, $7, $8, $9
where (select count(*) from hub.notification_rules) < 200
returning id`;

/** @returns its id; undefined where there are as many rules as there may be */
export async function insertRule(
  connection: SqlConnection,
  rule: RuleText,
  by: string,
): Promise<string | undefined> {
  return (await connection.query<{ id: string }>(insertRuleText, valuesOf(rule, by))).rows[0]?.id;
}

const changeRuleText = `
update hub.notification_rules
set causes = $1, channels = $2, cases_min = $3, points_min = $4, again_minutes = $5, target = $6, language = $7,
    is_enabled = $8, changed_by = $9, changed_at = clock_timestamp()
where id = $10`;

/** Index: the primary key. @returns whether there is such a rule */
export async function changeRule(
  connection: SqlConnection,
  id: string,
  rule: RuleText,
  by: string,
): Promise<boolean> {
  return (await connection.query(changeRuleText, [...valuesOf(rule, by), id])).rowCount === 1;
}

/** With its marks and messages. Index: the primary key. @returns whether there was such a rule */
export async function deleteRule(connection: SqlConnection, id: string): Promise<boolean> {
  return (await connection.query('delete from hub.notification_rules where id = $1', [id])).rowCount === 1;
}

/** One process writes notices at a time; another one finds that somebody does. */
const lockText = `
select pg_try_advisory_xact_lock(hashtext('hub.notifications')) as "isFree", clock_timestamp() as now`;

/** For the rest of the transaction. @returns the database's time; undefined where somebody else is at it */
export async function lockNotices(connection: SqlConnection): Promise<Date | undefined> {
  const [row] = (await connection.query<{ isFree: boolean; now: Date }>(lockText)).rows;
  return row?.isFree === true ? row.now : undefined;
}

const listMarksText = `
select rule_id as "ruleId", fingerprint, told_at as "toldAt", cases::float8 as cases
from hub.notification_marks`;

export async function listMarks(connection: SqlConnection): Promise<readonly Mark[]> {
  return (await connection.query<Mark>(listMarksText)).rows;
}

const deleteMarksText = `
delete from hub.notification_marks
using unnest($1::bigint[], $2::text[]) as gone (rule_id, fingerprint)
where notification_marks.rule_id = gone.rule_id and notification_marks.fingerprint = gone.fingerprint`;

/** Index: the primary key. */
export async function deleteMarks(connection: SqlConnection, marks: readonly Mark[]): Promise<void> {
  const values = [marks.map(({ ruleId }) => ruleId), marks.map(({ fingerprint }) => fingerprint)];
  await connection.query(deleteMarksText, values);
}

/** What is kept of a message's groups; the rest is counted. */
const groupsMax = 5;

export interface MessageFacts {
  readonly notices: readonly Notice[];
  /** Groups besides those. */
  readonly others: number;
}

const insertMessageText = `
with marked as (
  insert into hub.notification_marks (rule_id, told_at, cases, fingerprint)
  select $1::bigint, $2::timestamptz, told.cases, told.fingerprint
  from unnest($3::bigint[], $4::text[]) as told (cases, fingerprint)
  on conflict (rule_id, fingerprint) do update set told_at = excluded.told_at, cases = excluded.cases
)
insert into hub.notifications (rule_id, target, language, facts)
values ($1, $5, $6, $7)`;

/** Writes a message and marks its groups as told: both or neither. */
export async function insertMessage(
  connection: SqlConnection,
  { id, target, language }: Pick<StoredRule, 'id' | 'target' | 'language'>,
  notices: readonly Notice[],
  now: Date,
): Promise<void> {
  const facts: MessageFacts = {
    notices: notices.slice(0, groupsMax),
    others: Math.max(0, notices.length - groupsMax),
  };
  await connection.query(insertMessageText, [
    id,
    now,
    notices.map(({ cases }) => cases),
    notices.map(({ fingerprint }) => fingerprint),
    target,
    language,
    JSON.stringify(facts),
  ]);
}

export interface DueMessage {
  readonly id: string;
  readonly target: string;
  readonly language: NotificationLanguage;
  readonly tries: number;
  readonly ageMs: number;
  /** Times in it are texts. */
  readonly facts: MessageFacts;
}

/** Locks the row for the transaction; one that another process is sending is passed over. Index: notifications_due. */
const takeDueText = `
select
  id, target, language, tries, facts,
  extract(epoch from clock_timestamp() - created_at)::float8 * 1000 as "ageMs"
from hub.notifications
where due_at <= clock_timestamp()
order by due_at
limit 1
for update skip locked`;

export async function takeDue(connection: SqlConnection): Promise<DueMessage | undefined> {
  return (await connection.query<DueMessage>(takeDueText)).rows[0];
}

const markSentText = `
update hub.notifications
set sent_at = clock_timestamp(), due_at = null, tries = tries + 1, trouble = null
where id = $1`;

export async function markSent(connection: SqlConnection, id: string): Promise<void> {
  await connection.query(markSentText, [id]);
}

const markFailedText = `
update hub.notifications
set due_at = clock_timestamp() + $2 * interval '1 ms', tries = least(tries + 1, 32767), trouble = $3
where id = $1`;

/** @param againInMs undefined: it is given up */
export async function markFailed(
  connection: SqlConnection,
  id: string,
  againInMs: number | undefined,
  trouble: string,
): Promise<void> {
  await connection.query(markFailedText, [id, againInMs ?? null, trouble.slice(0, 200)]);
}

export interface MessageListing {
  readonly id: string;
  readonly ruleId: string;
  readonly target: string;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  /** When it is tried next; null: not any more. */
  readonly dueAt: Date | null;
  readonly tries: number;
  readonly trouble: string | null;
}

const listMessagesText = `
select id, rule_id as "ruleId", target, created_at as "createdAt", sent_at as "sentAt", due_at as "dueAt", tries, trouble
from hub.notifications
order by id desc
limit 50`;

/** The latest 50. Index: the primary key. */
export async function listMessages(connection: SqlConnection): Promise<readonly MessageListing[]> {
  return (await connection.query<MessageListing>(listMessagesText)).rows;
}

/** The table holds a month of messages to people; it is read whole. */
const forgetText = `
delete from hub.notifications where due_at is null and created_at < clock_timestamp() - interval '30 days'`;

export async function forgetMessages(connection: SqlConnection): Promise<void> {
  await connection.query(forgetText);
}
