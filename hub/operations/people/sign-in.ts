/** Signing in with a name and a password, proving it once more, and setting a password by a one-time link. */
import type { SqlConnection } from '@points-hub/outbox';
import { HubError } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import { readCredential, readLink, takeLink, writePassword, type Credential } from '../../store/operators.ts';
import { deleteSession, deleteSessions, proveSession } from '../../store/sessions.ts';
import { audit, audited, type AuditEntry } from '../audit.ts';
import type { Actor, Caller, Origin } from '../caller.ts';
import { nameKeyOf } from './names.ts';
import { checkPassword, hashPassword, isPassword } from './passwords.ts';
import { hashToken } from './secrets.ts';
import { beginSession, callerOfSession, callerOfToken, type SignedIn } from './sessions.ts';
import { admitTry } from './throttle.ts';

/** The password was wrong, or there is no such person: the same words, and the audit knows which. */
export class SignInFailed extends HubError {
  /** Whose name it was, if anybody's. */
  readonly operatorId: string | undefined;

  constructor(operatorId: string | undefined) {
    super('HUB_SIGN_IN_FAILED', 'the name or the password is wrong');
    this.operatorId = operatorId;
  }
}

export interface Shown {
  readonly name: string;
  readonly password: string;
  /** Of a browser that somebody signed in from before. */
  readonly deviceToken: string | undefined;
}

export interface SigningIn {
  /** @throws HubError HUB_SIGN_IN_FAILED, HUB_SIGN_IN_THROTTLED */
  signIn(shown: Shown, origin: Origin): Promise<SignedIn>;
  /**
   * Sets the password of whoever has the link, ends his sessions and begins one.
   *
   * @throws HubError HUB_LINK_WRONG, HUB_PASSWORD_WEAK
   */
  redeem(
    wanted: { readonly token: string; readonly password: string; readonly deviceToken: string | undefined },
    origin: Origin,
  ): Promise<SignedIn>;
  /** Who comes with the token of a session. @throws HubError HUB_SESSION_OVER */
  bySession(token: string, origin: Origin): Promise<Caller>;
  /** Who comes with an access token. @throws HubError HUB_ACCESS_TOKEN_WRONG */
  byToken(token: string, origin: Origin): Promise<Caller>;
  /** The person at the desk proves that he is the one who signed in. @throws HubError as `signIn`, HUB_PROOF_STALE */
  prove(caller: Caller, password: string, deviceToken: string | undefined): Promise<void>;
  /** Ends this session. */
  signOut(caller: Caller): Promise<void>;
}

export function openSigningIn(database: Database): SigningIn {
  /** @throws HubError HUB_SIGN_IN_FAILED, HUB_SIGN_IN_THROTTLED */
  async function proven(shown: Shown, { address }: Origin): Promise<Credential> {
    const { name, password, deviceToken } = shown;
    const nameKey = nameKeyOf(name);
    const credential = await readCredential(database, nameKey);
    const succeeded = await admitTry(database, {
      nameKey,
      operatorId: credential?.operatorId,
      address,
      deviceToken,
    });
    const isRight = await isPassword(password, credential?.password ?? undefined);
    if (credential === undefined || !isRight || credential.isDisabled) {
      throw new SignInFailed(credential?.operatorId);
    }
    await succeeded();
    return credential;
  }

  return {
    signIn: async (shown, origin) => {
      const { operatorId, name } = await proven(shown, origin);
      return database.transaction((connection) =>
        begin(connection, operatorId, name, origin, shown.deviceToken),
      );
    },
    redeem: async ({ token, password, deviceToken }, origin) => {
      const tokenHash = hashToken(token);
      const owner = await readLink(database, tokenHash);
      if (owner === undefined) throw wrongLink();
      checkPassword(password, owner.name);
      const hashed = await hashPassword(password);
      return database.transaction(async (connection) => {
        if (!(await takeLink(connection, tokenHash))) throw wrongLink();
        const { operatorId, name } = owner;
        await writePassword(connection, operatorId, hashed);
        await deleteSessions(connection, operatorId);
        return begin(connection, operatorId, name, origin, deviceToken, {
          action: 'password.set',
          subject: `operator:${operatorId}`,
          details: { by: 'one-time link' },
        });
      });
    },
    bySession: (token, origin) => callerOfSession(database, token, origin),
    byToken: (token, origin) => callerOfToken(database, token, origin),
    prove: async (caller, password, deviceToken) => {
      const { proof, name } = caller;
      if (proof.type === 'token')
        throw new HubError('HUB_PROOF_STALE', 'a token has no session to renew: sign in');
      await proven({ name, password, deviceToken }, caller);
      await audited(database, caller, async (connection) => {
        await proveSession(connection, proof.sessionId);
        return {
          entry: { action: 'session.prove', subject: `session:${proof.sessionId}` },
          result: undefined,
        };
      });
    },
    signOut: async (caller) => {
      const { proof, operatorId } = caller;
      if (proof.type === 'token') return;
      await audited(database, caller, async (connection) => {
        await deleteSession(connection, operatorId, proof.sessionId);
        return { entry: { action: 'session.end', subject: `session:${proof.sessionId}` }, result: undefined };
      });
    },
  };
}

async function begin(
  connection: SqlConnection,
  operatorId: string,
  name: string,
  origin: Origin,
  deviceToken: string | undefined,
  before?: AuditEntry,
): Promise<SignedIn> {
  const { sessionId, ...signedIn } = await beginSession(connection, operatorId, origin, deviceToken);
  const actor: Actor = { ...origin, operatorId, name };
  if (before !== undefined) await audit(connection, actor, before);
  const details = { by: before === undefined ? 'password' : 'one-time link' };
  await audit(connection, actor, { action: 'session.begin', subject: `session:${sessionId}`, details });
  return signedIn;
}

function wrongLink(): HubError {
  return new HubError('HUB_LINK_WRONG', 'the link is unknown, used or too old; ask for a new one');
}
