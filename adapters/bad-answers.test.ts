import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';

import { readChannelDescription } from './channel-description.ts';
import type { ChannelAdapter } from './contract.ts';
import { openAxiosTransport } from './http/axios-transport.ts';
import { ConnectProxy } from './http/testing/connect-proxy.ts';
import { LOCALHOST_CERTIFICATE } from './http/testing/localhost-certificate.ts';
import { answerText, ScriptedServer, type Script } from './http/testing/scripted-server.ts';
import { openUndiciTransport } from './http/undici-transport.ts';
import { openChannel } from './open-remote.ts';
import { readProxy, type OpenTransport } from './reach.ts';
import { AMPLE_CONTEXT } from './testing/call-contexts.ts';
import { DECLARED_JSON_CHANNEL } from './testing/channel-contract.ts';

const OPERATION = { key: 'k1', orderId: 'o1', memberRef: 'm', points: new Decimal(1) };
const DONE = JSON.stringify({
  key: 'k1',
  kind: 'deduction',
  status: 'completed',
  points: '1',
  transactionId: 't1',
});

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

async function serve(script: Script, options: { tls?: boolean } = {}): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script, options);
  toClose.push(() => server.close());
  return server;
}
function open(yaml: string, env: Record<string, string>, transport?: OpenTransport): ChannelAdapter {
  const channel = openChannel(
    readChannelDescription(yaml, 'c.yaml'),
    { AIRMILES_TOKEN: 't', ...env },
    transport,
  );
  toClose.push(() => channel.close());
  return channel;
}

describe.each([
  ['undici', openUndiciTransport],
  ['axios', openAxiosTransport],
] as const)('a declarative channel over %s', (_, transport) => {
  test.each<[string, Script, string]>([
    ['is empty', (socket) => socket.write(answerText('')), 'unreadable_answer'],
    ['is HTML', (socket) => socket.write(answerText('<html>ok</html>')), 'unreadable_answer'],
    ['is JSON that was cut', (socket) => socket.write(answerText(DONE.slice(0, -9))), 'unreadable_answer'],
    [
      'breaks off',
      (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${DONE}`, () => socket.destroy());
      },
      'connection_lost',
    ],
    [
      'has 50 MB',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n');
        const chunk = Buffer.alloc(65_536, 'x');
        const pour = (): void => {
          while (socket.writable && socket.write(chunk));
        };
        socket.on('drain', pour);
        pour();
      },
      'unreadable_answer',
    ],
    [
      'comes byte by byte',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const drip = setInterval(() => socket.write(' '), 10);
        socket.on('close', () => clearInterval(drip));
      },
      'timeout',
    ],
  ])('is in doubt if the answer %s', async (__, script, cause) => {
    const server = await serve(script);
    const channel = open(DECLARED_JSON_CHANNEL, { SANDBOX_URL: server.baseUrl }, transport);
    const deadlineMs = cause === 'timeout' ? 300 : 10_000;
    expect(await channel.deduct(OPERATION, { ...AMPLE_CONTEXT, deadlineMs })).toMatchObject({
      type: 'unknown',
      cause,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('trusts the authorities of its file and no others, through the proxy that it names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'points-hub-ca-'));
    toClose.push(async () => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, LOCALHOST_CERTIFICATE);
    const server = await serve((socket) => socket.write(answerText(DONE)), { tls: true });
    const proxy = await ConnectProxy.start();
    toClose.push(() => proxy.close());
    const env = { SANDBOX_URL: server.baseUrl, PROXY: proxy.url };
    const trusting = DECLARED_JSON_CHANNEL.concat(`certificateAuthorityFile: ${file}\nproxy: env:PROXY\n`);
    const outcome = await open(trusting, env, transport).deduct(OPERATION, AMPLE_CONTEXT);
    expect(outcome.type).toBe('done');
    expect(proxy.requests).toHaveLength(1);
    const stranger = await open(DECLARED_JSON_CHANNEL, env, transport).deduct(OPERATION, AMPLE_CONTEXT);
    expect(stranger).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the proxy of the environment', () => {
  const env = {
    HTTPS_PROXY: 'http://proxy:3128',
    NO_PROXY: 'localhost, .corp.example,10.0.0.1,api.example:8443',
  };

  test.each([
    ['https://api.example/v1', 'http://proxy:3128/'],
    ['https://api.example:8443', undefined],
    ['https://points.corp.example', undefined],
    ['https://corp.example', undefined],
    ['https://notcorp.example', 'http://proxy:3128/'],
    ['https://10.0.0.1', undefined],
    ['http://api.example', undefined],
  ])('leads to %s by %s', (baseUrl, expected) => {
    expect(readProxy('environment', baseUrl, env)).toBe(expected);
  });

  test('counts in small letters, too, and not where the description says otherwise', () => {
    const baseUrl = 'https://api.example';
    expect(readProxy('environment', baseUrl, { https_proxy: 'proxy:1' })).toBe('http://proxy:1/');
    expect(readProxy('environment', baseUrl, { ...env, NO_PROXY: '*' })).toBeUndefined();
    expect(readProxy('none', baseUrl, env)).toBeUndefined();
    expect(readProxy('http://other:8080', 'http://api.example', env)).toBe('http://other:8080/');
    expect(() => readProxy('env:P', baseUrl, { P: 'ftp://user:s3cret@x' })).toThrow(
      /^environment variable P does not hold the http\(s\) URL of a proxy$/,
    );
  });
});
