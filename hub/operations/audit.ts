/** The audit as operations write and read it: who did what to what, when, from where, why, and what came of it. */
import type { SqlConnection } from '@points-hub/outbox';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ErrorCode } from '../errors.ts';
import { appendAudit, listAudit, type AuditFilter, type AuditText } from '../store/audit-log.ts';
import type { Database } from '../store/database.ts';
import { verifyAudit, type AuditVerdict } from './audit-chain.ts';
import { exportAudit, type ExportFormat } from './audit-export.ts';
import { demand, type Actor, type Caller, type Origin } from './caller.ts';
import { networkOf } from './network.ts';
import { Throttled } from './throttled.ts';

/** What happened, without who and where. */
export interface AuditEntry {
  /** What was done: an area and a verb, e.g. `case.retry`. */
  readonly action: string;
  /** What it was done to, e.g. `case:17`. */
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  /** `begun`: what comes of it is written as another row, or found at the subject. Default `done`. */
  readonly outcome?: 'done' | 'begun';
  /** Never a secret, never a user's data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes down what somebody did, as the last thing in the transaction that makes it true. */
export type WriteDown = typeof audit;

/** What was refused, and why. */
export interface AuditRefusal extends Pick<AuditEntry, 'action' | 'subject' | 'details'> {
  readonly code: ErrorCode;
}

/**
 * Adds a row in the caller's transaction, as its last statement: from then on until the commit nobody else can add.
 */
export async function audit(connection: SqlConnection, actor: Actor, entry: AuditEntry): Promise<void> {
  const { action, subject, reason, outcome = 'done', details = {} } = entry;
  await appendAudit(connection, {
    ...whoAndWhere(actor),
    outcome,
    action,
    subject,
    reason,
    code: undefined,
    details,
  });
}

/**
 * Runs `work` in one transaction with the row of the audit that it comes to: both are there, or neither is.
 *
 * @returns what `work` returns as `result`
 */
export async function audited<Result>(
  database: Pick<Database, 'transaction'>,
  actor: Actor,
  work: (connection: SqlConnection) => Promise<{ readonly entry: AuditEntry; readonly result: Result }>,
): Promise<Result> {
  return database.transaction(async (connection) => {
    const { entry, result } = await work(connection);
    await audit(connection, actor, entry);
    return result;
  });
}

/** The actor of what nobody has proven to be. */
export function stranger(origin: Origin): Actor {
  return { ...origin, operatorId: undefined, name: undefined };
}

export interface AuditTrail {
  /**
   * Writes down what was refused, in a transaction of its own: the refused one left nothing. Of one person or address
   * no more than `refusalsMax` a minute, so that nobody can fill the disk by asking for what he may not have.
   *
   * @throws Throttled HUB_REFUSALS_TOO_MANY beyond that, with nothing written
   */
  refused(actor: Actor, refusal: AuditRefusal): Promise<void>;
  /** The newest first. @throws HubError HUB_FORBIDDEN, HUB_SCOPE_TOO_SMALL */
  list(
    caller: Caller,
    filter: AuditFilter,
    before: string | undefined,
    limit: number,
  ): Promise<readonly AuditText[]>;
  /** Looks at every row. @throws HubError HUB_FORBIDDEN, HUB_SCOPE_TOO_SMALL */
  verify(caller: Caller): Promise<AuditVerdict>;
  /** The rows as text, the oldest first. That it was taken is itself written down. @throws HubError as `list` */
  export(caller: Caller, format: ExportFormat, filter: AuditFilter): Promise<AsyncIterable<string>>;
}

/** Per person, or where nobody has proven who he is per address, and minute. */
const refusalsMax = 60;

export function openAuditTrail(database: Database): AuditTrail {
  const limiter = new RateLimiterMemory({ points: refusalsMax, duration: 60 });
  return {
    refused: async (actor, { action, subject, code, details = {} }) => {
      await limiter.consume(actor.operatorId ?? networkOf(actor.address)).catch((limit: unknown) => {
        if (!(limit instanceof RateLimiterRes)) throw limit;
        const detail = 'so many requests were refused that no more are looked at for a while';
        throw new Throttled('HUB_REFUSALS_TOO_MANY', detail, limit.msBeforeNext);
      });
      const row = { ...whoAndWhere(actor), outcome: 'refused', action, subject, code, details } as const;
      await appendAudit(database, { ...row, reason: undefined });
    },
    list: async (caller, filter, before, limit) => {
      demand(caller, 'audit.read');
      return listAudit(database, filter, before, limit);
    },
    verify: async (caller) => {
      demand(caller, 'audit.read');
      return verifyAudit(database);
    },
    export: async (caller, format, filter) => {
      demand(caller, 'audit.read');
      await database.transaction((connection) =>
        audit(connection, caller, { action: 'audit.export', details: { format, filter } }),
      );
      return exportAudit(database, format, filter);
    },
  };
}

const userAgentMax = 300;

function whoAndWhere({ operatorId, name, via, address, userAgent, requestId }: Actor) {
  return { operatorId, via, actor: name, address, userAgent: userAgent?.slice(0, userAgentMax), requestId };
}
