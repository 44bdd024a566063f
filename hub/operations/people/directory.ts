/** The people, as an admin looks after them. */
import type { SqlConnection } from '@points-hub/outbox';
import { HubError } from '../../errors.ts';
import { revokeAccessTokens } from '../../store/access-tokens.ts';
import type { Database } from '../../store/database.ts';
import {
  deleteLink,
  deletePassword,
  insertOperator,
  listOperators,
  lockAdmins,
  lockOperator,
  replaceLink,
  writeDisabled,
  writeRoles,
  type Operator,
} from '../../store/operators.ts';
import { deleteSessions } from '../../store/sessions.ts';
import { audited, type AuditEntry } from '../audit.ts';
import { demand, demandFresh, type Actor, type Caller } from '../caller.ts';
import type { Role } from '../rights.ts';
import { nameKeyOf, readName, readRoleSet } from './names.ts';
import { newSecret } from './secrets.ts';

const linkLastsMs = 24 * 3_600_000;

/** What lets one person set a password once. It is shown once, to whoever asked for it. */
export interface OneTimeLink {
  readonly operatorId: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Each is refused with HUB_FORBIDDEN or HUB_SCOPE_TOO_SMALL without people.manage, with HUB_PROOF_STALE if it changes something. */
export interface Directory {
  list(caller: Caller): Promise<readonly Operator[]>;
  /** @throws HubError HUB_OPERATOR_TAKEN, HUB_ROLES_INVALID, HUB_REQUEST_INVALID for an unusable name */
  invite(caller: Caller, wanted: Invitation): Promise<OneTimeLink>;
  /** Holds from his next request on. @throws HubError HUB_OPERATOR_UNKNOWN, HUB_ROLES_INVALID, HUB_LAST_ADMIN, HUB_ROLES_ELSEWHERE */
  changeRoles(caller: Caller, id: string, roles: readonly Role[]): Promise<void>;
  /** Ends his sessions and tokens for ever. @throws HubError HUB_OPERATOR_UNKNOWN, HUB_LAST_ADMIN */
  disable(caller: Caller, id: string, reason: string): Promise<void>;
  /** @throws HubError HUB_OPERATOR_UNKNOWN */
  enable(caller: Caller, id: string): Promise<void>;
  /** Forgets his password and ends his sessions and tokens; the link sets a new one. @throws HubError HUB_OPERATOR_UNKNOWN */
  reset(caller: Caller, id: string): Promise<OneTimeLink>;
  /** Ends his sessions and tokens. @throws HubError HUB_OPERATOR_UNKNOWN */
  revoke(caller: Caller, id: string): Promise<{ readonly sessions: number; readonly tokens: number }>;
}

export interface Invitation {
  readonly name: string;
  readonly roles: readonly Role[];
}

export function openDirectory(database: Database): Directory {
  /** One change of one person, with its row in the audit. */
  async function change<Result>(
    caller: Caller,
    id: string,
    work: (
      connection: SqlConnection,
      operator: Operator,
    ) => Promise<{ readonly entry: Omit<AuditEntry, 'subject'>; readonly result: Result }>,
  ): Promise<Result> {
    demandChange(caller);
    return audited(database, caller, async (connection) => {
      // Before the row itself, in the order of ids, as everybody locks them.
      const admins = await lockAdmins(connection);
      const operator = await lockOperator(connection, id);
      if (operator === undefined) throw new HubError('HUB_OPERATOR_UNKNOWN', `there is no operator ${id}`);
      const { entry, result } = await work(connection, operator);
      const left = admins.includes(id) ? await lockAdmins(connection) : admins;
      if (left.length === 0) throw new HubError('HUB_LAST_ADMIN', 'nobody could hand out rights any more');
      return { entry: { ...entry, subject: `operator:${id}` }, result };
    });
  }

  return {
    list: async (caller) => {
      demand(caller, 'people.manage');
      return listOperators(database);
    },
    invite: async (caller, wanted) => {
      demandChange(caller);
      return inviteOperator(database, caller, wanted);
    },
    changeRoles: async (caller, id, wanted) => {
      const roles = readRoleSet(wanted);
      await change(caller, id, async (connection, operator) => {
        if (operator.origin === 'oidc') {
          throw new HubError('HUB_ROLES_ELSEWHERE', 'the identity provider says which roles this person has');
        }
        await writeRoles(connection, id, roles);
        const details = { name: operator.name, from: operator.roles, to: roles };
        return { entry: { action: 'operator.change_roles', details }, result: undefined };
      });
    },
    disable: (caller, id, reason) =>
      change(caller, id, async (connection, { name }) => {
        await writeDisabled(connection, id, true);
        await deleteLink(connection, id);
        const details = { name, ...(await endAll(connection, id)) };
        return { entry: { action: 'operator.disable', reason, details }, result: undefined };
      }),
    enable: (caller, id) =>
      change(caller, id, async (connection, { name }) => {
        await writeDisabled(connection, id, false);
        return { entry: { action: 'operator.enable', details: { name } }, result: undefined };
      }),
    reset: (caller, id) =>
      change(caller, id, async (connection, operator) => {
        const result = await newLink(connection, operator);
        return { entry: { action: 'operator.reset', details: { name: operator.name } }, result };
      }),
    revoke: (caller, id) =>
      change(caller, id, async (connection, { name }) => {
        const result = await endAll(connection, id);
        return { entry: { action: 'operator.revoke', details: { name, ...result } }, result };
      }),
  };
}

/** As an admin does it; also for the command that makes the first one. @throws HubError as `Directory.invite` */
export async function inviteOperator(
  database: Database,
  actor: Actor,
  invitation: Invitation,
): Promise<OneTimeLink> {
  const name = readName(invitation.name);
  const roles = readRoleSet(invitation.roles);
  return audited(database, actor, async (connection) => {
    const operatorId = await insertOperator(connection, {
      name,
      nameKey: nameKeyOf(name),
      origin: 'local',
      roles,
    });
    if (operatorId === undefined) throw new HubError('HUB_OPERATOR_TAKEN', `there is a "${name}" already`);
    const { token, tokenHash } = newSecret();
    const expiresAt = await replaceLink(connection, operatorId, tokenHash, linkLastsMs);
    const entry = { action: 'operator.invite', subject: `operator:${operatorId}`, details: { name, roles } };
    return { entry, result: { operatorId, token, expiresAt } };
  });
}

/** For the command on the server, when nobody can sign in any more. @throws HubError HUB_OPERATOR_UNKNOWN */
export async function resetOperator(database: Database, actor: Actor, name: string): Promise<OneTimeLink> {
  return audited(database, actor, async (connection) => {
    const nameKey = nameKeyOf(name);
    const found = (await listOperators(connection)).find((one) => nameKeyOf(one.name) === nameKey);
    const operator = found && (await lockOperator(connection, found.id));
    if (operator === undefined) throw new HubError('HUB_OPERATOR_UNKNOWN', `there is no operator "${name}"`);
    const result = await newLink(connection, operator);
    const entry = {
      action: 'operator.reset',
      subject: `operator:${operator.id}`,
      details: { name: operator.name },
    };
    return { entry, result };
  });
}

/** @throws HubError HUB_ROLES_ELSEWHERE, HUB_OPERATOR_DISABLED */
async function newLink(
  connection: SqlConnection,
  { id, origin, disabledAt }: Operator,
): Promise<OneTimeLink> {
  if (origin === 'oidc') {
    throw new HubError(
      'HUB_ROLES_ELSEWHERE',
      'this person signs in at the identity provider, with no password here',
    );
  }
  if (disabledAt !== null) throw new HubError('HUB_OPERATOR_DISABLED', 'enable this person first');
  await deletePassword(connection, id);
  // Whoever knew the password could have made tokens, which would outlive it by a year.
  await endAll(connection, id);
  const { token, tokenHash } = newSecret();
  return { operatorId: id, token, expiresAt: await replaceLink(connection, id, tokenHash, linkLastsMs) };
}

async function endAll(
  connection: SqlConnection,
  id: string,
): Promise<{ readonly sessions: number; readonly tokens: number }> {
  return { sessions: await deleteSessions(connection, id), tokens: await revokeAccessTokens(connection, id) };
}

function demandChange(caller: Caller): void {
  demand(caller, 'people.manage');
  demandFresh(caller);
}
