import type { Knex } from 'knex';
import type { ClientBase } from 'pg';
import { onConnection, preparedQuery, type SqlConnection } from '@points-hub/outbox';

interface Line {
  readonly client: Promise<ClientBase>;
  /** Statements that were sent, or wait for the connection, and are not answered. */
  open: number;
  /** Gives the connection back. */
  readonly end: () => void;
}

/**
 * Sends the statements of those who come at the same time over one connection of the pool, each a transaction of its own.
 * Postgres goes on with the next while the answer to the one before is read here, so neither waits for the other, and they
 * are done one after the other on one processor. Two connections may wait for each other's processor while another one is
 * idle: accepting orders over one is a third faster (docs/performance.md).
 *
 * A statement that waits for a lock keeps those behind it waiting, so it needs a `lock_timeout`. One that fails touches no
 * other; who comes after it has another connection, for it may have been the connection that failed.
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
    return { client, open: 0, end };
  }

  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => {
      const mine = (line ??= openLine());
      mine.open += 1;
      try {
        return await preparedQuery<Row>(await mine.client, text, values);
      } catch (error) {
        if (line === mine) line = undefined;
        throw error;
      } finally {
        mine.open -= 1;
        if (mine.open === 0) {
          if (line === mine) line = undefined;
          mine.end();
        }
      }
    },
  };
}
