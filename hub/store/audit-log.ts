/** The append-only record of what people did. Postgres chains the rows (0005_people.sql). */
import type { SqlConnection } from '@points-hub/outbox';

export const auditOutcomes = ['done', 'begun', 'refused'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export interface NewAuditRow {
  readonly operatorId: string | undefined;
  readonly via: 'web' | 'cli';
  readonly outcome: AuditOutcome;
  readonly actor: string | undefined;
  readonly action: string;
  readonly subject: string | undefined;
  readonly reason: string | undefined;
  readonly code: string | undefined;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

const appendText = `
insert into hub.audit (
  operator_id, via, outcome, actor, action, subject, reason, code, address, user_agent, request_id, details
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
returning id, encode(hash, 'hex') as hash`;

/**
 * Adds a row at the end. Locks hub.audit_head until the transaction ends: whoever adds does so as the last thing
 * before the commit, and never locks anything afterwards.
 */
export async function appendAudit(
  connection: SqlConnection,
  row: NewAuditRow,
): Promise<{ readonly id: string; readonly hash: string }> {
  const { operatorId, via, outcome, actor, action, subject, reason, code, address, userAgent, requestId } =
    row;
  const values = [
    operatorId,
    via,
    outcome,
    actor,
    action,
    subject,
    reason,
    code,
    address,
    userAgent,
    requestId,
  ];
  const { rows } = await connection.query<{ id: string; hash: string }>(appendText, [
    ...values.map((value) => value ?? null),
    JSON.stringify(row.details),
  ]);
  const [added] = rows;
  if (added === undefined) throw new Error('the statement that adds to the audit always returns one row');
  return added;
}

/** A row with every column as the text that its hash was made of. */
export interface AuditText {
  readonly id: string;
  /** UTC, to the microsecond, without a zone. */
  readonly at: string;
  readonly operatorId: string | null;
  readonly via: string;
  readonly outcome: string;
  readonly actor: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly reason: string | null;
  readonly code: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly details: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** `order by` has to name audit.id: the output's id is a text. */
const auditTextColumns = `
  id::text as id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as at,
  operator_id::text as "operatorId", via, outcome, actor, action, subject, reason, code, address,
  user_agent as "userAgent", request_id as "requestId", details::text as details,
  encode(previous_hash, 'hex') as "previousHash", encode(hash, 'hex') as hash`;

export interface AuditFilter {
  /** The id of an operator. */
  readonly operator?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

const filterText = `
  ($2::bigint is null or operator_id = $2)
  and ($3::text is null or action = $3)
  and ($4::text is null or subject = $4)
  and ($5::text is null or outcome = $5)
  and ($6::timestamptz is null or at >= $6)
  and ($7::timestamptz is null or at < $7)`;

function filterValues({ operator, action, subject, outcome, since, until }: AuditFilter): readonly unknown[] {
  return [operator, action, subject, outcome, since, until].map((value) => value ?? null);
}

const listAuditText = `
select ${auditTextColumns}
from hub.audit
where ($1::bigint is null or id < $1) and ${filterText}
order by audit.id desc
limit $8`;

/** The newest first. Index: audit_by_operator, _action, _subject or _outcome, or the primary key, read backwards. */
export async function listAudit(
  connection: SqlConnection,
  filter: AuditFilter,
  before: string | undefined,
  limit: number,
): Promise<readonly AuditText[]> {
  const values = [before ?? null, ...filterValues(filter), limit];
  return (await connection.query<AuditText>(listAuditText, values)).rows;
}

const readOnwardText = `
select ${auditTextColumns}
from hub.audit
where id > $1 and ${filterText}
order by audit.id
limit $8`;

/** The oldest first, in pages, so that neither memory nor a snapshot grows with the table. Index: as `listAudit`. */
export async function* readAudit(
  connection: SqlConnection,
  filter: AuditFilter = {},
  pageRows = 2_000,
): AsyncGenerator<readonly AuditText[]> {
  let after = '0';
  for (;;) {
    const { rows } = await connection.query<AuditText>(readOnwardText, [
      after,
      ...filterValues(filter),
      pageRows,
    ]);
    const last = rows.at(-1);
    if (last !== undefined) yield rows;
    if (last === undefined || rows.length < pageRows) return;
    after = last.id;
  }
}

export interface AuditEnd {
  readonly id: string;
  readonly hash: string;
}

/** Where the chain says that it ends. */
export async function readAuditEnd(connection: SqlConnection): Promise<AuditEnd | undefined> {
  const text = `select id::text as id, encode(hash, 'hex') as hash from hub.audit_head`;
  return (await connection.query<AuditEnd>(text)).rows[0];
}
