import type { Knex } from 'knex';
import type { ClientBase } from 'pg';
import { onConnection, preparedQuery, type RowsAs, type SqlConnection } from '@points-hub/outbox';

interface Line {
  readonly client: Promise<ClientBase>;
  /** When those that are not answered came, the first one first. They are answered in that order. */
  readonly openSinceMs: number[];
  /** Gives the connection back. */
  readonly end: () => void;
}

/** Nobody goes behind a statement that has been waiting for so long: it may wait for a lock, or its connection be dead. */
const behindMaxMs = 50;

/**
 * Sends the statements of those who come at the same time over one connection of the pool, each a transaction of its own.
 * Postgres goes on with the next while the answer to the one before is read here, so neither waits for the other, and they
 * are done one after the other on one processor. Two connections may wait for each other's processor while another one is
 * idle: accepting orders over one is a third faster (docs/performance.md).
 *
 * - A statement that waits for a lock keeps those waiting that were sent right behind it, so it needs a `lock_timeout`; who
 *   comes later is given another connection.
 * - One that fails takes no other with it; only the first of its text on a new connection may, if it fails before it is
 *   prepared, fail those of the same text that were sent right behind it (SQLSTATE 26000). Who comes later is given another
 *   connection, as long as others wait for the answers of this one.
 * - As long as there is always somebody, one connection of the pool stays taken.
 */
export function openPipeline(knex: Knex): SqlConnection {
  let line: Line | undefined;

  function openLine(): Line {
    const { promise: client, resolve, reject } = Promise.withResolvers<ClientBase>();
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    onConnection(knex, (connection) => {
      resolve(connection);
      return isOver;
    }).catch(reject);
    return { client, openSinceMs: [], end };
  }

  function lineAt(nowMs: number): Line {
    const oldestMs = line?.openSinceMs[0] ?? nowMs;
    if (line === undefined || nowMs - oldestMs > behindMaxMs) line = openLine();
    return line;
  }

  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = [], rowsAs?: RowsAs) => {
      const nowMs = performance.now();
      const mine = lineAt(nowMs);
      mine.openSinceMs.push(nowMs);
      try {
        return await preparedQuery<Row>(await mine.client, text, values, rowsAs);
      } catch (error) {
        if (line === mine) line = undefined;
        throw error;
      } finally {
        mine.openSinceMs.shift();
        if (mine.openSinceMs.length === 0) {
          if (line === mine) line = undefined;
          mine.end();
        }
      }
    },
  };
}
