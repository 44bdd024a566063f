/**
 * Signing in at the company's identity provider: OpenID Connect, Authorization Code with PKCE, state and nonce. The
 * exchange happens here; no token of the provider ever reaches the browser or the database. A person's roles follow
 * from his groups, anew with every sign-in.
 */
import { timingSafeEqual } from 'node:crypto';
import * as client from 'openid-client';
import { HubError } from '../../errors.ts';
import type { Database } from '../../store/database.ts';
import {
  insertIdentity,
  insertOidcLogin,
  readIdentity,
  takeOidcLogin,
  type OidcLogin,
} from '../../store/oidc-logins.ts';
import { insertCommandLineSignIn, takeCommandLineSignIn } from '../../store/command-line-sign-ins.ts';
import { deleteSession } from '../../store/sessions.ts';
import { insertOperator, lockOperator, writeRoles } from '../../store/operators.ts';
import { audit, audited, type AuditEntry } from '../audit.ts';
import type { Origin } from '../caller.ts';
import type { Role } from '../rights.ts';
import { nameKeyOf, readName, readRoleSet } from './names.ts';
import { hashToken, newSecret } from './secrets.ts';
import { beginSession, type SignedIn } from './sessions.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Asked for besides `openid profile email`. */
  readonly scopes: readonly string[];
  /** The claim that lists a person's groups, in the ID token or the user info. */
  readonly groupsClaim: string;
  readonly rolesOfGroups: Readonly<Record<string, readonly Role[]>>;
}

export interface OidcSigningIn {
  /** @throws HubError HUB_OIDC_FAILED */
  begin(errand: OidcErrand): Promise<{ readonly url: string; readonly browserToken: string }>;
  /** @throws HubError HUB_OIDC_FAILED */
  finish(answer: ProviderAnswer, origin: Origin): Promise<Finished>;
  /**
   * Begins the session of the command that sent a person to the provider: whoever knows the code that his browser
   * brought back and what the command kept to itself. The code is good for one try.
   *
   * @throws HubError HUB_OIDC_FAILED
   */
  redeem(shown: { readonly code: string; readonly verifier: string }, origin: Origin): Promise<SignedIn>;
}

/** What somebody is sent to the provider for. */
export type OidcErrand =
  | { readonly type: 'sign_in' }
  /** The provider must ask for the password again. */
  | {
      readonly type: 'renewal';
      /** Where there is one it ends with the new one, which has to be of the same person. */
      readonly session: { readonly id: string; readonly operatorId: string } | undefined;
      /** Where in the page he was. */
      readonly back: string | undefined;
    }
  /**
   * As a renewal, for a command on the person's own machine: RFC 8252, 7.3. @param challenge SHA-256 of its verifier
   */
  | { readonly type: 'command'; readonly port: number; readonly challenge: Buffer };

/** Where the browser goes on. */
export type Finished =
  | { readonly type: 'session'; readonly signedIn: SignedIn; readonly back: string | undefined }
  | { readonly type: 'command'; readonly port: number; readonly code: string };

export interface ProviderAnswer {
  /** Of the request that the provider sent the browser back with: `?code=...&state=...`. */
  readonly search: string;
  readonly browserToken: string | undefined;
  readonly deviceToken: string | undefined;
}

/** A person has so long to sign in at the provider. */
const loginLastsMs = 10 * 60_000;
/** A command takes its code at once. */
const codeLastsMs = 60_000;
/** So old may a renewed proof be when it arrives. */
const renewalMaxS = 300;
const providerTimeoutS = 10;

/** @param consoleUrl where browsers find the console, without a slash at the end */
export function openOidc(database: Database, settings: OidcSettings, consoleUrl: string): OidcSigningIn {
  const redirectUri = `${consoleUrl}/ops/v1/oidc/callback`;
  let discovered: Promise<client.Configuration> | undefined;

  /** Asked at the first use, and again after it failed: the provider may be away while the console starts. */
  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(settings).catch((cause: unknown) => {
      discovered = undefined;
      throw failed('the identity provider cannot be reached', cause);
    });
    return discovered;
  }

  async function claimsOf(search: string, login: OidcLogin, state: string): Promise<Claims> {
    const config = await configuration();
    const url = new URL(`${redirectUri}${search}`);
    try {
      const tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: login.codeVerifier,
        expectedState: state,
        expectedNonce: login.nonce,
        idTokenExpected: true,
        ...(login.isRenewal ? { maxAge: renewalMaxS } : {}),
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('there is no ID token');
      if (claims[settings.groupsClaim] !== undefined) return claims;
      return { ...(await client.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
    } catch (cause) {
      throw failed(`the identity provider's answer cannot be used: ${reasonOf(cause)}`, cause);
    }
  }

  /** Makes the person at his first sign-in. @throws HubError HUB_OIDC_FAILED, HUB_ROLES_INVALID, HUB_OPERATOR_TAKEN */
  async function personOf(claims: Claims, held: readonly Role[], origin: Origin): Promise<Person> {
    const known = await readIdentity(database, settings.issuer, claims.sub);
    if (known !== undefined) return updated(known, held, origin);
    const named = [claims['preferred_username'], claims['email'], claims.sub];
    const name = readName(named.find((claim) => typeof claim === 'string') ?? '');
    return audited(database, { ...origin, operatorId: undefined, name: undefined }, async (connection) => {
      const operator = { name, nameKey: nameKeyOf(name), origin: 'oidc', roles: held } as const;
      const operatorId = await insertOperator(connection, operator);
      // Never joined to a person of this name by itself: whoever names himself at the provider would become him.
      if (operatorId === undefined) throw new HubError('HUB_OPERATOR_TAKEN', `there is a "${name}" already`);
      const identity = { issuer: settings.issuer, subject: claims.sub, operatorId };
      if (!(await insertIdentity(connection, identity)))
        throw failed('this account signs in elsewhere; try again');
      const details = { name, roles: held, by: 'identity provider' };
      return {
        entry: { action: 'operator.join', subject: `operator:${operatorId}`, details },
        result: { operatorId, name },
      };
    });
  }

  async function updated(operatorId: string, held: readonly Role[], origin: Origin): Promise<Person> {
    return database.transaction(async (connection) => {
      const operator = await lockOperator(connection, operatorId);
      if (operator === undefined || operator.disabledAt !== null) throw failed('the person is disabled here');
      const { name, roles } = operator;
      if (roles.join() === held.join()) return { operatorId, name };
      await writeRoles(connection, operatorId, held);
      const details = { name, from: roles, to: held, by: 'identity provider' };
      await audit(
        connection,
        { ...origin, operatorId, name },
        {
          action: 'operator.change_roles',
          subject: `operator:${operatorId}`,
          details,
        },
      );
      return { operatorId, name };
    });
  }

  return {
    begin: async (errand) => {
      const config = await configuration();
      const codeVerifier = client.randomPKCECodeVerifier();
      const nonce = client.randomNonce();
      const state = newSecret();
      const browser = newSecret();
      const login = { nonce, codeVerifier, ...loginOf(errand) };
      await insertOidcLogin(database, state.tokenHash, browser.tokenHash, login, loginLastsMs);
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: ['openid', 'profile', 'email', ...settings.scopes].join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state: state.token,
        nonce,
        ...(login.isRenewal ? { prompt: 'login', max_age: String(renewalMaxS) } : {}),
      });
      return { url: url.href, browserToken: browser.token };
    },
    finish: async ({ search, browserToken, deviceToken }, origin) => {
      const state = new URLSearchParams(search).get('state') ?? '';
      const login =
        browserToken === undefined
          ? undefined
          : await takeOidcLogin(database, hashToken(state), hashToken(browserToken));
      if (login === undefined) throw failed('this browser did not ask for it, or too long ago; begin again');
      const claims = await claimsOf(search, login, state);
      const person = await personOf(claims, rolesOf(claims, settings), origin);
      const { operatorId } = person;
      const { session, command, isRenewal, back } = login;
      const provenAt = provenAtOf(claims);
      if (command !== null) {
        const { challenge, port } = command;
        const { token: code, tokenHash } = newSecret();
        await insertCommandLineSignIn(database, tokenHash, { operatorId, provenAt, challenge }, codeLastsMs);
        return { type: 'command', port, code };
      }
      if (session !== null && session.operatorId !== operatorId) {
        throw failed('another person signed in at the provider than the one whose session asked for it');
      }
      const signedIn = await audited(database, { ...origin, ...person }, async (connection) => {
        if (session !== null) await deleteSession(connection, operatorId, session.id);
        const { sessionId, ...begun } = await beginSession(
          connection,
          operatorId,
          origin,
          deviceToken,
          provenAt,
        );
        return { entry: beginning(sessionId, { isRenewal }), result: begun };
      });
      return { type: 'session', signedIn, back: back ?? undefined };
    },
    redeem: async ({ code, verifier }, origin) => {
      const found = await takeCommandLineSignIn(database, hashToken(code));
      if (found === undefined || !timingSafeEqual(found.challenge, hashToken(verifier))) {
        throw failed('the code is unknown, used or too old, or of another command; begin again');
      }
      const { operatorId, name, provenAt } = found;
      return audited(database, { ...origin, operatorId, name }, async (connection) => {
        const begun = await beginSession(connection, operatorId, origin, undefined, provenAt);
        const { sessionId, ...signedIn } = begun;
        return { entry: beginning(sessionId, { isRenewal: true }), result: signedIn };
      });
    },
  };
}

function loginOf(errand: OidcErrand): Omit<OidcLogin, 'nonce' | 'codeVerifier'> {
  const none = { session: null, back: null, command: null };
  switch (errand.type) {
    case 'sign_in':
      return { ...none, isRenewal: false };
    case 'renewal':
      return { ...none, isRenewal: true, session: errand.session ?? null, back: errand.back ?? null };
    case 'command':
      return { ...none, isRenewal: true, command: { port: errand.port, challenge: errand.challenge } };
  }
}

function beginning(sessionId: string, { isRenewal }: { readonly isRenewal: boolean }): AuditEntry {
  const details = { by: 'identity provider', isRenewal };
  return { action: 'session.begin', subject: `session:${sessionId}`, details };
}

interface Claims {
  readonly sub: string;
  readonly [name: string]: unknown;
}

interface Person {
  readonly operatorId: string;
  readonly name: string;
}

async function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client.discovery(url, clientId, clientSecret, undefined, {
    timeout: providerTimeoutS,
    // The settings let plain HTTP through on the loopback only.
    // oxlint-disable-next-line typescript/no-deprecated -- it is marked so only to be noticed
    execute: url.protocol === 'http:' ? [client.allowInsecureRequests] : [],
  });
}

/** @throws HubError HUB_OIDC_FAILED for groups without a role, HUB_ROLES_INVALID for those that give admin and approver */
function rolesOf(claims: Claims, { groupsClaim, rolesOfGroups }: OidcSettings): readonly Role[] {
  const groups = claims[groupsClaim];
  const named = (Array.isArray(groups) ? groups : [groups]).filter((group) => typeof group === 'string');
  const held = named.flatMap((group) =>
    Object.hasOwn(rolesOfGroups, group) ? (rolesOfGroups[group] ?? []) : [],
  );
  if (held.length === 0)
    throw failed(`none of the ${named.length} groups in the claim "${groupsClaim}" has a role`);
  return readRoleSet(held);
}

/** When the person proved it to the provider; where that does not say, long ago. */
function provenAtOf({ auth_time: authTime }: Claims): Date {
  return new Date(typeof authTime === 'number' ? authTime * 1_000 : 0);
}

/** The library's errors name what did not fit; a token or a code is never in them. */
function reasonOf(cause: unknown): string {
  if (cause instanceof client.AuthorizationResponseError || cause instanceof client.ResponseBodyError) {
    return cause.error;
  }
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
}

function failed(detail: string, cause?: unknown): HubError {
  return new HubError('HUB_OIDC_FAILED', detail, { cause });
}
