/** What one transaction of settlement writes: one statement for its rows, and those of its cases. */
import type { Writes } from '../settlement/store-port.ts';
import type { MessageNames } from '../settlement/topology.ts';
import { columnsOfAttempt, columnsOfFinished } from './attempt-columns.ts';
import { caseStatements } from './case-changes.ts';
import { columnsOfDeduction, columnsOfOrder } from './changed-columns.ts';
import type { Statement } from './database.ts';
import { columnsOfMessage } from './message-columns.ts';

/**
 * What is written to one table, each with one or two parameters of its own. The rows are under their orders' locks, so no WHERE
 * guards are needed; the lists of ids are there for the plan, which reaches the rows by them and then joins what is
 * written to them.
 */
const partTexts = {
  orders: `
  update hub.orders
  set status = changed.status,
      reason_code = changed.reason_code,
      reason_channel = changed.reason_channel,
      reason_leg = changed.reason_leg,
      ended_at = case when changed.status in ('settled', 'cancelled') then coalesce(orders.ended_at, clock_timestamp()) end
  from json_to_recordset($1::json) as changed (
    id bigint, status text, reason_code text, reason_channel text, reason_leg text
  )
  where orders.id = changed.id and orders.id = any ($2::bigint[])`,
  deductions: `
  update hub.deductions
  set holds = changed.holds,
      goal = changed.goal,
      failures = changed.failures,
      attempts = changed.attempts,
      wakes = 0,
      not_before = changed.not_before,
      lease_until = changed.lease_until,
      wake_by = changed.wake_by,
      retried_at = changed.retried_at,
      late_check_at = changed.late_check_at,
      late_check_from = changed.late_check_from,
      late_check_until = changed.late_check_until,
      attention = changed.attention,
      attention_leg = changed.attention_leg,
      attention_cause = changed.attention_cause,
      points_state = changed.points_state,
      points_first_sent_at = changed.points_first_sent_at,
      points_quiet_at = changed.points_quiet_at,
      points_unproven = changed.points_unproven,
      points_asked = changed.points_asked,
      points_moved = changed.points_moved,
      points_remote_id = changed.points_remote_id,
      points_refusal = changed.points_refusal,
      quota_state = changed.quota_state,
      quota_first_sent_at = changed.quota_first_sent_at,
      quota_quiet_at = changed.quota_quiet_at,
      quota_unproven = changed.quota_unproven,
      quota_asked = changed.quota_asked,
      quota_moved = changed.quota_moved,
      quota_remote_id = changed.quota_remote_id,
      quota_refusal = changed.quota_refusal
  from json_to_recordset($1::json) as changed (
    id bigint, holds boolean, goal text, failures smallint, attempts integer,
    not_before timestamptz, lease_until timestamptz, wake_by timestamptz,
    retried_at timestamptz, late_check_at timestamptz, late_check_from timestamptz,
    late_check_until timestamptz, attention text, attention_leg text, attention_cause text,
    points_state text, points_first_sent_at timestamptz, points_quiet_at timestamptz, points_unproven boolean,
    points_asked text, points_moved numeric, points_remote_id text, points_refusal text,
    quota_state text, quota_first_sent_at timestamptz, quota_quiet_at timestamptz, quota_unproven boolean,
    quota_asked text, quota_moved numeric, quota_remote_id text, quota_refusal text
  )
  where deductions.id = changed.id and deductions.id = any ($2::bigint[])`,
  attempts: `
  insert into hub.attempts (deduction_id, number, intended_at, send_by, leg, action, key, points)
  select deduction_id, number, intended_at, send_by, leg, action, key, points
  from json_to_recordset($1::json) as attempt (
    deduction_id bigint, number integer, intended_at timestamptz, send_by timestamptz,
    leg text, action text, key text, points numeric
  )`,
  // An attempt that is not there (its row was cleaned away) is no error: the leg is the truth.
  finished: `
  update hub.attempts
  set finished_at = clock_timestamp(),
      outcome = finished.outcome,
      cause = finished.cause,
      evidence = finished.evidence,
      is_stale = finished.is_stale
  from json_to_recordset($1::json) as finished (
    deduction_id bigint, number integer, outcome text, cause text, evidence jsonb, is_stale boolean
  )
  where attempts.deduction_id = finished.deduction_id and attempts.number = finished.number
    and attempts.finished_at is null and attempts.deduction_id = any ($2::bigint[])`,
  messages: `
  insert into outbox.messages (exchange, routing_key, type, subject, data, available_at, mandatory, traceparent)
  select exchange, routing_key, type, subject, data, coalesce(available_at, now()), mandatory,
    case when traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' then traceparent end
  from json_to_recordset($1::json) as message (
    exchange text, routing_key text, type text, subject text, data json, available_at timestamptz,
    mandatory boolean, traceparent text
  )`,
} as const;

type PartName = keyof typeof partTexts;

interface Part {
  readonly name: PartName;
  readonly values: readonly unknown[];
}

/**
 * What writes `writes`, under the locks that `lockSettlements` took. All rows in one statement, of the parts that have any:
 * Postgres sets up those without any, too, which was a sixth of what a lone step cost it.
 */
export function settlementStatements(writes: Writes, names: MessageNames): readonly Statement[] {
  const rows = rowsStatement(partsOf(writes, names));
  return rows === undefined ? caseStatements(writes.cases) : [rows, ...caseStatements(writes.cases)];
}

function partsOf(
  { orders, deductions, attempts, finished, messages }: Writes,
  names: MessageNames,
): readonly Part[] {
  const parts: Part[] = [];
  if (orders.length > 0) {
    const values = [JSON.stringify(orders.map(columnsOfOrder)), orders.map(({ id }) => id)];
    parts.push({ name: 'orders', values });
  }
  if (deductions.length > 0) {
    const values = [JSON.stringify(deductions.map(columnsOfDeduction)), deductions.map(({ id }) => id)];
    parts.push({ name: 'deductions', values });
  }
  if (attempts.length > 0)
    parts.push({ name: 'attempts', values: [JSON.stringify(attempts.map(columnsOfAttempt))] });
  if (finished.length > 0) {
    const values = [
      JSON.stringify(finished.map(columnsOfFinished)),
      finished.map(({ deductionId }) => deductionId),
    ];
    parts.push({ name: 'finished', values });
  }
  if (messages.length > 0) {
    const columns = messages.map((message) => columnsOfMessage(message, names));
    parts.push({ name: 'messages', values: [JSON.stringify(columns)] });
  }
  return parts;
}

/** One text for every choice of parts, so that each is prepared once. */
const textsByParts = new Map<string, string>();

function rowsStatement(parts: readonly Part[]): Statement | undefined {
  if (parts.length === 0) return undefined;
  return { text: writingText(parts.map(({ name }) => name)), values: parts.flatMap(({ values }) => values) };
}

/** The statement that writes these parts. */
export function writingText(names: readonly PartName[]): string {
  const key = names.join(' ');
  let text = textsByParts.get(key);
  if (text === undefined) {
    text = composed(names);
    textsByParts.set(key, text);
  }
  return text;
}

function composed(names: readonly PartName[]): string {
  let shift = 0;
  const texts = names.map((name) => {
    const own = partTexts[name];
    const text = own.replaceAll(/\$(\d)/g, (_, number: string) => `$${Number(number) + shift}`);
    shift += own.includes('$2') ? 2 : 1;
    return `written_${name} as (${text}\n)`;
  });
  return `with ${texts.join(', ')}\nselect`;
}
