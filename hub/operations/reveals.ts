/**
 * Showing an operator whose case it is. Nothing else of the operators' API names a user: lists have none, evidence is
 * masked before it is stored. So each look at one is asked for, with a reason, and written down before it is answered.
 */
import type { Database } from '../store/database.ts';
import { countLateDeeds, readUserOfCase } from '../store/revealed-users.ts';
import { audit } from './audit.ts';
import { demand, type Caller } from './caller.ts';
import { Throttled } from './throttled.ts';
import { refused, unknownCase } from './wish.ts';

export interface RevealedUser {
  readonly mallId: string;
  readonly userId: string;
  readonly memberRef: string | null;
  /** So long a face shows it. */
  readonly hideAfterSeconds: number;
}

export interface Reveals {
  /**
   * @throws HubError HUB_FORBIDDEN, HUB_SCOPE_TOO_SMALL, HUB_CASE_UNKNOWN, HUB_OPERATION_REFUSED for a case about nobody
   * @throws Throttled HUB_REVEALS_TOO_MANY
   */
  reveal(caller: Caller, caseId: string, reason: string): Promise<RevealedUser>;
}

const hideAfterSeconds = 60;
/** Per person: more than anybody looks into by hand, far fewer than a copy of all users needs. */
const revealsMax = 60;
const withinMs = 3_600_000;
const action = 'case.reveal';

export function openReveals(database: Pick<Database, 'transaction'>): Reveals {
  return {
    reveal: (caller, caseId, reason) => {
      demand(caller, 'users.reveal');
      return database.transaction(async (connection) => {
        const found = await readUserOfCase(connection, caseId);
        if (found === undefined) throw unknownCase(caseId);
        const { mallId, userId, memberRef } = found;
        if (mallId === null || userId === null) throw refused('the case is about no user');
        await audit(connection, caller, { action, subject: `case:${caseId}`, reason });
        // Counted behind the lock of the audit, this one included: many at once are no more than one after the other.
        const { count, firstEndsInMs } = await countLateDeeds(
          connection,
          caller.operatorId,
          action,
          withinMs,
        );
        if (count > revealsMax) {
          const detail = `${revealsMax} users were revealed to you within an hour`;
          throw new Throttled('HUB_REVEALS_TOO_MANY', detail, firstEndsInMs);
        }
        return { mallId, userId, memberRef, hideAfterSeconds };
      });
    },
  };
}
