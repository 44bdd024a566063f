/** The way by the identity provider: from the page, and for a command that waits on the person's own machine. */
import {
  HubError,
  type Caller,
  type OidcErrand,
  type OidcSigningIn,
  type Origin,
  type People,
} from '@points-hub/hub/operations';
import { z } from 'zod';
import { signedInSchema } from '../answers.ts';
import type { CookieJar } from '../cookies.ts';
import { openRoute, type Asked, type Route } from '../route.ts';
import { admitted, cookiesOf } from './sign-in.ts';

const secretSchema = z.string().regex(/^[\w-]{43}$/, '32 octets in base64url');
const beginQuery = z
  .strictObject({
    renew: z
      .literal('true')
      .optional()
      .describe('The provider asks for the password again, which proves anew who it is.'),
    back: z
      .string()
      .max(200)
      .regex(/^(?:\/[\w-]+)+$/, 'a place of the page such as /compensations/5')
      .optional()
      .describe('Of a renewal: where in the page, behind its #, the browser ends up.'),
    port: z.coerce
      .number()
      .int()
      .min(1_024)
      .max(65_535)
      .optional()
      .describe('Of a command that listens on 127.0.0.1; the browser brings it a code.'),
    challenge: secretSchema.optional().describe('Of that command: SHA-256 of its verifier.'),
  })
  .refine(({ port, challenge }) => (port === undefined) === (challenge === undefined), {
    message: 'port and challenge come together',
  })
  .refine(({ back, renew }) => back === undefined || renew !== undefined, {
    message: 'back is of a renewal',
  });

type BeginQuery = z.output<typeof beginQuery>;

export function oidcRoutes({ signingIn, oidc }: People, jar: CookieJar): readonly Route[] {
  const provider = (): OidcSigningIn => {
    if (oidc === undefined) throw new HubError('HUB_OIDC_FAILED', 'no identity provider is set up');
    return oidc;
  };

  async function errandOf(asked: Asked<BeginQuery, unknown>): Promise<OidcErrand> {
    const { renew, back, port, challenge } = asked.query;
    if (port !== undefined && challenge !== undefined) {
      demandOwnWish(asked.headers['sec-fetch-site']);
      return { type: 'command', port, challenge: Buffer.from(challenge, 'base64url') };
    }
    if (renew === undefined) return { type: 'sign_in' };
    const caller = await present(asked.cookies.session, asked.origin);
    const session =
      caller?.proof.type === 'session'
        ? { id: caller.proof.sessionId, operatorId: caller.operatorId }
        : undefined;
    return { type: 'renewal', session, back };
  }

  /** Who is here; nobody is no fault: he signs in now. */
  async function present(session: string | undefined, origin: Origin): Promise<Caller | undefined> {
    if (session === undefined) return undefined;
    try {
      return await signingIn.bySession(session, origin);
    } catch (error) {
      if (error instanceof HubError && error.code === 'HUB_SESSION_OVER') return undefined;
      throw error;
    }
  }

  return [
    openRoute({
      method: 'GET',
      path: '/oidc/begin',
      id: 'beginOidc',
      summary: 'Sends the browser to the identity provider',
      action: 'session.begin',
      query: beginQuery,
      codes: ['HUB_OIDC_FAILED', 'HUB_CROSS_SITE'],
      perform: async (asked) => {
        const { url, browserToken } = await provider().begin(await errandOf(asked));
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
        const finished = await provider().finish(answer, origin);
        const forget = jar.clear('oidc');
        switch (finished.type) {
          case 'command': {
            const to = `http://127.0.0.1:${finished.port}/?code=${finished.code}`;
            return { type: 'redirect', to, setCookies: [forget] };
          }
          case 'session': {
            const { signedIn, back } = finished;
            const to = back === undefined ? '/' : `/#${back}`;
            return { type: 'redirect', to, setCookies: [...cookiesOf(jar, signedIn), forget] };
          }
        }
      },
    }),
    openRoute({
      method: 'POST',
      path: '/session/of-command',
      id: 'signInCommand',
      summary: 'Begins the session of a command, with the code that the browser brought it',
      action: 'session.begin',
      body: z.strictObject({ code: secretSchema, verifier: secretSchema }),
      answer: signedInSchema,
      codes: ['HUB_OIDC_FAILED'],
      perform: async ({ body, origin }) => admitted(jar, await provider().redeem(body, origin)),
    }),
  ];
}

/**
 * Another site must not send a person to the provider in the name of a command that he did not start: what listens on
 * that port may be somebody else's. A browser says whether a page sent it, or the person himself.
 *
 * @throws HubError HUB_CROSS_SITE
 */
function demandOwnWish(site: string | string[] | undefined): void {
  if (site === 'none' || site === 'same-origin') return;
  throw new HubError('HUB_CROSS_SITE', 'open the address that the command printed in a browser of your own');
}
