/** Signing in at the identity provider: what is under way, and who is who. */
import type { SqlConnection } from '@points-hub/outbox';

export interface OidcLogin {
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly isRenewal: boolean;
}

const insertLoginText = `
with expired as (
  delete from hub.oidc_logins where expires_at <= clock_timestamp()
)
insert into hub.oidc_logins (state_hash, browser_hash, nonce, code_verifier, is_renewal, expires_at)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms')`;

/** Remembers what was sent to the provider, and forgets what nobody came back from. Index: oidc_logins_by_end. */
export async function insertOidcLogin(
  connection: SqlConnection,
  stateHash: Buffer,
  browserHash: Buffer,
  { nonce, codeVerifier, isRenewal }: OidcLogin,
  lastsMs: number,
): Promise<void> {
  await connection.query(insertLoginText, [stateHash, browserHash, nonce, codeVerifier, isRenewal, lastsMs]);
}

const takeLoginText = `
delete from hub.oidc_logins
where state_hash = $1 and browser_hash = $2 and expires_at > clock_timestamp()
returning nonce, code_verifier as "codeVerifier", is_renewal as "isRenewal"`;

/** Takes it for ever: an answer of the provider is good once, in the browser that asked. Index: the primary key. */
export async function takeOidcLogin(
  connection: SqlConnection,
  stateHash: Buffer,
  browserHash: Buffer,
): Promise<OidcLogin | undefined> {
  return (await connection.query<OidcLogin>(takeLoginText, [stateHash, browserHash])).rows[0];
}

/** Index: the primary key. */
export async function readIdentity(
  connection: SqlConnection,
  issuer: string,
  subject: string,
): Promise<string | undefined> {
  const { rows } = await connection.query<{ operatorId: string }>(
    'select operator_id as "operatorId" from hub.oidc_identities where issuer = $1 and subject = $2',
    [issuer, subject],
  );
  return rows[0]?.operatorId;
}

/** @returns whether it is new: of two who come at once, one */
export async function insertIdentity(
  connection: SqlConnection,
  identity: { readonly issuer: string; readonly subject: string; readonly operatorId: string },
): Promise<boolean> {
  const { issuer, subject, operatorId } = identity;
  const { rowCount } = await connection.query(
    `insert into hub.oidc_identities (issuer, subject, operator_id) values ($1, $2, $3) on conflict do nothing`,
    [issuer, subject, operatorId],
  );
  return rowCount === 1;
}
