/**
 * The one door to Postgres. knex keeps the pool, runs the migrations and makes the transactions that `placeOrder`
 * accepts; statements stay SQL and run as named prepared statements on the pool's own pg connections.
 */
import knexFactory, { type Knex } from 'knex';
import type { ClientBase } from 'pg';
import { silentLog, statementName, type Log, type SqlConnection, type SqlRows } from '@points-hub/outbox';

export interface Database extends SqlConnection {
  readonly knex: Knex;
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

/** Statements run in the order in which they are asked for, whether or not the earlier ones are waited for. */
export interface SqlTransaction extends SqlConnection {
  /**
   * As `query`, sent together with the begin. Only for what reads or locks: should the begin fail, the statement runs
   * by itself, and then fails here.
   */
  readonly lookAhead: SqlConnection['query'];
  /**
   * Sends the last statements together with the commit. Nothing can be asked for afterwards.
   *
   * @throws what the first of them that failed did; then nothing is committed
   */
  readonly finish: (statements: readonly Statement[]) => Promise<void>;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface DatabaseOptions {
  readonly url: string;
  readonly applicationName: string;
  /** Connections at most, 1 or more. */
  readonly poolMax: number;
  /** Default: says nothing. */
  readonly log?: Log;
}

/** What knex's dialects have in common: https://knexjs.org/guide/extending.html, and untyped there. */
interface ConnectionPool {
  acquireConnection(): Promise<ClientBase>;
  releaseConnection(client: ClientBase): Promise<void>;
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

  const pool = knex.client as ConnectionPool;

  async function onConnection<Result>(work: (client: ClientBase) => Promise<Result>): Promise<Result> {
    const client = await pool.acquireConnection();
    try {
      return await work(client);
    } finally {
      await pool.releaseConnection(client);
    }
  }

  return {
    knex,
    query: (text, values) => onConnection((client) => preparedQuery(client, text, values)),
    transaction: (work, plans = 'any') =>
      onConnection(async (client) => {
        const transaction = begin(client, beginTexts[plans]);
        try {
          const result = await work(transaction);
          await transaction.committed();
          return result;
        } catch (error) {
          // A connection that died has rolled back by itself; the first error is the one that tells.
          await client.query('rollback').catch(() => undefined);
          throw error;
        }
      }),
    close: () => knex.destroy(),
  };
}

/** Runs `statements` one after the other, for those who have more to do before they commit. */
export async function runStatements(
  connection: SqlConnection,
  statements: readonly Statement[],
): Promise<void> {
  await Promise.all(statements.map(({ text, values }) => connection.query(text, values)));
}

/** @param text begins it, in one message: the first statements follow before it is answered */
function begin(client: ClientBase, text: string): SqlTransaction & { committed(): Promise<void> } {
  let committing: Promise<void> | undefined;
  const begun = client.query(text);
  // Told by whatever waits for it, which may be later.
  begun.catch(() => undefined);

  async function commit(): Promise<void> {
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error(`Postgres answered the commit with ${command}`);
  }

  return {
    query: async (statement, values) => {
      await begun;
      if (committing !== undefined) throw new Error('the transaction is committed already');
      return preparedQuery(client, statement, values);
    },
    lookAhead: async <Row extends object>(statement: string, values?: readonly unknown[]) => {
      const [, rows] = await Promise.all([begun, preparedQuery<Row>(client, statement, values)]);
      return rows;
    },
    finish: async (statements) => {
      await begun;
      const sent = statements.map((statement) => preparedQuery(client, statement.text, statement.values));
      committing = commit();
      committing.catch(() => undefined);
      await Promise.all(sent);
    },
    committed: async () => {
      await begun;
      await (committing ?? commit());
    },
  };
}

async function preparedQuery<Row extends object>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<SqlRows<Row>> {
  const name = statementName(text);
  const { rows, rowCount } = await client.query<Row>({ name, text, values: [...values] });
  return { rows, rowCount: rowCount ?? 0 };
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
