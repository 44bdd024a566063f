/** The people who may act, and their passwords. */
import type { SqlConnection } from '@points-hub/outbox';
import type { Role } from '../operations/rights.ts';

export interface Operator {
  readonly id: string;
  readonly name: string;
  readonly origin: 'local' | 'oidc';
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  readonly hasPassword: boolean;
  /** When a session of his was last used, among those that still are. */
  readonly lastSeenAt: Date | null;
}

const operatorColumns = `
  operators.id, operators.name, operators.origin, operators.roles,
  operators.created_at as "createdAt", operators.disabled_at as "disabledAt",
  exists (select from hub.credentials where operator_id = operators.id) as "hasPassword",
  (select max(last_seen_at) from hub.sessions where operator_id = operators.id) as "lastSeenAt"`;

/** All, by name. People are few. */
export async function listOperators(connection: SqlConnection): Promise<readonly Operator[]> {
  const text = `select ${operatorColumns} from hub.operators order by name_key`;
  return (await connection.query<Operator>(text)).rows;
}

/**
 * One person, whose row does not change until the transaction ends. Index: the primary key. The lock lets others refer
 * to him: a row of the audit does, and whoever adds one waits for nobody who waits for the audit.
 */
export async function lockOperator(connection: SqlConnection, id: string): Promise<Operator | undefined> {
  const text = `select ${operatorColumns} from hub.operators where id = $1 for no key update of operators`;
  return (await connection.query<Operator>(text, [id])).rows[0];
}

export interface NewOperator {
  readonly name: string;
  readonly nameKey: string;
  readonly origin: Operator['origin'];
  readonly roles: readonly Role[];
}

const insertOperatorText = `
insert into hub.operators (name, name_key, origin, roles)
values ($1, $2, $3, $4)
on conflict (name_key) do nothing
returning id`;

/** @returns the id; undefined if the name is taken */
export async function insertOperator(
  connection: SqlConnection,
  { name, nameKey, origin, roles }: NewOperator,
): Promise<string | undefined> {
  const { rows } = await connection.query<{ id: string }>(insertOperatorText, [name, nameKey, origin, roles]);
  return rows[0]?.id;
}

export async function writeRoles(
  connection: SqlConnection,
  id: string,
  roles: readonly Role[],
): Promise<void> {
  await connection.query('update hub.operators set roles = $2 where id = $1', [id, roles]);
}

export async function writeDisabled(
  connection: SqlConnection,
  id: string,
  isDisabled: boolean,
): Promise<void> {
  await connection.query(
    `update hub.operators
     set disabled_at = case when $2 then coalesce(disabled_at, clock_timestamp()) end
     where id = $1`,
    [id, isDisabled],
  );
}

/** Who can hand out rights. Locks them in the order of their ids, so that two of them cannot remove each other. */
export async function lockAdmins(connection: SqlConnection): Promise<readonly string[]> {
  const { rows } = await connection.query<{ id: string }>(
    `select id from hub.operators where 'admin' = any (roles) and disabled_at is null order by id for no key update`,
  );
  return rows.map(({ id }) => id);
}

export interface Credential {
  readonly operatorId: string;
  readonly name: string;
  readonly isDisabled: boolean;
  /** As `hashPassword` made it; null for whoever has none. */
  readonly password: string | null;
}

const readCredentialText = `
select
  operators.id as "operatorId", operators.name, operators.disabled_at is not null as "isDisabled",
  credentials.password
from hub.operators
left join hub.credentials on credentials.operator_id = operators.id
where operators.name_key = $1`;

/** Index: operators_name_key_key. */
export async function readCredential(
  connection: SqlConnection,
  nameKey: string,
): Promise<Credential | undefined> {
  return (await connection.query<Credential>(readCredentialText, [nameKey])).rows[0];
}

const writePasswordText = `
insert into hub.credentials (operator_id, password)
values ($1, $2)
on conflict (operator_id) do update set password = excluded.password, changed_at = clock_timestamp()`;

export async function writePassword(connection: SqlConnection, id: string, password: string): Promise<void> {
  await connection.query(writePasswordText, [id, password]);
}

export async function deletePassword(connection: SqlConnection, id: string): Promise<void> {
  await connection.query('delete from hub.credentials where operator_id = $1', [id]);
}

const replaceLinkText = `
insert into hub.one_time_links (operator_id, token_hash, expires_at)
values ($1, $2, clock_timestamp() + $3 * interval '1 ms')
on conflict (operator_id) do update
  set token_hash = excluded.token_hash, expires_at = excluded.expires_at, created_at = clock_timestamp()
returning expires_at as "expiresAt"`;

/** A link to set a password by; the one before, if any, opens nothing any more. @returns when it ends */
export async function replaceLink(
  connection: SqlConnection,
  operatorId: string,
  tokenHash: Buffer,
  lastsMs: number,
): Promise<Date> {
  const { rows } = await connection.query<{ expiresAt: Date }>(replaceLinkText, [
    operatorId,
    tokenHash,
    lastsMs,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('the statement that keeps a link always returns one row');
  return row.expiresAt;
}

export async function deleteLink(connection: SqlConnection, operatorId: string): Promise<void> {
  await connection.query('delete from hub.one_time_links where operator_id = $1', [operatorId]);
}

export interface LinkOwner {
  readonly operatorId: string;
  readonly name: string;
}

const readLinkText = `
select operators.id as "operatorId", operators.name
from hub.one_time_links as link
join hub.operators on operators.id = link.operator_id
where link.token_hash = $1 and link.expires_at > clock_timestamp() and operators.disabled_at is null`;

/** Whose link this is, while it is good for anything. Index: one_time_links_token_hash_key. */
export async function readLink(connection: SqlConnection, tokenHash: Buffer): Promise<LinkOwner | undefined> {
  return (await connection.query<LinkOwner>(readLinkText, [tokenHash])).rows[0];
}

/** Takes a link for ever: of two who come with it, one. */
export async function takeLink(connection: SqlConnection, tokenHash: Buffer): Promise<boolean> {
  const text = 'delete from hub.one_time_links where token_hash = $1 and expires_at > clock_timestamp()';
  return (await connection.query(text, [tokenHash])).rowCount === 1;
}
