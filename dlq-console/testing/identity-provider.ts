/** A real OpenID Connect provider in this process, and a browser that signs in at it. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import { Provider } from 'oidc-provider';

export interface Account {
  /** Where not given, the provider's own id of the account is all that it tells. */
  preferred_username?: string;
  groups?: readonly string[];
}

export interface IdentityProvider {
  readonly accounts: Map<string, Account>;
  close(): Promise<void>;
}

export const clientOfHub = { clientId: 'points-hub', clientSecret: 'a-secret-for-the-tests-only' } as const;

/** @param isInIdToken whether the groups are in the ID token, or to be asked for with the access token */
export async function startProvider(
  port: number,
  redirectUri: string,
  isInIdToken = true,
): Promise<IdentityProvider> {
  // It warns that it is made for development, which it is here.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const accounts = new Map<string, Account>();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: clientOfHub.clientId,
        client_secret: clientOfHub.clientSecret,
        redirect_uris: [redirectUri],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    conformIdTokenClaims: !isInIdToken,
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    cookies: { keys: ['for-the-tests-only'] },
    pkce: { required: () => true },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => Promise.resolve({ sub: accountId, ...accounts.get(accountId) }),
    }),
  });
  const handle = provider.callback();
  const server: Server = createServer((request, response) => void handle(request, response)).listen(
    port,
    '127.0.0.1',
  );
  await once(server, 'listening');
  return {
    accounts,
    close: async () => {
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** A browser at the provider; it keeps the provider's cookies, so that the second sign-in may need no password. */
export interface ProviderBrowser {
  /** Goes where the hub sent it, signs in and consents. @returns the query that the provider sends back */
  signIn(url: string, accountId: string): Promise<string>;
  /** Says no instead. */
  refuse(url: string): Promise<string>;
  /** How often it was asked for a password. */
  readonly passwords: { count: number };
}

export function providerBrowser(): ProviderBrowser {
  const cookies = new Map<string, string>();
  const passwords = { count: 0 };

  async function visit(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer;
  }

  /** Follows the provider from page to page until it leaves for the hub. */
  async function walk(
    begin: string,
    answerPage: (page: string, url: string) => Promise<Response>,
  ): Promise<string> {
    let answer = await visit(begin);
    let at = begin;
    for (let step = 0; step < 12; step += 1) {
      const location = answer.headers.get('location');
      if (location === null) {
        answer = await answerPage(await answer.text(), at);
        continue;
      }
      const next = new URL(location, at);
      if (next.pathname === '/ops/v1/oidc/callback') return next.search;
      at = next.href;
      answer = await visit(at);
    }
    throw new Error(`the provider led nowhere: ${at}`);
  }

  return {
    passwords,
    signIn: (url, accountId) =>
      walk(url, async (page, at) => {
        const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
        if (prompt === undefined) throw new Error(`the provider shows no form: ${page.slice(0, 500)}`);
        if (prompt === 'login') passwords.count += 1;
        return visit(at, prompt === 'login' ? { prompt, login: accountId, password: 'any' } : { prompt });
      }),
    refuse: (url) => walk(url, (_page, at) => visit(`${at}/abort`)),
  };
}
