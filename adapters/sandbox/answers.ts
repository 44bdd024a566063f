import type { OperationEntry } from './entries.ts';
import type { Acceptance } from './faults/acceptances.ts';
import { formatUnits } from './units.ts';

/** What goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly contentType: 'application/json' | 'application/problem+json';
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Not sent before this has settled. */
  readonly sentAfter?: Promise<void>;
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
  DUPLICATE: 409,
  KEY_VOIDED: 409,
  INSUFFICIENT_POINTS: 422,
  QUOTA_EXCEEDED: 422,
  ALREADY_RETURNED: 422,
  EXCEEDS_ORIGINAL: 422,
  ORIGINAL_MISMATCH: 422,
  LIMIT_EXCEEDED: 422,
  HOLD_EXPIRED: 422,
  HOLD_RELEASED: 422,
  HOLD_CONFIRMED: 422,
  NOT_SUPPORTED: 422,
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

/** An answer of no code in particular: 429, or 500 and more. */
export function troubleAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const code = status === 429 ? 'RATE_LIMITED' : 'INTERNAL_ERROR';
  const title = code.toLowerCase().replaceAll('_', ' ');
  const body = JSON.stringify({ title, status, code });
  return { status, contentType: 'application/problem+json', body, headers };
}

/** The answer to the request that made the operation, or made it again; the points shown need not be those moved. */
export function operationAnswer(
  entry: OperationEntry,
  replayed: boolean,
  shownUnits: bigint,
  isEchoed = true,
): Answer {
  if (entry.code !== undefined) return problemAnswer(entry.code);
  const record = operationRecord(entry, replayed, shownUnits);
  return jsonAnswer(isEchoed ? record : { ...record, points: undefined });
}

/** An operation as a channel's lists show it: a hold that is confirmed is a deduction, under its own key. */
export function listedRecord(entry: OperationEntry, isKeyKept: boolean) {
  const { originalKey } = entry;
  const listed: OperationEntry =
    entry.kind === 'confirmation' && originalKey !== undefined
      ? { ...entry, kind: 'deduction', key: originalKey, originalKey: undefined }
      : entry;
  const record = operationRecord(listed, false);
  return isKeyKept ? record : { ...record, key: undefined, originalKey: undefined };
}

/** 202: the operation will be done later. */
export function acceptedAnswer({ id, request, pollAfterMs }: Acceptance, sentAfter?: Promise<void>): Answer {
  return {
    ...jsonAnswer({ key: request.key, transactionId: id, status: 'accepted', pollAfterMs }),
    status: 202,
    ...(sentAfter === undefined ? {} : { sentAfter }),
  };
}

/** An accepted operation as look-ups show it. */
export function acceptedRecord({ id, request, atMs, pollAfterMs }: Acceptance) {
  const entry = { ...request, type: 'operation', id, atMs, movedUnits: 0n, code: undefined } as const;
  return { ...operationRecord(entry, false), status: 'accepted', pollAfterMs };
}

/** An operation as look-ups and statements show it: a channel's transaction or the portal's operation. */
export function operationRecord(entry: OperationEntry, replayed: boolean, shownUnits = entry.movedUnits) {
  return {
    ...(entry.member === undefined
      ? { operationId: entry.id, channel: entry.channel }
      : { transactionId: entry.id, member: entry.member }),
    key: entry.key,
    kind: entry.kind,
    originalKey: entry.originalKey,
    status: entry.code === undefined ? 'completed' : 'refused',
    code: entry.code,
    orderId: entry.orderId,
    points: formatUnits(shownUnits),
    note: entry.note,
    replayed,
    at: new Date(entry.atMs).toISOString(),
  };
}
