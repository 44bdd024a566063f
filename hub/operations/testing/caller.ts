import type { Caller } from '../caller.ts';
import { permissionsOf } from '../rights.ts';

/** An operator who has just signed in. `operatorId` has to be stored where what he does is audited in Postgres. */
export function callerNamed(name: string, operatorId: string): Caller {
  const permissions = permissionsOf(['operator']);
  const now = new Date();
  const later = new Date(now.getTime() + 3_600_000);
  return {
    operatorId,
    name,
    roles: ['operator'],
    permissions,
    via: 'web',
    address: '127.0.0.1',
    userAgent: undefined,
    requestId: undefined,
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
