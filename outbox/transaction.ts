/** Transactions in as few round trips as they have answers to wait for, over a knex pool's own pg connections. */
import type { Knex } from 'knex';
import type { ClientBase } from 'pg';
import { rowModes, statementName, type RowsAs, type SqlConnection, type SqlRows } from './sql-connection.ts';

/** Statements run in the order in which they are sent, whether or not the earlier ones are waited for. */
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
  /** Strings, numbers, booleans, dates, nulls, and lists of these: one that pg cannot write would be left out by itself. */
  readonly values: readonly unknown[];
}

/** What knex's dialects have in common: https://knexjs.org/guide/extending.html, and untyped there. */
interface ConnectionPool {
  acquireConnection(): Promise<ClientBase>;
  releaseConnection(client: ClientBase): Promise<void>;
}

/**
 * Lends `work` a connection of the pool of `knex`.
 *
 * @throws TypeError if `knex` is a transaction: it has one connection, and what is done there belongs to its owner
 */
export async function onConnection<Result>(
  knex: Knex,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  if (knex.isTransaction === true) throw new TypeError('A knex instance is needed, not a knex transaction.');
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
 * pg's `pipeline`, what is sent together travels together; on any other, each statement is sent when the one before it is
 * answered.
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
  const isPipelined = 'pipeline' in client && client.pipeline === true;
  let committing: Promise<void> | undefined;
  const begun = client.query(text);
  // Told by whatever waits for it, which may be later.
  begun.catch(() => undefined);

  async function commit(): Promise<void> {
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error(`Postgres answered the commit with ${command}`);
  }

  function send<Row extends object>(
    { text: statement, values }: Statement,
    rowsAs?: RowsAs,
  ): Promise<SqlRows<Row>> {
    if (committing !== undefined) throw new Error('the transaction is committed already');
    return preparedQuery(client, statement, values, rowsAs);
  }

  return {
    query: async <Row extends object>(
      statement: string,
      values: readonly unknown[] = [],
      rowsAs?: RowsAs,
    ) => {
      await begun;
      return send<Row>({ text: statement, values }, rowsAs);
    },
    lookAhead: async <Row extends object>(
      statement: string,
      values: readonly unknown[] = [],
      rowsAs?: RowsAs,
    ) => {
      if (!isPipelined) await begun;
      const [, rows] = await Promise.all([begun, send<Row>({ text: statement, values }, rowsAs)]);
      return rows;
    },
    finish: async (statements) => {
      await begun;
      const sent: Promise<unknown>[] = [];
      for (const statement of statements) {
        const answer = send(statement);
        sent.push(answer);
        if (!isPipelined) await answer;
      }
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

/** Runs `statements` one after the other, for those who have more to do before they commit. */
export async function runStatements(
  connection: SqlConnection,
  statements: readonly Statement[],
): Promise<void> {
  for (const { text, values } of statements) await connection.query(text, values);
}

/** Runs one statement as a named prepared statement, which Postgres parses and plans once per session. */
export async function preparedQuery<Row extends object>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] = [],
  rowsAs: RowsAs = 'objects',
): Promise<SqlRows<Row>> {
  const query = { name: statementName(text), text, values: [...values], ...rowModes[rowsAs] };
  const { rows, rowCount } = await client.query<Row>(query);
  return { rows, rowCount: rowCount ?? 0 };
}
