/** Secrets that a machine makes: 256 random bits, of which only a hash is stored. */
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Secret {
  readonly token: string;
  readonly tokenHash: Buffer;
}

export function newSecret(): Secret {
  const token = randomBytes(32).toString('base64url');
  return { token, tokenHash: hashToken(token) };
}

/** Nothing slower is needed: there is nothing to guess. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** What a page sends along to show that it could read an answer of ours. Follows from the session's own token. */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('points-hub csrf').digest('base64url');
}

export function isCsrfToken(shown: string | undefined, sessionToken: string): boolean {
  return timingSafeEqual(hashToken(shown ?? ''), hashToken(csrfTokenOf(sessionToken)));
}
