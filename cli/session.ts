/** A session by name and password, for the few things that no token may do. It is ended as soon as they are done. */
import { openClient, type Client } from './client.ts';

export interface Session extends AsyncDisposable {
  readonly api: Client;
}

/** @throws CliFailure HUB_SIGN_IN_FAILED, HUB_SIGN_IN_THROTTLED */
export async function openSession(url: string, name: string, password: string): Promise<Session> {
  // The console asks every sender of a session for this; no page of another site can be behind this program.
  const own = { 'sec-fetch-site': 'same-origin' };
  const { csrfToken, cookie } = await openClient(url, own).signIn(name, password);
  const api = openClient(url, { ...own, cookie, 'x-csrf-token': csrfToken });
  return {
    api,
    [Symbol.asyncDispose]: async () => {
      await api.post('/session/end');
    },
  };
}
