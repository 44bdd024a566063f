import type { OperationEntry } from './entries.ts';
import { formatUnits } from './units.ts';

/** What goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly contentType: 'application/json' | 'application/problem+json';
  readonly body: string;
}

/** The one HTTP status of each code, as both `openapi.yaml` have it. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  INVALID_REQUEST: 400,
  UNAUTHENTICATED: 401,
  MEMBER_BLOCKED: 403,
  MEMBER_UNKNOWN: 404,
  ORIGINAL_NOT_FOUND: 404,
  TRANSACTION_UNKNOWN: 404,
  OPERATION_UNKNOWN: 404,
  CHANNEL_UNKNOWN: 404,
  NOT_FOUND: 404,
  KEY_REUSED: 409,
  KEY_VOIDED: 409,
  INSUFFICIENT_POINTS: 422,
  QUOTA_EXCEEDED: 422,
  ALREADY_RETURNED: 422,
  EXCEEDS_ORIGINAL: 422,
  ORIGINAL_MISMATCH: 422,
};

export function jsonAnswer(body: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(body) };
}

export function problemAnswer(code: string, detail?: string): Answer {
  const status = STATUS_OF_CODE[code];
  if (status === undefined) throw new Error(`code ${code} has no status`);
  const title = code.toLowerCase().replaceAll('_', ' ');
  return {
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ title, status, code, ...(detail === undefined ? {} : { detail }) }),
  };
}

/** The answer to the request that made the operation, or made it again. */
export function operationAnswer(entry: OperationEntry, replayed: boolean): Answer {
  return entry.code === undefined ? jsonAnswer(operationRecord(entry, replayed)) : problemAnswer(entry.code);
}

/** An operation as look-ups and statements show it: a channel's transaction or the portal's operation. */
export function operationRecord(entry: OperationEntry, replayed: boolean) {
  return {
    ...(entry.member === undefined
      ? { operationId: entry.id, channel: entry.channel }
      : { transactionId: entry.id, member: entry.member }),
    key: entry.key,
    kind: entry.kind,
    originalKey: entry.originalKey,
    status: entry.code === undefined ? 'done' : 'rejected',
    code: entry.code,
    orderId: entry.orderId,
    points: formatUnits(entry.movedUnits),
    replayed,
    at: new Date(entry.atMs).toISOString(),
  };
}
