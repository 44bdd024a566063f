import type { SqlConnection } from '../sql-connection.ts';

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
export async function knowsTransactionTimeout(connection: SqlConnection): Promise<boolean> {
  const { rows } = await connection.query<{ known: boolean }>(
    `select current_setting('transaction_timeout', true) is not null as known`,
  );
  return rows[0]?.known === true;
}

/**
 * Ends this transaction from the server's side, should its relay hang: other relays get its rows back.
 *
 * It also has the statements that follow reach their rows by index, and the claim read its own in order, whatever the
 * statistics say: they may still be those of an empty table when a hundred thousand rows have just come, each claim would
 * then sort all of them for its 500 (200 ms instead of 2 for that many rows), and a prepared statement keeps its plan.
 */
export async function boundTransaction(
  connection: SqlConnection,
  limits: { readonly transactionMs: number; readonly knowsTransactionTimeout: boolean },
): Promise<void> {
  const { transactionMs } = limits;
  await connection.query(
    `set local statement_timeout = ${transactionMs};
     set local idle_in_transaction_session_timeout = ${transactionMs};
     set local enable_sort = off;
     set local enable_seqscan = off;` +
      (limits.knowsTransactionTimeout ? `set local transaction_timeout = ${transactionMs};` : ''),
  );
}

export const oldestAvailableText = `
  select id
  from outbox.messages
  where claimed_until is null and available_at <= now()
  order by available_at, id
  limit 1`;

/** Whether a look is worth a transaction; a fifth of the price of one. Index messages_claimable. */
export async function isAnyAvailable(connection: SqlConnection): Promise<boolean> {
  return (await connection.query(oldestAvailableText)).rows.length > 0;
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
export async function lockAvailable(connection: SqlConnection, rowsMax: number): Promise<ClaimedRow[]> {
  return (await connection.query<ClaimedRow>(lockAvailableText, [rowsMax])).rows;
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

/** Removes what the broker has confirmed. Primary key. */
export async function deletePublished(connection: SqlConnection, ids: readonly string[]): Promise<void> {
  await connection.query(deletePublishedText, [ids]);
}

/** Moves rows that were not published into the future, each with its reason, and gives them back. Primary key. */
export async function postpone(
  connection: SqlConnection,
  postponements: readonly Postponement[],
): Promise<void> {
  await connection.query(
    `update outbox.messages
     set available_at = clock_timestamp() + failed.delay_ms * interval '1 millisecond',
       claimed_until = null,
       publish_failures = least(publish_failures + 1, 32767),
       last_failure = failed.cause
     from unnest($1::bigint[], $2::float8[], $3::text[]) as failed (id, delay_ms, cause)
     where messages.id = failed.id`,
    [
      postponements.map(({ id }) => id),
      postponements.map(({ delayMs }) => delayMs),
      postponements.map(({ cause }) => cause),
    ],
  );
}
