/**
 * The one door to Postgres. knex keeps the pool, runs the migrations and makes the transactions that `placeOrder`
 * accepts; statements stay SQL and run as named prepared statements on the pool's own pg connections.
 */
import knexFactory, { type Knex } from 'knex';
import {
  onConnection,
  preparedQuery,
  runTransaction,
  silentLog,
  type Log,
  type SqlConnection,
  type SqlTransaction,
} from '@points-hub/outbox';
import { openPipeline } from './pipeline.ts';
import { typesWithTimestamps } from './timestamps.ts';

export { runStatements, type SqlTransaction, type Statement } from '@points-hub/outbox';

export interface Database extends SqlConnection {
  readonly knex: Knex;
  /** For statements that may come close upon each other; see `openPipeline`. */
  readonly pipeline: SqlConnection;
  /**
   * Runs `work` in a READ COMMITTED transaction: committed when it resolves, rolled back when it throws.
   *
   * @throws Error where Postgres rolled back instead, since `work` went on after a statement that failed
   */
  transaction<Result>(
    work: (transaction: SqlTransaction) => Promise<Result>,
    plans?: keyof typeof beginTexts,
  ): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly applicationName: string;
  /** Connections at most, 1 or more. */
  readonly poolMax: number;
  /** Default: says nothing. */
  readonly log?: Log;
}

/** How a transaction begins, by what its statements are like. */
const beginTexts = {
  any: 'begin',
  /**
   * Every statement finds few rows by keys that it is given, and may join them with what else it is given. Left to
   * itself, Postgres plans that while the tables are small, by scanning them, and keeps the plan as they grow: settling
   * cost it 0.43 ms of CPU per order with 4,000 orders in the tables, and more with each further one; so it is 0.29.
   */
  by_key: `
begin;
set local enable_seqscan = off;
set local enable_nestloop = off;
set local enable_mergejoin = off`,
} as const;

/** Opens the pool; connects at the first use. */
export function openDatabase({ url, applicationName, poolMax, log = silentLog }: DatabaseOptions): Database {
  // Not within the call: knex hands all of it to pg, but its types do not know `pipeline`.
  const connection = {
    connectionString: url,
    application_name: applicationName,
    // A server that vanished without a word is noticed by the kernel, not after hours.
    keepAlive: true,
    // Statements go out without waiting for the answers to those before them.
    pipeline: true,
    types: typesWithTimestamps,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
  };
  const knex = knexFactory({
    client: 'pg',
    connection,
    pool: { min: 0, max: poolMax },
    acquireConnectionTimeout: 10_000,
    // knex would print on standard output, in the middle of our lines.
    log: {
      warn: (reason: unknown) => log.warn({ reason }, 'the database pool'),
      error: (reason: unknown) => log.warn({ reason }, 'the database pool'),
      deprecate: (reason: unknown) => log.warn({ reason }, 'the database pool'),
      debug: (reason: unknown) => log.debug({ reason }, 'the database pool'),
    },
  });

  return {
    knex,
    pipeline: openPipeline(knex),
    query: (text, values, rowsAs) =>
      onConnection(knex, (client) => preparedQuery(client, text, values, rowsAs)),
    transaction: (work, plans = 'any') =>
      onConnection(knex, (client) => runTransaction(client, beginTexts[plans], work)),
    close: () => knex.destroy(),
  };
}

/**
 * Whether `error` says that Postgres is away or shutting down, or that the transaction lost to another one or took
 * too long: the work may be done again as it is. Sources: SQLSTATE classes 08, 40, 53, 57P0x and 57014 in
 * https://www.postgresql.org/docs/18/errcodes-appendix.html, and the system errors of node:net.
 */
export function isDatabaseAway(error: unknown): boolean {
  // Not instanceof: errors of node:net come from another realm where a test runner has its own globals.
  if (!Error.isError(error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (
    /^(08|40|53|57P0|57014)/.test(code) ||
    /^E[A-Z]+$/.test(code) ||
    code === 'EAI_AGAIN' ||
    code === '25P03'
  ) {
    return true;
  }
  // pg and knex have no codes for these.
  return /Connection terminated|connection error and is not queryable|^timeout expired$|timeout exceeded when trying to connect|Timeout acquiring a connection/.test(
    error.message,
  );
}
