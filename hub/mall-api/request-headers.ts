/** The request headers that mean something to the hub. All readings are bounded and never throw but where said. */
import { HubError } from '../errors.ts';

const idempotencyKeyLengthMax = 255;
/** A string of RFC 9651, section 3.3.3: printable ASCII; only `"` and `\` are escaped. */
const quotedKey = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** Unquoted, as many clients send it: visible ASCII without what would begin a list, a parameter or a string. */
const bareKey = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/**
 * Reads `Idempotency-Key`, quoted as draft-ietf-httpapi-idempotency-key-header has it, or bare. Both ways of writing
 * the same key mean the same key.
 *
 * @returns undefined without the header
 * @throws HubError HUB_IDEMPOTENCY_KEY_INVALID
 */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const key = quotedKey.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? bareKey.exec(text)?.[0];
  if (key === undefined || key.length === 0 || key.length > idempotencyKeyLengthMax) {
    const detail = `must be 1 to ${idempotencyKeyLengthMax} printable ASCII characters, in quotes or without spaces, commas and semicolons`;
    throw new HubError('HUB_IDEMPOTENCY_KEY_INVALID', `Idempotency-Key ${detail}`, {
      faults: [{ field: 'Idempotency-Key', code: 'HUB_IDEMPOTENCY_KEY_INVALID', detail }],
    });
  }
  return key;
}

/** The longest that `Prefer: wait` holds an answer, in seconds. */
export const waitMaxS = 60;

/** One preference and what follows it up to the next comma: name, value as a quoted string or a token, parameters. */
const preference = /\s*([!#$%&'*+\-.^_`|~\w]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?[^,"]*(?:,|$)/gy;

/**
 * Reads `wait` from `Prefer` (RFC 7240, section 4.3): whole seconds, at most `waitMaxS`. The first one counts.
 *
 * @returns undefined where it is absent or unreadable: a preference that is not understood is ignored
 */
export function readWaitS(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  for (const [, name = '', quoted, token] of header.matchAll(preference)) {
    if (name.toLowerCase() !== 'wait') continue;
    const value = quoted ?? token ?? '';
    return /^\d{1,9}$/.test(value) ? Math.min(Number(value), waitMaxS) : undefined;
  }
  return undefined;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header: all-zero ids and version ff are invalid. */
const traceparentShape = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Reads `traceparent`; an invalid one is dropped, since a tracing header must never cost an order. */
export function readTraceparent(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && traceparentShape.test(header) ? header : undefined;
}

const requestIdShape = /^[A-Za-z0-9._-]{1,64}$/;

/** Reads `X-Request-Id`, by which a mall finds its request in the hub's log; anything unusual is dropped. */
export function readRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && requestIdShape.test(header) ? header : undefined;
}
