import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { sqlConnection, type SqlConnection } from './sql-connection.ts';

/** One numbered file: `0001_outbox.sql`. */
export interface SqlMigration {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * The numbered .sql files of a folder as a source of migrations for knex, in the order of their numbers.
 * Forward only: there is no way down.
 *
 * @throws Error if a number is missing or met twice, or a .sql file is named otherwise than `0001_lower_case.sql`
 */
export function sqlMigrations(directory: string): Knex.MigrationSource<SqlMigration> {
  return {
    getMigrations: () => readMigrations(directory),
    getMigrationName: (migration) => migration.name,
    getMigration: (migration) =>
      Promise.resolve({
        // knex reads `?` as a parameter.
        up: async (knex: Knex) => void (await knex.raw(migration.text.replaceAll('?', '\\?'))),
        down: () => Promise.reject(new Error(`${migration.name} has no way down: write the next migration.`)),
      }),
  };
}

async function readMigrations(directory: string): Promise<SqlMigration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name, index) => {
      const expected = String(index + 1).padStart(4, '0');
      if (fileName.exec(name)?.[1] !== expected) {
        throw new Error(
          `${join(directory, name)}: expected a migration named ${expected}_lower_case.sql here.`,
        );
      }
      const text = await readFile(join(directory, name), 'utf8');
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/**
 * Brings a schema up to the newest migration of a folder and returns the names of those that it ran.
 *
 * Everything happens in one transaction under an advisory lock, so any number of processes may start at once (the
 * later ones wait, then find nothing to do) and one that is killed half way leaves no trace, not even knex's own
 * lock. A schema's migrations are recorded inside it, so that packages do not see each other's.
 *
 * @throws Error if a migration that has already run was edited or removed since
 */
export async function migrate(
  knex: Knex,
  options: { readonly schema: string; readonly directory: string },
): Promise<string[]> {
  const { schema, directory } = options;
  if (!/^[a-z][a-z0-9_]*$/.test(schema)) throw new TypeError(`"${schema}" cannot be a schema here.`);
  const source = sqlMigrations(directory);
  const migrations = await source.getMigrations([]);
  return knex.transaction(async (transaction) => {
    const connection = sqlConnection(transaction);
    await connection.query('select pg_advisory_xact_lock(hashtext($1))', [`migrations of schema ${schema}`]);
    await connection.query(`create schema if not exists ${schema}`);
    await connection.query(
      `create table if not exists ${schema}.migration_checksums (name text primary key, sha256 text not null)`,
    );
    await refuseEdited(connection, schema, migrations);
    const ran = (await transaction.migrate.latest({
      migrationSource: source,
      schemaName: schema,
      tableName: 'migrations',
    })) as [number, string[]];
    await recordChecksums(connection, schema, migrations);
    return ran[1];
  });
}

async function refuseEdited(
  connection: SqlConnection,
  schema: string,
  migrations: readonly SqlMigration[],
): Promise<void> {
  const { rows } = await connection.query<{ name: string; sha256: string }>(
    `select name, sha256 from ${schema}.migration_checksums`,
  );
  const recorded = new Map(rows.map((row) => [row.name, row.sha256]));
  for (const { name, sha256 } of migrations) {
    const before = recorded.get(name);
    if (before !== undefined && before !== sha256) {
      throw new Error(
        `${schema}/${name} was edited after it had run here: write the next migration instead.`,
      );
    }
  }
}

async function recordChecksums(
  connection: SqlConnection,
  schema: string,
  migrations: readonly SqlMigration[],
): Promise<void> {
  await connection.query(
    `insert into ${schema}.migration_checksums (name, sha256)
     select name, sha256 from unnest($1::text[], $2::text[]) as migration (name, sha256)
     on conflict (name) do nothing`,
    [migrations.map((migration) => migration.name), migrations.map((migration) => migration.sha256)],
  );
}

/** Creates or updates the schema `outbox`. Safe when several processes start at once. */
export async function migrateOutbox(knex: Knex): Promise<string[]> {
  return migrate(knex, { schema: 'outbox', directory: join(import.meta.dirname, 'migrations') });
}
