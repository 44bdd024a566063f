import pg from 'pg';
import { repeatFor } from './repeat-for.ts';

const clients = 16;
const rowsPerStatement = 1_000;
/** As long as the data of a message. */
const text = 'x'.repeat(60);

export function commitsPerSecond(databaseUrl: string, seconds: number): Promise<number> {
  return onTable(databaseUrl, clients, (pool) =>
    repeatFor(seconds, clients, () =>
      pool.query({ name: 'single', text: 'insert into raw_rows (text) values ($1)', values: [text] }),
    ),
  );
}

export async function rowsPerSecond(databaseUrl: string, seconds: number): Promise<number> {
  const values = [Array.from({ length: rowsPerStatement }, () => text)];
  const statements = await onTable(databaseUrl, 1, (pool) =>
    repeatFor(seconds, 1, () =>
      pool.query({
        name: 'batch',
        text: 'insert into raw_rows (text) select * from unnest($1::text[])',
        values,
      }),
    ),
  );
  return statements * rowsPerStatement;
}

async function onTable(
  databaseUrl: string,
  max: number,
  work: (pool: pg.Pool) => Promise<number>,
): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max });
  try {
    await pool.query(
      'create table raw_rows (id bigint generated always as identity primary key, text text not null)',
    );
    const rate = await work(pool);
    await pool.query('drop table raw_rows');
    return rate;
  } finally {
    await pool.end();
  }
}
