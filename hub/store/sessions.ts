/** Sessions of people in a browser: the hash of the token, never the token. */
import type { SqlConnection } from '@points-hub/outbox';
import type { Role } from '../operations/rights.ts';

export interface NewSession {
  readonly operatorId: string;
  readonly tokenHash: Buffer;
  readonly lastsMs: number;
  /** When the person proved who he is; undefined: now. */
  readonly provenAt: Date | undefined;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

const insertSessionText = `
with expired as (
  delete from hub.sessions where operator_id = $1 and expires_at <= clock_timestamp()
)
insert into hub.sessions (operator_id, token_hash, expires_at, proven_at, address, user_agent)
values (
  $1, $2, clock_timestamp() + $3 * interval '1 ms', least(coalesce($4, clock_timestamp()), clock_timestamp()), $5, $6
)
returning id`;

/** Begins a session, and forgets those of the same person that are over. @returns its id */
export async function insertSession(
  connection: SqlConnection,
  { operatorId, tokenHash, lastsMs, provenAt, address, userAgent }: NewSession,
): Promise<string> {
  const values = [operatorId, tokenHash, lastsMs, provenAt ?? null, address ?? null, userAgent ?? null];
  const [row] = (await connection.query<{ id: string }>(insertSessionText, values)).rows;
  if (row === undefined) throw new Error('the statement that begins a session always returns one row');
  return row.id;
}

/** A session that is not over by its absolute limit, and whose person is not disabled. */
export interface OpenSession {
  readonly id: string;
  readonly operatorId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly origin: 'local' | 'oidc';
  readonly begunAt: Date;
  readonly provenAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly provenMsAgo: number;
  readonly idleMs: number;
}

const readSessionText = `
select
  sessions.id, sessions.operator_id as "operatorId", operators.name, operators.roles, operators.origin,
  sessions.begun_at as "begunAt", sessions.proven_at as "provenAt", sessions.last_seen_at as "lastSeenAt",
  sessions.expires_at as "expiresAt",
  extract(epoch from clock_timestamp() - sessions.proven_at)::float8 * 1000 as "provenMsAgo",
  extract(epoch from clock_timestamp() - sessions.last_seen_at)::float8 * 1000 as "idleMs"
from hub.sessions
join hub.operators on operators.id = sessions.operator_id
where sessions.token_hash = $1 and sessions.expires_at > clock_timestamp() and operators.disabled_at is null`;

/** Index: sessions_token_hash_key. Takes no lock. */
export async function readSession(
  connection: SqlConnection,
  tokenHash: Buffer,
): Promise<OpenSession | undefined> {
  return (await connection.query<OpenSession>(readSessionText, [tokenHash])).rows[0];
}

const readIdleText = `
select
  sessions.id, operators.roles,
  extract(epoch from clock_timestamp() - sessions.last_seen_at)::float8 * 1000 as "idleMs"
from hub.sessions
join hub.operators on operators.id = sessions.operator_id
where sessions.id = any ($1::bigint[]) and sessions.expires_at > clock_timestamp() and operators.disabled_at is null`;

/** Those of these sessions that are not over by their absolute limit. Index: the primary key. Takes no lock. */
export async function readIdleSessions(
  connection: SqlConnection,
  ids: readonly string[],
): Promise<readonly Pick<OpenSession, 'id' | 'roles' | 'idleMs'>[]> {
  return (await connection.query<Pick<OpenSession, 'id' | 'roles' | 'idleMs'>>(readIdleText, [ids])).rows;
}

export async function touchSession(connection: SqlConnection, id: string): Promise<void> {
  await connection.query('update hub.sessions set last_seen_at = clock_timestamp() where id = $1', [id]);
}

/** The person has proven once more who he is. */
export async function proveSession(connection: SqlConnection, id: string): Promise<void> {
  await connection.query('update hub.sessions set proven_at = clock_timestamp() where id = $1', [id]);
}

export interface SessionListing {
  readonly id: string;
  readonly begunAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
  readonly userAgent: string | null;
}

const listSessionsText = `
select
  id, begun_at as "begunAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt", address,
  user_agent as "userAgent"
from hub.sessions
where operator_id = $1 and expires_at > clock_timestamp()
order by id desc
limit 100`;

/** The newest 100 of a person. Index: sessions_by_operator. */
export async function listSessions(
  connection: SqlConnection,
  operatorId: string,
): Promise<readonly SessionListing[]> {
  return (await connection.query<SessionListing>(listSessionsText, [operatorId])).rows;
}

/** Ends one session of this person. @returns whether there was one */
export async function deleteSession(
  connection: SqlConnection,
  operatorId: string,
  id: string,
): Promise<boolean> {
  const text = 'delete from hub.sessions where operator_id = $1 and id = $2';
  return (await connection.query(text, [operatorId, id])).rowCount === 1;
}

/** Ends all sessions of a person, but for one if that is named. @returns how many */
export async function deleteSessions(
  connection: SqlConnection,
  operatorId: string,
  exceptId?: string,
): Promise<number> {
  const text = 'delete from hub.sessions where operator_id = $1 and id is distinct from $2::bigint';
  return (await connection.query(text, [operatorId, exceptId ?? null])).rowCount;
}
