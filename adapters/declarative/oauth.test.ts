import { afterEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from '../channel-description.ts';
import type { ChannelAdapter } from '../contract.ts';
import { answerText, ScriptedServer, type Script } from '../http/testing/scripted-server.ts';
import { openChannel } from '../open-remote.ts';
import { AMPLE_CONTEXT } from '../testing/call-contexts.ts';
import { DECLARED_JSON_CHANNEL } from '../testing/channel-contract.ts';

const OAUTH = DECLARED_JSON_CHANNEL.replace(
  'sign: { method: bearer, token: env:AIRMILES_TOKEN }',
  `sign:
  method: oauth2-client-credentials
  tokenUrl: \${TOKEN_URL}/oauth/token
  clientId: hub
  clientSecret: env:CLIENT_SECRET
  scope: points`,
);
const OPERATION = { key: 'k1', orderId: 'o1', memberRef: 'm', points: new Decimal(1) };
const DONE = { key: 'k1', kind: 'deduction', status: 'completed', points: '1', transactionId: 't1' };
const done = answerText(JSON.stringify(DONE));
const unauthorized = answerText('{"code":"UNAUTHENTICATED"}', '401 Unauthorized');

/** Would end a test with a refusal if it were asked. */
const elsewhere = 'http://127.0.0.1:1/oauth/token';

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of toClose.splice(0).toReversed()) await thing.close();
});

async function serve(answers: (requestNumber: number) => string | undefined): Promise<ScriptedServer> {
  const server = await ScriptedServer.start((socket, _, requestNumber) => {
    const text = answers(requestNumber);
    if (text !== undefined) socket.write(text);
  });
  toClose.push(server);
  return server;
}
function open(tokens: ScriptedServer, api: ScriptedServer): ChannelAdapter {
  const env = { SANDBOX_URL: api.baseUrl, TOKEN_URL: tokens.baseUrl, CLIENT_SECRET: 's3cret&1' };
  const channel = openChannel(readChannelDescription(OAUTH, 'c.yaml'), env);
  toClose.push(channel);
  return channel;
}
const token = (name: string, seconds = 3_600): string =>
  answerText(JSON.stringify({ access_token: name, token_type: 'Bearer', expires_in: seconds }));

describe('OAuth 2.0 client credentials', () => {
  test('one token serves many calls, asked for once however many wait', async () => {
    const tokens = await serve(() => token('tok-1'));
    const api = await serve(() => done);
    const channel = open(tokens, api);
    const all = Array.from({ length: 10 }, () => channel.deduct(OPERATION, AMPLE_CONTEXT));
    for (const outcome of await Promise.all(all)) expect(outcome.type).toBe('done');
    expect(tokens.requests).toHaveLength(1);
    // RFC 6749, sections 2.3.1 and 4.4.2: the secret is form-encoded before it is part of a credential.
    expect(tokens.requests[0]).toContain(`Basic ${Buffer.from('hub:s3cret%261').toString('base64')}`);
    expect(tokens.requests[0]).toContain('grant_type=client_credentials&scope=points');
    for (const request of api.requests) expect(request).toContain('authorization: Bearer tok-1\r\n');
  });

  test('a 401 renews the token once and sends once more', async () => {
    const tokens = await serve((number) => token(`tok-${number}`));
    const api = await serve((number) => (number === 1 ? unauthorized : done));
    expect((await open(tokens, api).deduct(OPERATION, AMPLE_CONTEXT)).type).toBe('done');
    expect(api.requests.map((request) => /Bearer (\S+)/.exec(request)?.[1])).toEqual(['tok-1', 'tok-2']);
  });

  test('a second 401 is the end', async () => {
    const tokens = await serve((number) => token(`tok-${number}`));
    const api = await serve((number) => answerText(`{"said":"not tok-${number}"}`, '401 Unauthorized'));
    const outcome = await open(tokens, api).deduct(OPERATION, AMPLE_CONTEXT);
    expect(outcome).toMatchObject({ type: 'misconfigured', code: 'authentication' });
    expect(JSON.stringify(outcome)).not.toMatch(/tok-\d/);
    expect([tokens.requests.length, api.requests.length]).toEqual([2, 2]);
  });

  test('what may have been done is never sent again', async () => {
    const tokens = await serve((number) => token(`tok-${number}`));
    const api = await serve((number) => (number === 1 ? unauthorized : undefined));
    expect(await open(tokens, api).deduct(OPERATION, { ...AMPLE_CONTEXT, deadlineMs: 400 })).toMatchObject({
      type: 'unknown',
      cause: 'timeout',
    });
    expect(api.requests).toHaveLength(2);
  });

  test('a send-by that passed while waiting for the token is kept', async () => {
    let isOpen = true;
    const tokens = await serve(() => {
      isOpen = false;
      return token('tok-1');
    });
    const api = await serve(() => done);
    expect(
      await open(tokens, api).deduct(OPERATION, { ...AMPLE_CONTEXT, maySend: () => isOpen }),
    ).toMatchObject({
      type: 'not_sent',
      cause: 'send_by_passed',
    });
    expect(api.requests).toEqual([]);
  });

  test('a token that has ended is not used again', async () => {
    const tokens = await serve((number) => (number === 1 ? token('tok-1', 0) : answerText('{}', '503 Away')));
    const api = await serve(() => done);
    const channel = open(tokens, api);
    expect((await channel.deduct(OPERATION, AMPLE_CONTEXT)).type).toBe('done');
    // It has ended, and there is no other: nothing goes out.
    expect(await channel.deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'not_sent',
      cause: 'connect_failed',
    });
    expect([tokens.requests.length, api.requests.length]).toEqual([2, 1]);
  });

  test.each<readonly [string, Script]>([
    ['is on another host', (socket) => socket.write(answerText('', '302 Found', [`location: ${elsewhere}`]))],
    ['is a page of somebody on the way', (socket) => socket.write(answerText('<html>Sign in</html>'))],
    [
      'has 50 MB',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n{"access_token":"');
        const chunk = Buffer.alloc(65_536, 'x');
        const pour = (): void => {
          while (socket.writable && socket.write(chunk));
        };
        socket.on('drain', pour);
        pour();
      },
    ],
    [
      'comes byte by byte',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const drip = setInterval(() => socket.write(' '), 10);
        socket.on('close', () => clearInterval(drip));
      },
    ],
    ['is cut off', (socket) => socket.resetAndDestroy()],
  ])('tokens come over the door that calls go through: one that %s is none', async (_, script) => {
    const tokens = await ScriptedServer.start(script);
    toClose.push(tokens);
    const api = await serve(() => done);
    const outcome = await open(tokens, api).deduct(OPERATION, { ...AMPLE_CONTEXT, deadlineMs: 1_000 });
    expect(outcome).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
    expect([tokens.requests.length, api.requests.length]).toEqual([1, 0]);
  });

  test('tokens of a server with a certificate that nobody vouches for are not asked for', async () => {
    const tokens = await ScriptedServer.start((socket) => socket.write(token('tok-1')), { tls: true });
    toClose.push(tokens);
    const api = await serve(() => done);
    expect(await open(tokens, api).deduct(OPERATION, AMPLE_CONTEXT)).toMatchObject({
      type: 'not_sent',
      cause: 'connect_failed',
    });
    expect([tokens.requests.length, api.requests.length]).toEqual([0, 0]);
  });

  test.each([
    ['refuses the client', answerText('{"error":"invalid_client"}', '401 Unauthorized'), 'misconfigured'],
    ['is away', answerText('', '503 Service Unavailable'), 'not_sent'],
    ['says what is no token', answerText('{"access_token":"a\\nb"}'), 'not_sent'],
    ['never answers', undefined, 'not_sent'],
  ])('nothing is sent while the token endpoint %s, and no secret is shown', async (_, text, type) => {
    const tokens = await serve(() => text);
    const api = await serve(() => done);
    const outcome = await open(tokens, api).deduct(OPERATION, { ...AMPLE_CONTEXT, deadlineMs: 500 });
    expect(outcome.type).toBe(type);
    expect(JSON.stringify(outcome)).not.toContain('s3cret');
    expect(api.requests).toEqual([]);
  });
});
