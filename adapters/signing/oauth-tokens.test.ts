import { describe, expect, test } from '@jest/globals';

import { answer, toldTransport } from '../declarative/testing/told-channel.ts';
import type { HttpExchange } from '../http/transport.ts';
import { OAuthTokens } from './oauth-tokens.ts';

/** Tokens over a clock that the test moves. */
function tokensOver(...ends: readonly HttpExchange[]) {
  const { transport, requests } = toldTransport(...ends);
  const clock = { nowMs: 0 };
  const tokens = new OAuthTokens({
    transport,
    path: '/token',
    clientId: 'hub',
    clientSecret: 's3cret',
    scope: undefined,
    credentialsIn: 'body',
    renewBeforeMs: 60_000,
    deadlineMs: 1_000,
    clock: () => clock.nowMs,
  });
  return { tokens, requests, clock };
}
const granted = (name: string): HttpExchange => answer(200, { access_token: name, expires_in: 600 });
const LIMITS = { deadlineMs: 1_000 };

describe('a token', () => {
  test('is kept until a minute before its end, and renewed then', async () => {
    const { tokens, requests, clock } = tokensOver(granted('a'), granted('b'));
    const names: unknown[] = [];
    for (const nowMs of [0, 539_999, 540_000, 1_000_000]) {
      clock.nowMs = nowMs;
      names.push(await tokens.token(LIMITS));
    }
    expect(names).toMatchObject([{ token: 'a' }, { token: 'a' }, { token: 'b' }, { token: 'b' }]);
    expect(requests).toHaveLength(2);
    expect(requests[0]?.body).toBe('grant_type=client_credentials&client_id=hub&client_secret=s3cret');
  });

  test('serves to its end if it cannot be renewed', async () => {
    const { tokens, clock } = tokensOver(granted('a'), answer(503, ''));
    await tokens.token(LIMITS);
    clock.nowMs = 599_999;
    expect(await tokens.token(LIMITS)).toEqual({ type: 'token', token: 'a' });
    clock.nowMs = 600_000;
    expect(await tokens.token(LIMITS)).toMatchObject({ type: 'no_token', cause: 'unreachable' });
  });

  test('that the channel refused is forgotten, but not one that has come since', async () => {
    const { tokens, requests } = tokensOver(granted('a'), granted('b'));
    await tokens.token(LIMITS);
    tokens.forget('a');
    expect(await tokens.token(LIMITS)).toMatchObject({ token: 'b' });
    tokens.forget('a');
    expect(await tokens.token(LIMITS)).toMatchObject({ token: 'b' });
    expect(requests).toHaveLength(2);
  });

  test('is not waited for by who has aborted', async () => {
    const { tokens } = tokensOver(granted('a'));
    expect(await tokens.token({ ...LIMITS, signal: AbortSignal.abort() })).toMatchObject({
      cause: 'aborted',
    });
  });
});
