/** A session for the few things that no token may do. */
import { proveInBrowser, type BrowserProof } from './browser.ts';
import { openClient, type Client } from './client.ts';
import { askPassword, type World } from './command.ts';
import { CliFailure } from './failure.ts';
import { plain } from './text.ts';
import type { Me } from './me.ts';

/** What begins a session. */
export type SignInWay =
  | { readonly type: 'password'; readonly name: string; readonly password: string }
  | ({ readonly type: 'browser' } & BrowserProof);

/**
 * Runs `work` in a session that ends with it.
 *
 * @throws CliFailure HUB_SIGN_IN_FAILED, HUB_SIGN_IN_THROTTLED, HUB_OIDC_FAILED, and what `work` throws
 */
export async function inSession<Result>(
  url: string,
  way: SignInWay,
  work: (api: Client) => Promise<Result>,
): Promise<Result> {
  // The console asks every sender of a session for this; no page of another site can be behind this program.
  const own = { 'sec-fetch-site': 'same-origin' };
  const { csrfToken, cookie } = await begin(openClient(url, own), way);
  const api = openClient(url, { ...own, cookie, 'x-csrf-token': csrfToken });
  try {
    return await work(api);
  } finally {
    // What came of the work counts; a session that could not be ended ends by itself.
    await api.post('/session/end').catch(() => undefined);
  }
}

function begin(api: Client, way: SignInWay): ReturnType<Client['signIn']> {
  switch (way.type) {
    case 'password':
      return api.signIn('/session', { name: way.name, password: way.password });
    case 'browser':
      return api.signIn('/session/of-command', { code: way.code, verifier: way.verifier });
  }
}

/**
 * Runs `work` in a session of the person whose token this is, who proves now that he is the one: by his password, or
 * where he has none here, in his browser at the identity provider.
 *
 * @throws CliFailure HUB_FORBIDDEN if somebody else proved it, and as `inSession`
 */
export async function asPresent<Result>(
  world: Pick<World, 'terminal'>,
  api: Client,
  options: { readonly passwordStdin?: true },
  work: (own: Client) => Promise<Result>,
): Promise<Result> {
  const me = await api.get<Me>('/me');
  return inSession(api.url, await wayOf(world, api.url, me, options), async (own) => {
    const { id, name } = await own.get<Me>('/me');
    if (id !== me.id) {
      throw new CliFailure('HUB_FORBIDDEN', `${name} signed in, and the token here is ${me.name}'s`, {
        cure: 'Nothing was done. Sign in with your own account, or: points-hub login',
      });
    }
    return work(own);
  });
}

async function wayOf(
  world: Pick<World, 'terminal'>,
  url: string,
  { name, provesBy }: Me,
  { passwordStdin = false }: { readonly passwordStdin?: boolean },
): Promise<SignInWay> {
  if (provesBy === 'identity_provider') return { type: 'browser', ...(await proveInBrowser(world, url)) };
  const password = await askPassword(world, `Password of ${plain(name)} at ${url}`, passwordStdin);
  return { type: 'password', name, password };
}
