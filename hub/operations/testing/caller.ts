import type { Caller } from '../caller.ts';
import { permissionsOf, type Role } from '../rights.ts';

/** Somebody who has just signed in. `operatorId` has to be stored where what he does is audited in Postgres. */
export function callerNamed(name: string, operatorId: string, roles: readonly Role[] = ['operator']): Caller {
  const permissions = permissionsOf(roles);
  const now = new Date();
  const later = new Date(now.getTime() + 3_600_000);
  return {
    operatorId,
    name,
    roles,
    permissions,
    via: 'web',
    address: '127.0.0.1',
    userAgent: undefined,
    requestId: undefined,
    provesBy: 'password',
    proof: {
      type: 'session',
      sessionId: '1',
      begunAt: now,
      provenAt: now,
      provenMsAgo: 0,
      idleEndsAt: later,
      expiresAt: later,
    },
    may: (permission) => permissions.has(permission),
  };
}
