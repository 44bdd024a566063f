/** Personal access tokens, for the command line: found by their id, proven by the hash of their secret. */
import type { SqlConnection } from '@points-hub/outbox';
import type { Permission, Role } from '../operations/rights.ts';

export interface NewAccessToken {
  readonly id: string;
  readonly operatorId: string;
  readonly secretHash: Buffer;
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly lastsMs: number;
}

const insertAccessTokenText = `
insert into hub.access_tokens (id, operator_id, secret_hash, name, scopes, expires_at)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms')
returning expires_at as "expiresAt"`;

/** @returns when it ends */
export async function insertAccessToken(connection: SqlConnection, token: NewAccessToken): Promise<Date> {
  const { id, operatorId, secretHash, name, scopes, lastsMs } = token;
  const values = [id, operatorId, secretHash, name, scopes, lastsMs];
  const [row] = (await connection.query<{ expiresAt: Date }>(insertAccessTokenText, values)).rows;
  if (row === undefined) throw new Error('the statement that keeps a token always returns one row');
  return row.expiresAt;
}

/** A token that is neither over nor revoked, of a person who is not disabled. */
export interface ValidAccessToken {
  readonly operatorId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly origin: 'local' | 'oidc';
  readonly scopes: readonly Permission[];
  readonly secretHash: Buffer;
  readonly expiresAt: Date;
  /** Whether its last use was written down lately. */
  readonly isFresh: boolean;
}

const readAccessTokenText = `
select
  operators.id as "operatorId", operators.name, operators.roles, operators.origin, token.scopes,
  token.secret_hash as "secretHash", token.expires_at as "expiresAt",
  coalesce(token.last_used_at > clock_timestamp() - interval '1 min', false) as "isFresh"
from hub.access_tokens as token
join hub.operators on operators.id = token.operator_id
where token.id = $1 and token.revoked_at is null and token.expires_at > clock_timestamp()
  and operators.disabled_at is null`;

/** Index: the primary key. */
export async function readAccessToken(
  connection: SqlConnection,
  id: string,
): Promise<ValidAccessToken | undefined> {
  return (await connection.query<ValidAccessToken>(readAccessTokenText, [id])).rows[0];
}

export async function touchAccessToken(connection: SqlConnection, id: string): Promise<void> {
  await connection.query('update hub.access_tokens set last_used_at = clock_timestamp() where id = $1', [id]);
}

export interface AccessTokenListing {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

const listAccessTokensText = `
select
  id, name, scopes, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"
from hub.access_tokens
where operator_id = $1 and revoked_at is null and expires_at > clock_timestamp()
order by created_at desc, id`;

/** Those of a person that still open something. Index: access_tokens_by_operator. */
export async function listAccessTokens(
  connection: SqlConnection,
  operatorId: string,
): Promise<readonly AccessTokenListing[]> {
  return (await connection.query<AccessTokenListing>(listAccessTokensText, [operatorId])).rows;
}

const revokeText = `
update hub.access_tokens
set revoked_at = clock_timestamp()
where operator_id = $1 and ($2::text is null or id = $2) and revoked_at is null and expires_at > clock_timestamp()`;

/** One token of this person, or without an id all of them. Index: access_tokens_by_operator. @returns how many */
export async function revokeAccessTokens(
  connection: SqlConnection,
  operatorId: string,
  id?: string,
): Promise<number> {
  return (await connection.query(revokeText, [operatorId, id ?? null])).rowCount;
}
