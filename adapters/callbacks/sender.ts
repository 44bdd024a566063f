/** Who sent a callback: Standard Webhooks 1.0, https://github.com/standard-webhooks/standard-webhooks. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import type { CallbackRefusal, CallbackRequest } from '../contract.ts';

/** Who sent it, as far as that is proven, and which event it tells. */
export interface Identified {
  readonly type: 'identified';
  readonly eventId: string;
  readonly isSigned: boolean;
}

/** Says who sent a callback, from its headers and its raw body. Never throws. */
export type Sender = (request: CallbackRequest) => Identified | CallbackRefusal;

/** A sender signs with the new and the old secret while it changes over; nobody has more than a few. */
const SIGNATURES_MAX = 16;

/**
 * Whoever holds one of `keys`, the newest first. The time is checked before the signature, which covers it: a stale
 * callback is told as such whoever sent it.
 */
export function signedBy(keys: readonly Buffer[], toleranceSeconds: number): Sender {
  return ({ headers, octets, receivedAt }) => {
    const eventId = eventIdIn(headers);
    if (eventId === undefined) return refused('headers', 'webhook-id is missing or not 1 to 128 characters');
    const { 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
    if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) {
      return refused('headers', 'webhook-timestamp is missing or not whole seconds since 1970');
    }
    const offered = typeof signatures === 'string' ? digestsIn(signatures) : [];
    if (offered.length === 0) return refused('headers', 'webhook-signature holds no v1 signature');
    const awaySeconds = Math.abs(receivedAt.getTime() / 1_000 - Number(timestamp));
    if (awaySeconds > toleranceSeconds) {
      return refused('stale', `webhook-timestamp is more than ${toleranceSeconds} s from now`);
    }
    const isSigned = keys.some((key) => {
      const digest = createHmac('sha256', key).update(`${eventId}.${timestamp}.`).update(octets).digest();
      return offered.some((one) => timingSafeEqual(one, digest));
    });
    if (!isSigned) return refused('signature', 'no signature in webhook-signature is ours');
    return { type: 'identified', eventId, isSigned };
  };
}

/** Anybody. An event without an id is told from others by its body. */
export const ANYBODY: Sender = ({ headers, octets }) => ({
  type: 'identified',
  eventId: eventIdIn(headers) ?? digestOf(octets),
  isSigned: false,
});

/** SHA-256 in hex. */
export function digestOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

function eventIdIn(headers: CallbackRequest['headers']): string | undefined {
  const { 'webhook-id': id } = headers;
  return typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined;
}

/** The digests of `v1,BASE64 v1,BASE64`; signatures of other versions say nothing to us. */
function digestsIn(header: string): Buffer[] {
  return header
    .split(' ')
    .slice(0, SIGNATURES_MAX)
    .flatMap((one) => {
      const digest = Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? '', 'base64');
      return digest.length === DIGEST_BYTES ? [digest] : [];
    });
}

const DIGEST_BYTES = 32;

function refused(code: CallbackRefusal['code'], detail: string): CallbackRefusal {
  return { type: 'refused', code, detail };
}
