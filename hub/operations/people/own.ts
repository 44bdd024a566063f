/** What everybody may do about himself. */
import { HubError } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import { readCredential, writePassword } from '../../store/operators.ts';
import { deleteSession, deleteSessions, listSessions, type SessionListing } from '../../store/sessions.ts';
import { audited } from '../audit.ts';
import type { Caller } from '../caller.ts';
import { nameKeyOf } from './names.ts';
import { checkPassword, hashPassword, isPassword } from './passwords.ts';
import { SignInFailed } from './sign-in.ts';
import { admitTry } from './throttle.ts';

export interface Own {
  /** Ends his other sessions as well. @throws HubError HUB_SIGN_IN_FAILED, HUB_PASSWORD_WEAK */
  changePassword(
    caller: Caller,
    change: { readonly current: string; readonly password: string; readonly deviceToken: string | undefined },
  ): Promise<void>;
  sessions(caller: Caller): Promise<readonly SessionListing[]>;
  /** @throws HubError HUB_SESSION_UNKNOWN */
  endSession(caller: Caller, id: string): Promise<void>;
  /** All of them, this one too. @returns how many */
  endSessions(caller: Caller): Promise<number>;
}

export function openOwn(database: Database): Own {
  return {
    changePassword: async (caller, { current, password, deviceToken }) => {
      const { operatorId, name, address, proof } = caller;
      if (proof.type === 'token') throw new HubError('HUB_PROOF_STALE', 'sign in to change the password');
      const nameKey = nameKeyOf(name);
      const credential = await readCredential(database, nameKey);
      const succeeded = await admitTry(database, { nameKey, operatorId, address, deviceToken });
      if (!(await isPassword(current, credential?.password ?? undefined))) throw new SignInFailed(operatorId);
      await succeeded();
      checkPassword(password, name);
      const hashed = await hashPassword(password);
      await audited(database, caller, async (connection) => {
        await writePassword(connection, operatorId, hashed);
        const endedSessions = await deleteSessions(connection, operatorId, proof.sessionId);
        const subject = `operator:${operatorId}`;
        return {
          entry: { action: 'password.change', subject, details: { endedSessions } },
          result: undefined,
        };
      });
    },
    sessions: ({ operatorId }) => listSessions(database, operatorId),
    endSession: (caller, id) =>
      audited(database, caller, async (connection) => {
        if (!(await deleteSession(connection, caller.operatorId, id))) {
          throw new HubError('HUB_SESSION_UNKNOWN', `you have no session ${id}`);
        }
        return { entry: { action: 'session.end', subject: `session:${id}` }, result: undefined };
      }),
    endSessions: (caller) =>
      audited(database, caller, async (connection) => {
        const endedSessions = await deleteSessions(connection, caller.operatorId);
        const subject = `operator:${caller.operatorId}`;
        const entry = { action: 'session.end_all', subject, details: { endedSessions } };
        return { entry, result: endedSessions };
      }),
  };
}
