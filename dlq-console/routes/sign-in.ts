/** Getting in: by password, by a one-time link, by the identity provider. */
import { csrfTokenOf, HubError, type People, type SignedIn } from '@points-hub/hub/operations';
import { z } from 'zod';
import { signedInSchema, waysSchema } from '../answers.ts';
import type { CookieJar } from '../cookies.ts';
import { plainSchema } from '../requests.ts';
import { json, openRoute, type Answer, type Route } from '../route.ts';

/** Longer than any that is accepted when it is set: a wrong one is wrong, not invalid. */
const passwordSchema = z.string().min(1).max(1_000);
const throttled = ['HUB_SIGN_IN_FAILED', 'HUB_SIGN_IN_THROTTLED', 'HUB_UNAVAILABLE'] as const;

export function signInRoutes({ signingIn, oidc }: People, jar: CookieJar): readonly Route[] {
  const cookiesOf = ({ sessionToken, deviceToken }: SignedIn): readonly string[] => [
    jar.set('session', sessionToken),
    ...(deviceToken === undefined ? [] : [jar.set('device', deviceToken)]),
  ];
  const admitted = (signedIn: SignedIn): Answer => {
    const body = { csrfToken: csrfTokenOf(signedIn.sessionToken) };
    return { type: 'json', body, setCookies: cookiesOf(signedIn) };
  };
  const provider = () => {
    if (oidc === undefined) throw new HubError('HUB_OIDC_FAILED', 'no identity provider is set up');
    return oidc;
  };

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
        admitted(await signingIn.signIn({ ...body, deviceToken: cookies.device }, origin)),
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
        admitted(await signingIn.redeem({ ...body, deviceToken: cookies.device }, origin)),
    }),
    openRoute({
      method: 'GET',
      path: '/oidc/begin',
      id: 'beginOidc',
      summary: 'Sends the browser to the identity provider',
      action: 'session.begin',
      query: z.strictObject({
        renew: z
          .literal('true')
          .optional()
          .describe('The provider asks for the password again, which proves anew who it is.'),
      }),
      codes: ['HUB_OIDC_FAILED'],
      perform: async ({ query }) => {
        const { url, browserToken } = await provider().begin(query.renew !== undefined);
        return { type: 'redirect', to: url, setCookies: [jar.set('oidc', browserToken)] };
      },
    }),
    openRoute({
      method: 'GET',
      path: '/oidc/callback',
      id: 'finishOidc',
      summary: 'Where the identity provider sends the browser back to',
      action: 'session.begin',
      query: z.looseObject({}),
      codes: ['HUB_OIDC_FAILED', 'HUB_OPERATOR_TAKEN', 'HUB_ROLES_INVALID'],
      perform: async ({ search, cookies, origin }) => {
        const answer = { search, browserToken: cookies.oidc, deviceToken: cookies.device };
        const signedIn = await provider().finish(answer, origin);
        return { type: 'redirect', to: '/', setCookies: [...cookiesOf(signedIn), jar.clear('oidc')] };
      },
    }),
  ];
}
