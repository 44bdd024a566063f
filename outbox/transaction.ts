/** Transactions in as few round trips as they have answers to wait for, over a knex pool's own pg connections. */
import type { Knex } from 'knex';
import type { ClientBase } from 'pg';
import { statementName, type SqlConnection, type SqlRows } from './sql-connection.ts';

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

/** What knex's dialects have in common: https://knexjs.org/guide/extending.html, and untyped there. */
interface ConnectionPool {
  acquireConnection(): Promise<ClientBase>;
  releaseConnection(client: ClientBase): Promise<void>;
}

/** Lends `work` a connection of the pool of `knex`, which must be an instance, not a transaction. */
export async function onConnection<Result>(
  knex: Knex,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  const pool = knex.client as ConnectionPool;
  const client = await pool.acquireConnection();
  try {
    return await work(client);
  } finally {
    await pool.releaseConnection(client);
  }
}

/**
 * Runs `work` in a transaction on `client`: committed when it resolves, rolled back when it throws. On a client with
 * pg's `pipeline`, what is sent together travels together; on any other, each statement waits for the one before it.
 *
 * @param beginText begins it, in one message; it may also set what holds for this transaction
 * @throws Error where Postgres rolled back instead, since `work` went on after a statement that failed
 */
export async function runTransaction<Result>(
  client: ClientBase,
  beginText: string,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const transaction = begin(client, beginText);
  try {
    const result = await work(transaction);
    await transaction.committed();
    return result;
  } catch (error) {
    // A connection that died has rolled back by itself; the first error is the one that tells.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

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

/** Runs `statements` in their order, for those who have more to do before they commit. */
export async function runStatements(
  connection: SqlConnection,
  statements: readonly Statement[],
): Promise<void> {
  await Promise.all(statements.map(({ text, values }) => connection.query(text, values)));
}

/** Runs one statement as a named prepared statement, which Postgres parses and plans once per session. */
export async function preparedQuery<Row extends object>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<SqlRows<Row>> {
  const name = statementName(text);
  const { rows, rowCount } = await client.query<Row>({ name, text, values: [...values] });
  return { rows, rowCount: rowCount ?? 0 };
}
