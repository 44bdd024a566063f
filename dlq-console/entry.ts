/** Who comes in, and whether it was really he who sent the request, not another site in his browser. */
import type { IncomingHttpHeaders } from 'node:http';
import { HubError, isCsrfToken, type Caller, type Origin, type People } from '@points-hub/hub/operations';
import type { Cookies } from './cookies.ts';

/** @throws HubError HUB_SIGN_IN_NEEDED, HUB_SESSION_OVER, HUB_ACCESS_TOKEN_WRONG */
export async function callerOf(
  people: People,
  { authorization }: IncomingHttpHeaders,
  { session }: Cookies,
  origin: Origin,
): Promise<Caller> {
  if (authorization !== undefined) {
    return people.signingIn.byToken(/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '', origin);
  }
  if (session === undefined) {
    throw new HubError('HUB_SIGN_IN_NEEDED', 'sign in, or send Authorization: Bearer with an access token');
  }
  return people.signingIn.bySession(session, origin);
}

/**
 * What a browser says about the page that sent the request (https://www.w3.org/TR/fetch-metadata/), or where it does
 * not say it, its `Origin`. Whoever sends neither is no browser and has no business with a session.
 *
 * @throws HubError HUB_CROSS_SITE
 */
export function demandOwnPage(headers: IncomingHttpHeaders, consoleUrl: string | undefined): void {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return;
  if (site === undefined && isOwnOrigin(headers, consoleUrl)) return;
  throw new HubError('HUB_CROSS_SITE', 'this request has to come from the page of the console itself');
}

function isOwnOrigin({ origin, host }: IncomingHttpHeaders, consoleUrl: string | undefined): boolean {
  if (origin === undefined) return false;
  if (consoleUrl !== undefined) return origin === consoleUrl;
  // Without a URL the console is for this machine alone; any other name that leads here is somebody's trick.
  const own = URL.parse(`http://${host ?? ''}`);
  return own !== null && origin === own.origin && ['localhost', '127.0.0.1', '[::1]'].includes(own.hostname);
}

/**
 * The page shows that it could read an answer of ours, which no other site can. An access token is no cookie: nothing
 * but its owner's program sends it.
 *
 * @throws HubError HUB_CSRF_TOKEN_WRONG
 */
export function demandCsrfToken(headers: IncomingHttpHeaders, { session = '' }: Cookies): void {
  const shown = headers['x-csrf-token'];
  if (typeof shown !== 'string' || !isCsrfToken(shown, session)) {
    throw new HubError('HUB_CSRF_TOKEN_WRONG', 'send X-CSRF-Token with the csrfToken of GET /ops/v1/me');
  }
}
