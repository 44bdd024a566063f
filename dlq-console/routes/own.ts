/** What everybody may do about himself. */
import {
  csrfTokenOf,
  freshMs,
  permissions,
  tokenDaysMax,
  type Caller,
  type People,
} from '@points-hub/hub/operations';
import { z } from 'zod';
import {
  endedSchema,
  madeTokenSchema,
  meSchema,
  okSchema,
  sessionsSchema,
  tokensSchema,
} from '../answers.ts';
import type { CookieJar, Cookies } from '../cookies.ts';
import { readId, readTokenId } from '../request-heads.ts';
import { plainSchema } from '../requests.ts';
import { json, route, type Route } from '../route.ts';

const passwordSchema = z.string().min(1).max(1_000);
const passwordCodes = [
  'HUB_SIGN_IN_FAILED',
  'HUB_SIGN_IN_THROTTLED',
  'HUB_PROOF_STALE',
  'HUB_UNAVAILABLE',
] as const;
const done = { done: true } as const;

export function ownRoutes({ signingIn, own, tokens }: People, jar: CookieJar): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/me',
      id: 'me',
      summary: 'Who the caller is, and what he may do',
      action: 'me.read',
      needs: 'signed-in',
      answer: meSchema,
      perform: ({ cookies }, caller) => Promise.resolve(json(meOf(caller, cookies))),
    }),
    route({
      method: 'POST',
      path: '/session/proof',
      id: 'proveAgain',
      summary: 'Proves by the password once more who it is',
      action: 'session.prove',
      needs: 'signed-in',
      body: z.strictObject({ password: passwordSchema }),
      answer: okSchema,
      codes: passwordCodes,
      perform: async ({ body, cookies }, caller) => {
        await signingIn.prove(caller, body.password, cookies.device);
        return json(done);
      },
    }),
    route({
      method: 'POST',
      path: '/session/end',
      id: 'signOut',
      summary: 'Ends this session',
      action: 'session.end',
      needs: 'signed-in',
      answer: okSchema,
      perform: async (_asked, caller) => {
        await signingIn.signOut(caller);
        return { type: 'json', body: done, setCookies: [jar.clear('session')] };
      },
    }),
    route({
      method: 'POST',
      path: '/password',
      id: 'changePassword',
      summary: 'Changes the own password, and ends the other sessions',
      action: 'password.change',
      needs: 'signed-in',
      body: z.strictObject({ current: passwordSchema, password: passwordSchema }),
      answer: okSchema,
      codes: [...passwordCodes, 'HUB_PASSWORD_WEAK'],
      perform: async ({ body, cookies }, caller) => {
        await own.changePassword(caller, { ...body, deviceToken: cookies.device });
        return json(done);
      },
    }),
    route({
      method: 'GET',
      path: '/sessions',
      id: 'listSessions',
      summary: 'The own sessions',
      action: 'session.list',
      needs: 'signed-in',
      answer: sessionsSchema,
      perform: async (_asked, caller) => json({ sessions: await own.sessions(caller) }),
    }),
    route({
      method: 'POST',
      path: '/sessions/:sessionId/end',
      id: 'endSession',
      summary: 'Ends one of the own sessions',
      action: 'session.end',
      needs: 'signed-in',
      answer: okSchema,
      codes: ['HUB_SESSION_UNKNOWN'],
      perform: async ({ params }, caller) => {
        await own.endSession(caller, readId(params['sessionId'], 'HUB_SESSION_UNKNOWN'));
        return json(done);
      },
    }),
    route({
      method: 'POST',
      path: '/sessions/end',
      id: 'endSessions',
      summary: 'Ends all own sessions, this one too',
      action: 'session.end_all',
      needs: 'signed-in',
      answer: endedSchema,
      perform: async (_asked, caller) => {
        const sessions = await own.endSessions(caller);
        return { type: 'json', body: { sessions }, setCookies: [jar.clear('session')] };
      },
    }),
    route({
      method: 'GET',
      path: '/tokens',
      id: 'listTokens',
      summary: 'The own access tokens that still open something',
      action: 'token.list',
      needs: 'signed-in',
      answer: tokensSchema,
      perform: async (_asked, caller) => json({ tokens: await tokens.list(caller) }),
    }),
    route({
      method: 'POST',
      path: '/tokens',
      id: 'createToken',
      summary: 'Makes an access token, for the command line',
      action: 'token.create',
      needs: 'signed-in',
      body: z.strictObject({
        name: plainSchema.trim().min(1).max(100).describe('What it is for.'),
        scopes: z.array(z.enum(permissions)).min(1),
        days: z.int().min(1).max(tokenDaysMax).describe('After so many days it opens nothing any more.'),
      }),
      answer: madeTokenSchema,
      codes: ['HUB_PROOF_STALE'],
      perform: async ({ body }, caller) => json(await tokens.create(caller, body)),
    }),
    route({
      method: 'POST',
      path: '/tokens/:tokenId/revoke',
      id: 'revokeToken',
      summary: 'Ends one of the own access tokens',
      action: 'token.revoke',
      needs: 'signed-in',
      answer: okSchema,
      codes: ['HUB_ACCESS_TOKEN_UNKNOWN'],
      perform: async ({ params }, caller) => {
        await tokens.revoke(caller, readTokenId(params['tokenId']));
        return json(done);
      },
    }),
  ];
}

function meOf(
  { operatorId: id, name, roles, permissions: given, proof, provesBy }: Caller,
  { session }: Cookies,
) {
  const me = { id, name, roles, permissions: [...given], provesBy };
  if (proof.type === 'token') return { ...me, proof };
  const { sessionId, begunAt, provenAt, idleEndsAt, expiresAt } = proof;
  const freshUntil = new Date(provenAt.getTime() + freshMs);
  const times = { begunAt, provenAt, freshUntil, idleEndsAt, expiresAt };
  const ofSession = { type: 'session', sessionId, ...times };
  return { ...me, csrfToken: csrfTokenOf(session ?? ''), proof: ofSession };
}
