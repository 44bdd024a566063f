/**
 * API keys: `ph_<keyId>_<secret>`. The id finds the stored row; of the secret, 32 random octets in base64url, only a
 * SHA-256 is stored: with 256 random bits there is nothing for a slow hash to slow down.
 */
import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const shape = /^ph_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;
const idAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export interface PresentedApiKey {
  readonly keyId: string;
  readonly secret: string;
}

/** Reads a key as it was written; undefined if it cannot be one. */
export function readApiKey(text: string): PresentedApiKey | undefined {
  const [, keyId, secret] = shape.exec(text) ?? [];
  return keyId === undefined || secret === undefined ? undefined : { keyId, secret };
}

/** Compares in a time that does not depend on how much is right. */
export function isSecret(secret: string, secretHash: Buffer): boolean {
  return timingSafeEqual(hashSecret(secret), secretHash);
}

/** A key that never was: its parts to store, and the whole to hand over once. */
export function newApiKey(): { keyId: string; secretHash: Buffer; apiKey: string } {
  const keyId = Array.from({ length: 12 }, () => idAlphabet[randomInt(idAlphabet.length)]).join('');
  const secret = randomBytes(32).toString('base64url');
  return { keyId, secretHash: hashSecret(secret), apiKey: `ph_${keyId}_${secret}` };
}

function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
