import { join } from 'node:path';
import { migrate, migrateOutbox, type SqlConnection } from '@points-hub/outbox';
import type { Knex } from 'knex';

/**
 * Creates or updates the schemas `outbox` and `hub`, and returns the names of the migrations that it ran. Each
 * schema is brought up in one transaction under its own advisory lock, so any number of processes may start at once.
 *
 * @throws Error if a migration that has run before was edited or removed since
 */
export async function migrateHub(knex: Knex): Promise<string[]> {
  const outbox = await migrateOutbox(knex);
  const hub = await migrate(knex, { schema: 'hub', directory: join(import.meta.dirname, 'migrations') });
  return [...outbox, ...hub];
}

/** Whether `migrateHub` has ever run here. */
export async function isMigrated(connection: SqlConnection): Promise<boolean> {
  const { rows } = await connection.query<{ is_migrated: boolean }>(
    `select to_regclass('hub.orders') is not null and to_regclass('outbox.messages') is not null as is_migrated`,
  );
  return rows[0]?.is_migrated ?? false;
}
