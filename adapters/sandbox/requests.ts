import type { OperationKind, OperationRequest } from './entries.ts';
import { parseUnits } from './units.ts';

/** A request that breaks the contract; its message becomes the problem's detail. */
export class InvalidRequest extends Error {}

const KEY = /^[A-Za-z0-9._:-]{1,128}$/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NAME = /^[^\u0000-\u001f\u007f]{1,255}$/;

const FIELDS: Readonly<Record<OperationKind, readonly string[]>> = {
  deduction: ['key', 'orderId', 'member', 'points', 'note'],
  refund: ['key', 'originalKey', 'orderId', 'member', 'points', 'note'],
  hold: ['key', 'orderId', 'member', 'points', 'note', 'expiresAfterMs'],
  confirmation: ['key', 'originalKey', 'orderId', 'member', 'points', 'note'],
  release: ['key', 'originalKey', 'orderId', 'member', 'points', 'note'],
  'quota-deduction': ['key', 'channel', 'orderId', 'points'],
  'quota-return': ['key', 'originalKey', 'channel', 'orderId', 'points'],
};

/**
 * Reads the body of an operation. `channel` is the one in the path, if it is there and not in the body.
 *
 * @throws InvalidRequest
 */
export function readOperationRequest(
  kind: OperationKind,
  channel: string | undefined,
  text: string,
  idempotencyKey: string | undefined,
): OperationRequest {
  const body = readJsonObject(text);
  const fields = FIELDS[kind];
  const stranger = Object.keys(body).find((field) => !fields.includes(field));
  if (stranger !== undefined)
    throw new InvalidRequest(`unknown field ${JSON.stringify(stranger.slice(0, 64))}`);
  const key = readText(body, 'key', KEY);
  // The header is a quoted string; a bare one is taken as well.
  if (idempotencyKey !== undefined && idempotencyKey !== `"${key}"` && idempotencyKey !== key) {
    throw new InvalidRequest('the Idempotency-Key header differs from key');
  }
  const askedUnits = parseUnits(body['points']);
  if (askedUnits === undefined || askedUnits === 0n) {
    throw new InvalidRequest('points must be a decimal string above zero with up to four places');
  }
  return {
    kind,
    channel: channel ?? readText(body, 'channel', NAME),
    key,
    originalKey: fields.includes('originalKey') ? readText(body, 'originalKey', KEY) : undefined,
    orderId: readText(body, 'orderId', NAME),
    member: fields.includes('member') ? readText(body, 'member', NAME) : undefined,
    note: body['note'] === undefined ? undefined : readText(body, 'note', NAME),
    askedUnits,
    expiresAfterMs: fields.includes('expiresAfterMs') ? readMilliseconds(body, 'expiresAfterMs') : undefined,
  };
}

/** The key and the points of a request that may be anything; undefined where they are not to be had. */
export function peekRequest(text: string): {
  readonly key: string | undefined;
  readonly units: bigint | undefined;
} {
  try {
    const { key, points } = readJsonObject(text);
    return {
      key: typeof key === 'string' && KEY.test(key) ? key : undefined,
      units: parseUnits(points),
    };
  } catch {
    return { key: undefined, units: undefined };
  }
}

/** The window and place of a statement's page. @throws InvalidRequest */
export function readStatementRequest(query: URLSearchParams, limitMax: number) {
  const { cursor = 0, limit } = readPageRequest(query, limitMax);
  return { fromMs: readInstant(query, 'from'), toMs: readInstant(query, 'to'), skip: cursor, limit };
}

/** The place and the size of a list's page. @throws InvalidRequest */
export function readPageRequest(
  query: URLSearchParams,
  limitMax: number,
): { readonly cursor: number | undefined; readonly limit: number } {
  const cursor = query.get('cursor') ?? undefined;
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    throw new InvalidRequest('cursor is not one of ours');
  const limit = query.get('limit') ?? String(limitMax);
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new InvalidRequest('limit must be a whole number from 1');
  return {
    cursor: cursor === undefined ? undefined : Number(cursor),
    limit: Math.min(Number(limit), limitMax),
  };
}

/** @throws InvalidRequest */
export function readJsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>;
  } catch {
    // Falls through to the same refusal as any other text that is no object.
  }
  throw new InvalidRequest('the body must be a JSON object');
}

/** A member's name or another path segment. @throws InvalidRequest */
export function readSegment(segment: string): string {
  let name: string;
  try {
    name = decodeURIComponent(segment);
  } catch {
    throw new InvalidRequest('the path is not percent-encoded UTF-8');
  }
  if (!NAME.test(name))
    throw new InvalidRequest('a name in the path is empty, too long or has control characters');
  return name;
}

function readText(body: Readonly<Record<string, unknown>>, field: string, pattern: RegExp): string {
  const value = body[field];
  if (typeof value !== 'string' || !pattern.test(value))
    throw new InvalidRequest(`${field} must match ${pattern.source}`);
  return value;
}

const HOLD_MS_MAX = 31 * 86_400_000;

function readMilliseconds(body: Readonly<Record<string, unknown>>, field: string): number {
  const value = body[field];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > HOLD_MS_MAX)
    throw new InvalidRequest(`${field} must be whole milliseconds, up to 31 days`);
  return value;
}

function readInstant(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  const atMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidRequest(`${name} must be an RFC 3339 date-time`);
  return atMs;
}
