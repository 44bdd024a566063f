/** A session by name and password, for the few things that no token may do. */
import { openClient, type Client } from './client.ts';

/**
 * Runs `work` in a session that ends with it.
 *
 * @throws CliFailure HUB_SIGN_IN_FAILED, HUB_SIGN_IN_THROTTLED, and what `work` throws
 */
export async function inSession<Result>(
  url: string,
  name: string,
  password: string,
  work: (api: Client) => Promise<Result>,
): Promise<Result> {
  // The console asks every sender of a session for this; no page of another site can be behind this program.
  const own = { 'sec-fetch-site': 'same-origin' };
  const { csrfToken, cookie } = await openClient(url, own).signIn(name, password);
  const api = openClient(url, { ...own, cookie, 'x-csrf-token': csrfToken });
  try {
    return await work(api);
  } finally {
    // What came of the work counts; a session that could not be ended ends by itself.
    await api.post('/session/end').catch(() => undefined);
  }
}
