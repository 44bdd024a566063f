/** Getting in by a password or a one-time link; `oidc.ts` has the other way. */
import { csrfTokenOf, type People, type SignedIn } from '@points-hub/hub/operations';
import { z } from 'zod';
import { signedInSchema, waysSchema } from '../answers.ts';
import type { CookieJar } from '../cookies.ts';
import { plainSchema } from '../requests.ts';
import { json, openRoute, type Answer, type Route } from '../route.ts';

/** Longer than any that is accepted when it is set: a wrong one is wrong, not invalid. */
const passwordSchema = z.string().min(1).max(1_000);
const throttled = ['HUB_SIGN_IN_FAILED', 'HUB_SIGN_IN_THROTTLED', 'HUB_UNAVAILABLE'] as const;

/** What a browser keeps of it. */
export function cookiesOf(jar: CookieJar, { sessionToken, deviceToken }: SignedIn): readonly string[] {
  return [
    jar.set('session', sessionToken),
    ...(deviceToken === undefined ? [] : [jar.set('device', deviceToken)]),
  ];
}

/** The answer that begins a session. */
export function admitted(jar: CookieJar, signedIn: SignedIn): Answer {
  const body = { csrfToken: csrfTokenOf(signedIn.sessionToken) };
  return { type: 'json', body, setCookies: cookiesOf(jar, signedIn) };
}

export function signInRoutes({ signingIn, oidc }: People, jar: CookieJar): readonly Route[] {
  return [
    openRoute({
      method: 'GET',
      path: '/sign-in-ways',
      id: 'signInWays',
      summary: 'How one can sign in here',
      action: 'session.ways',
      answer: waysSchema,
      perform: () => Promise.resolve(json({ oidc: oidc !== undefined })),
    }),
    openRoute({
      method: 'POST',
      path: '/session',
      id: 'signIn',
      summary: 'Begins a session, with a name and a password',
      action: 'session.begin',
      body: z.strictObject({ name: plainSchema.min(1).max(200), password: passwordSchema }),
      answer: signedInSchema,
      codes: throttled,
      perform: async ({ body, cookies, origin }) =>
        admitted(jar, await signingIn.signIn({ ...body, deviceToken: cookies.device }, origin)),
    }),
    openRoute({
      method: 'POST',
      path: '/one-time-links/redeem',
      id: 'redeemLink',
      summary: 'Sets the password of whoever has the link, and begins a session',
      action: 'password.set',
      body: z.strictObject({ token: z.string().min(1).max(200), password: passwordSchema }),
      answer: signedInSchema,
      codes: ['HUB_LINK_WRONG', 'HUB_PASSWORD_WEAK', 'HUB_UNAVAILABLE'],
      perform: async ({ body, cookies, origin }) =>
        admitted(jar, await signingIn.redeem({ ...body, deviceToken: cookies.device }, origin)),
    }),
  ];
}
