import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { ClientBase } from 'pg';

/** An open transaction of the caller: a knex transaction, or a pg client after `await client.query('begin')`. */
export type Transaction = Knex.Transaction | ClientBase;

export interface SqlRows<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

/**
 * What a row is: an object by its columns' names, or a list in their order. pg makes an object column by column, in a way
 * that throws away several times its size; where rows are many and wide, lists cost a sixth.
 */
export type RowsAs = 'objects' | 'lists';

/** Runs SQL with numbered parameters inside one open transaction. */
export interface SqlConnection {
  /** @param rowsAs default `objects` */
  query<Row extends object>(
    text: string,
    values?: readonly unknown[],
    rowsAs?: RowsAs,
  ): Promise<SqlRows<Row>>;
}

export interface SqlConnectionOptions {
  /**
   * Runs every statement as a named prepared statement, which Postgres parses and plans once per session. For texts that
   * are constants, on connections that no pooler hands on between statements. Default false.
   */
  readonly prepares?: boolean;
}

/**
 * One way to run `$1`, `$2` ... SQL in either kind of transaction. The text reaches Postgres as it is written,
 * operators with a question mark (`?`, `?|`, `?&`, `@?`) included.
 *
 * @throws TypeError if it is not a transaction (a plain knex instance, a pool, a pg client outside `begin`) or is
 *   already over: what is written there would not share the fate of the caller's own rows.
 */
export function sqlConnection(transaction: Transaction, options: SqlConnectionOptions = {}): SqlConnection {
  return isKnex(transaction) ? overKnex(transaction, options) : overPg(transaction, options);
}

/**
 * An object that stands for the database of `transaction` and lives as long as its connections: of knex what its
 * transactions share, of pg the client. For what a process may remember of a database. A knex instance whose connections lead
 * to several databases has only one.
 */
export function connectionOwner(transaction: Transaction): object {
  if (!isKnex(transaction)) return transaction;
  // Untyped in knex; every transaction has the instance's own (`makeTxClient` in lib/execution/transaction.js of 3.x).
  const { config } = transaction.client as { readonly config: object };
  return config;
}

/** For pg's own query. */
export const rowModes = { objects: {}, lists: { rowMode: 'array' } } as const;

const statementNames = new Map<string, string>();

/** What `text` is called as a prepared statement: the same in every session, and no other text is called so. */
export function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = `hub_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
    statementNames.set(text, name);
  }
  return name;
}

function isKnex(transaction: Transaction): transaction is Knex.Transaction {
  return typeof transaction === 'function';
}

function overKnex(transaction: Knex.Transaction, options: SqlConnectionOptions): SqlConnection {
  if (transaction.isTransaction !== true) {
    throw new TypeError('A knex transaction is needed, not a knex instance: use knex.transaction(...).');
  }
  if (transaction.isCompleted()) throw new TypeError('The knex transaction is already over.');
  return knexConnection(transaction, options);
}

/** The same over any knex: on an instance, every statement is a transaction of its own. Not exported to malls. */
export function knexConnection(knex: Knex, { prepares = false }: SqlConnectionOptions = {}): SqlConnection {
  return {
    async query<Row extends object>(
      text: string,
      values: readonly unknown[] = [],
      rowsAs: RowsAs = 'objects',
    ): Promise<SqlRows<Row>> {
      // knex knows only `?` parameters; `options` reaches the driver's query as it is, so the numbers stay.
      const result = await knex
        .raw<{ rows: Row[]; rowCount: number | null }>(escapeQuestionMarks(text))
        .options({
          values: [...values],
          ...rowModes[rowsAs],
          ...(prepares ? { name: statementName(text) } : {}),
        });
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
  };
}

/** knex reads `?` as a parameter and gives `\?` back as `?`; it swallows any further backslash before it. */
function escapeQuestionMarks(text: string): string {
  if (text.includes('\\?'))
    throw new TypeError('knex cannot carry "\\?" in SQL text: pass it as a parameter.');
  return text.replaceAll('?', '\\?');
}

function overPg(client: ClientBase, { prepares = false }: SqlConnectionOptions): SqlConnection {
  if ('totalCount' in client) {
    throw new TypeError(
      'A pg client inside a transaction is needed, not a pool: use pool.connect() and begin.',
    );
  }
  // Missing before pg 8.17: then nothing can be checked here. 'I' is idle, that is, outside any transaction.
  if (typeof client.getTransactionStatus === 'function' && client.getTransactionStatus() === 'I') {
    throw new TypeError("The pg client is not inside a transaction: await client.query('begin') first.");
  }
  return {
    async query<Row extends object>(
      text: string,
      values: readonly unknown[] = [],
      rowsAs: RowsAs = 'objects',
    ): Promise<SqlRows<Row>> {
      const result = await client.query<Row>({
        text,
        values: [...values],
        ...rowModes[rowsAs],
        ...(prepares ? { name: statementName(text) } : {}),
      });
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
  };
}
