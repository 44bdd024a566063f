import { createHash, timingSafeEqual } from 'node:crypto';
import { HubError } from '@points-hub/hub/operations';
import type { RequestHandler } from 'express';

/** Lets in whoever shows the token. Digests are compared: they have one length, and comparing them tells nothing. */
export function admit(token: string): RequestHandler {
  const expected = digestOf(token);
  return (request, _response, next) => {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      throw new HubError('HUB_OPS_TOKEN_MISSING', 'send Authorization: Bearer and the token');
    }
    const shown = /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    if (!timingSafeEqual(digestOf(shown), expected)) {
      throw new HubError('HUB_OPS_TOKEN_WRONG', 'this is not the token of this console');
    }
    next();
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
