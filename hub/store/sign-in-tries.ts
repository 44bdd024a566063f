/** How often somebody tried to sign in, for all processes of the console together. */
import type { SqlConnection } from '@points-hub/outbox';

export interface Tries {
  readonly tries: number;
  /** Until the count begins anew. */
  readonly endsInMs: number;
}

const countTryText = `
insert into hub.sign_in_tries (bucket, tries, ends_at)
values ($1, 1, clock_timestamp() + $2 * interval '1 ms')
on conflict (bucket) do update set
  tries = case when sign_in_tries.ends_at <= clock_timestamp() then 1 else least(sign_in_tries.tries + 1, 1000000) end,
  ends_at = case
    when sign_in_tries.ends_at <= clock_timestamp() then excluded.ends_at else sign_in_tries.ends_at
  end
returning tries, (extract(epoch from ends_at - clock_timestamp()) * 1000)::float8 as "endsInMs"`;

/** Counts a try before it is judged, so that many at once are no way round. Index: the primary key. */
export async function countTry(connection: SqlConnection, bucket: string, windowMs: number): Promise<Tries> {
  const [row] = (await connection.query<Tries>(countTryText, [bucket, windowMs])).rows;
  if (row === undefined) throw new Error('the statement that counts a try always returns one row');
  return row;
}

/** A try that came to something does not count. */
export async function uncountTry(connection: SqlConnection, bucket: string): Promise<void> {
  await connection.query('update hub.sign_in_tries set tries = greatest(tries - 1, 0) where bucket = $1', [
    bucket,
  ]);
}

/** Forgets counts that are over. Index: sign_in_tries_by_end. */
export async function forgetTries(connection: SqlConnection): Promise<void> {
  await connection.query('delete from hub.sign_in_tries where ends_at <= clock_timestamp()');
}

/** Index: the primary key. */
export async function isKnownDevice(
  connection: SqlConnection,
  operatorId: string,
  tokenHash: Buffer,
): Promise<boolean> {
  const { rowCount } = await connection.query(
    `select from hub.known_devices
     where token_hash = $1 and operator_id = $2 and expires_at > clock_timestamp()`,
    [tokenHash, operatorId],
  );
  return rowCount === 1;
}

const insertDeviceText = `
with expired as (
  delete from hub.known_devices where operator_id = $1 and expires_at <= clock_timestamp()
)
insert into hub.known_devices (operator_id, token_hash, expires_at)
values ($1, $2, clock_timestamp() + $3 * interval '1 ms')`;

/** Remembers a browser, and forgets those of the same person that are over. Index: known_devices_by_operator. */
export async function insertDevice(
  connection: SqlConnection,
  operatorId: string,
  tokenHash: Buffer,
  lastsMs: number,
): Promise<void> {
  await connection.query(insertDeviceText, [operatorId, tokenHash, lastsMs]);
}
