/** Sessions: how one begins, how long it lasts, and who comes with one or with an access token. */
import type { SqlConnection } from '@points-hub/outbox';
import { isSecret } from '../../api-key.ts';
import { HubError } from '../../errors.ts';
import { readAccessToken, touchAccessToken } from '../../store/access-tokens.ts';
import { insertSession, readIdleSessions, readSession, touchSession } from '../../store/sessions.ts';
import { insertDevice, isKnownDevice } from '../../store/sign-in-tries.ts';
import type { Caller, Origin, Proof } from '../caller.ts';
import { permissionsOf, type Permission, type Role } from '../rights.ts';
import { readAccessTokenText } from './access-tokens.ts';
import { hashToken, newSecret } from './secrets.ts';

/** However busy, a session ends after this. */
const sessionLastsMs = 8 * 3_600_000;
const deviceLastsMs = 90 * 86_400_000;
/** A session in use is written down as often as this, not with every request. */
const touchAfterMs = 60_000;

/** Unused for so long a session is over: sooner for whoever can approve points or hand out rights. */
function idleMaxMsOf(held: readonly Role[]): number {
  return (held.includes('approver') || held.includes('admin') ? 15 : 30) * 60_000;
}

/** What the browser keeps from now on. */
export interface SignedIn {
  readonly sessionToken: string;
  /** Undefined where it has one already. */
  readonly deviceToken: string | undefined;
}

/** Begins a session with a token of its own, never one that was there before. */
export async function beginSession(
  connection: SqlConnection,
  operatorId: string,
  { address, userAgent }: Origin,
  shownDeviceToken: string | undefined,
  provenAt?: Date,
): Promise<SignedIn & { readonly sessionId: string }> {
  const { token, tokenHash } = newSecret();
  const session = {
    operatorId,
    tokenHash,
    lastsMs: sessionLastsMs,
    provenAt,
    address,
    userAgent: userAgent?.slice(0, 300),
  };
  const sessionId = await insertSession(connection, session);
  const isKnown =
    shownDeviceToken !== undefined &&
    (await isKnownDevice(connection, operatorId, hashToken(shownDeviceToken)));
  if (isKnown) return { sessionToken: token, deviceToken: undefined, sessionId };
  const device = newSecret();
  await insertDevice(connection, operatorId, device.tokenHash, deviceLastsMs);
  return { sessionToken: token, deviceToken: device.token, sessionId };
}

/** Who comes with this session. @throws HubError HUB_SESSION_OVER */
export async function callerOfSession(
  connection: SqlConnection,
  token: string,
  origin: Origin,
): Promise<Caller> {
  const session = await readSession(connection, hashToken(token));
  const idleMaxMs = session === undefined ? 0 : idleMaxMsOf(session.roles);
  if (session === undefined || session.idleMs > idleMaxMs) {
    throw new HubError('HUB_SESSION_OVER', 'sign in: the session is over, or there never was one');
  }
  const { id, idleMs, lastSeenAt, begunAt, provenAt, provenMsAgo, expiresAt } = session;
  if (idleMs > touchAfterMs) await touchSession(connection, id);
  const seenAtMs = lastSeenAt.getTime() + (idleMs > touchAfterMs ? idleMs : 0);
  const idleEndsAt = new Date(Math.min(seenAtMs + idleMaxMs, expiresAt.getTime()));
  const proof = {
    type: 'session',
    sessionId: id,
    begunAt,
    provenAt,
    provenMsAgo,
    idleEndsAt,
    expiresAt,
  } as const;
  return callerOf(session, origin, permissionsOf(session.roles), proof);
}

/** Those of these sessions that go on. Looking does not count as use: a page left open must not keep its session. */
export async function sessionsThatGoOn(
  connection: SqlConnection,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const open = await readIdleSessions(connection, ids);
  return new Set(open.filter(({ idleMs, roles }) => idleMs <= idleMaxMsOf(roles)).map(({ id }) => id));
}

/** Who comes with this access token. @throws HubError HUB_ACCESS_TOKEN_WRONG */
export async function callerOfToken(
  connection: SqlConnection,
  text: string,
  origin: Origin,
): Promise<Caller> {
  const shown = readAccessTokenText(text);
  const token = shown === undefined ? undefined : await readAccessToken(connection, shown.tokenId);
  if (shown === undefined || token === undefined || !isSecret(shown.secret, token.secretHash)) {
    throw new HubError('HUB_ACCESS_TOKEN_WRONG', 'the access token is unknown, revoked, expired or mistyped');
  }
  if (!token.isFresh) await touchAccessToken(connection, shown.tokenId);
  const ofRoles = permissionsOf(token.roles);
  const scoped = new Set(token.scopes.filter((scope) => ofRoles.has(scope)));
  const proof = { type: 'token', tokenId: shown.tokenId, expiresAt: token.expiresAt } as const;
  return callerOf(token, { ...origin, via: 'cli' }, scoped, proof);
}

function callerOf(
  person: {
    readonly operatorId: string;
    readonly name: string;
    readonly roles: readonly Role[];
    readonly origin: 'local' | 'oidc';
  },
  origin: Origin,
  permissions: ReadonlySet<Permission>,
  proof: Proof,
): Caller {
  const { operatorId, name, roles } = person;
  const provesBy = person.origin === 'local' ? 'password' : 'identity_provider';
  const may = (permission: Permission): boolean => permissions.has(permission);
  return { ...origin, operatorId, name, roles, permissions, proof, provesBy, may };
}
