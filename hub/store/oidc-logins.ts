/** Signing in at the identity provider: what is under way, and who is who. */
import type { SqlConnection } from '@points-hub/outbox';

export interface OidcLogin {
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly isRenewal: boolean;
  /** Whose proof is renewed, if a session asked for it. */
  readonly session: { readonly id: string; readonly operatorId: string } | null;
  /** Where in the page the person was. */
  readonly back: string | null;
  /** The command that waits for him on his machine. */
  readonly command: { readonly port: number; readonly challenge: Buffer } | null;
}

const insertLoginText = `
with expired as (
  delete from hub.oidc_logins where expires_at <= clock_timestamp()
)
insert into hub.oidc_logins (
  state_hash, browser_hash, nonce, code_verifier, is_renewal, session_id, back, cli_port, cli_challenge, expires_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + $10 * interval '1 ms')`;

/** Remembers what was sent to the provider, and forgets what nobody came back from. Index: oidc_logins_by_end. */
export async function insertOidcLogin(
  connection: SqlConnection,
  stateHash: Buffer,
  browserHash: Buffer,
  { nonce, codeVerifier, isRenewal, session, back, command }: OidcLogin,
  lastsMs: number,
): Promise<void> {
  const { port, challenge } = command ?? { port: null, challenge: null };
  const asked = [nonce, codeVerifier, isRenewal, session?.id ?? null, back, port, challenge];
  await connection.query(insertLoginText, [stateHash, browserHash, ...asked, lastsMs]);
}

const takeLoginText = `
delete from hub.oidc_logins as login
where state_hash = $1 and browser_hash = $2 and expires_at > clock_timestamp()
returning nonce, code_verifier as "codeVerifier", is_renewal as "isRenewal", back, cli_port as port,
  cli_challenge as challenge, session_id as "sessionId",
  (select operator_id from hub.sessions where sessions.id = login.session_id) as "sessionOperatorId"`;

interface LoginRow extends Omit<OidcLogin, 'session' | 'command'> {
  readonly port: number | null;
  readonly challenge: Buffer | null;
  readonly sessionId: string | null;
  readonly sessionOperatorId: string | null;
}

/** Takes it for ever: an answer of the provider is good once, in the browser that asked. Index: the primary key. */
export async function takeOidcLogin(
  connection: SqlConnection,
  stateHash: Buffer,
  browserHash: Buffer,
): Promise<OidcLogin | undefined> {
  const [row] = (await connection.query<LoginRow>(takeLoginText, [stateHash, browserHash])).rows;
  if (row === undefined) return undefined;
  const { port, challenge, sessionId, sessionOperatorId, ...login } = row;
  return {
    ...login,
    command: port === null || challenge === null ? null : { port, challenge },
    session:
      sessionId === null || sessionOperatorId === null
        ? null
        : { id: sessionId, operatorId: sessionOperatorId },
  };
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
