import type { ClientBase } from 'pg';
import type { SqlConnection } from '../sql-connection.ts';
import type { SqlTransaction, Statement } from '../transaction.ts';

/** A row as a relay takes it. Its data stays text: nobody here needs to read it. */
export interface ClaimedRow {
  readonly id: string;
  readonly exchange: string;
  readonly routing_key: string;
  readonly type: string;
  readonly subject: string | null;
  readonly traceparent: string | null;
  readonly mandatory: boolean;
  /** JSON text of an RFC 3339 timestamp: dearer to parse than to pass on. */
  readonly time_json: string;
  readonly publish_failures: number;
  readonly data_json: string;
}

/** Why a row was not published, and for how long it is left alone. */
export interface Postponement {
  readonly id: string;
  readonly delayMs: number;
  readonly cause: string;
}

/** Postgres 17 and later bound a whole transaction: https://www.postgresql.org/docs/17/runtime-config-client.html */
export async function knowsTransactionTimeout(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `select current_setting('transaction_timeout', true) is not null as known`,
  );
  return rows[0]?.known === true;
}

/**
 * What begins a transaction that ends from the server's side, should its relay hang: other relays get its rows back.
 *
 * It also has the statements that follow reach their rows by index, and the claim read its own in order, whatever the
 * statistics say: they may still be those of an empty table when a hundred thousand rows have just come, each claim would
 * then sort all of them for its few hundred (200 ms instead of 2 for that many rows), and a prepared statement keeps its plan.
 */
export function boundedBegin({
  transactionMs,
  knowsTransactionTimeout: isKnown,
}: {
  readonly transactionMs: number;
  readonly knowsTransactionTimeout: boolean;
}): string {
  return `
begin;
set local statement_timeout = ${transactionMs};
set local idle_in_transaction_session_timeout = ${transactionMs};
set local enable_sort = off;
set local enable_seqscan = off${isKnown ? `;\nset local transaction_timeout = ${transactionMs}` : ''}`;
}

export const oldestAvailableText = `
  select id
  from outbox.messages
  where claimed_until is null and available_at <= now()
  order by available_at, id
  limit 1`;

/**
 * Whether a look is worth a transaction, at a part of the price of one. Not prepared: made for an empty table, its plan would
 * sort all that has come. Index messages_claimable.
 */
export async function isAnyAvailable(client: ClientBase): Promise<boolean> {
  return (await client.query(oldestAvailableText)).rows.length > 0;
}

export const lockAvailableText = `
  select id, exchange, routing_key, type, subject, traceparent, mandatory, publish_failures,
    to_json(created_at)::text as time_json, data::text as data_json
  from outbox.messages
  where claimed_until is null and available_at <= now()
  order by available_at, id
  limit $1
  for update skip locked`;

/**
 * Takes the oldest available rows for the time of this transaction. Row locks, skipping those of others; index
 * messages_claimable.
 */
export async function lockAvailable(
  connection: Pick<SqlTransaction, 'lookAhead'>,
  rowsMax: number,
): Promise<ClaimedRow[]> {
  return (await connection.lookAhead<ClaimedRow>(lockAvailableText, [rowsMax])).rows;
}

export const claimAvailableText = `
  with available as materialized (
    select id
    from outbox.messages
    where claimed_until is null
      and available_at <= now()
      and (exchange, routing_key) not in (select * from unnest($3::text[], $4::text[]))
    order by available_at, id
    limit $1
    for update skip locked
  )
  update outbox.messages
  set claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
  from available
  where messages.id = available.id
  returning messages.id, exchange, routing_key, type, subject, traceparent, mandatory,
    publish_failures, to_json(created_at)::text as time_json, data::text as data_json`;

/**
 * Takes the oldest available rows until `claimMs` from now, but none for the routes that are busy. Row locks,
 * skipping those of others; index messages_claimable, reading past the rows of busy routes.
 */
export async function claimAvailable(
  connection: SqlConnection,
  claim: {
    readonly rowsMax: number;
    readonly claimMs: number;
    readonly busy: readonly { readonly exchange: string; readonly routingKey: string }[];
  },
): Promise<ClaimedRow[]> {
  const { rows } = await connection.query<ClaimedRow>(claimAvailableText, [
    claim.rowsMax,
    claim.claimMs,
    claim.busy.map(({ exchange }) => exchange),
    claim.busy.map(({ routingKey }) => routingKey),
  ]);
  return rows;
}

/** Keeps claims alive while their messages are being handled. Primary key. */
export async function renewClaims(
  connection: SqlConnection,
  ids: readonly string[],
  claimMs: number,
): Promise<void> {
  await connection.query(
    `update outbox.messages
     set claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
     where id = any($1::bigint[]) and claimed_until is not null`,
    [ids, claimMs],
  );
}

/** Gives claimed rows back. Primary key. */
export async function releaseClaims(connection: SqlConnection, ids: readonly string[]): Promise<void> {
  await connection.query(`update outbox.messages set claimed_until = null where id = any($1::bigint[])`, [
    ids,
  ]);
}

/** Gives back what a relay that died had claimed; returns how many. Index messages_claimed. */
export async function releaseExpiredClaims(connection: SqlConnection): Promise<number> {
  const { rowCount } = await connection.query(
    `update outbox.messages set claimed_until = null where claimed_until < clock_timestamp()`,
  );
  return rowCount;
}

export const deletePublishedText = 'delete from outbox.messages where id = any($1::bigint[])';

const postponeText = `
  update outbox.messages
  set available_at = clock_timestamp() + failed.delay_ms * interval '1 millisecond',
    claimed_until = null,
    publish_failures = least(publish_failures + 1, 32767),
    last_failure = failed.cause
  from unnest($1::bigint[], $2::float8[], $3::text[]) as failed (id, delay_ms, cause)
  where messages.id = failed.id`;

/**
 * What removes the rows that the broker has confirmed, and moves those that were not published into the future, each with
 * its reason, and gives them back. Primary key.
 */
export function resultStatements(
  publishedIds: readonly string[],
  postponements: readonly Postponement[],
): Statement[] {
  const statements: Statement[] = [];
  if (publishedIds.length > 0) statements.push({ text: deletePublishedText, values: [publishedIds] });
  if (postponements.length > 0) {
    const ids = postponements.map(({ id }) => id);
    const delays = postponements.map(({ delayMs }) => delayMs);
    statements.push({ text: postponeText, values: [ids, delays, postponements.map(({ cause }) => cause)] });
  }
  return statements;
}
