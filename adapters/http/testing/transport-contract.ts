import { createServer, type AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { ExchangeLimits, HttpRequest, HttpTransport, TransportOptions } from '../transport.ts';
import { ConnectProxy, type ProxyManner } from './connect-proxy.ts';
import { LOCALHOST_CERTIFICATE } from './localhost-certificate.ts';
import { answerText, ScriptedServer, type Script } from './scripted-server.ts';

const POST: HttpRequest = {
  method: 'POST',
  path: '/v1/deductions',
  headers: { 'content-type': 'application/json', authorization: 'Bearer t' },
  body: '{"points":"1"}',
};

/** Enough for loopback on a loaded machine; tests that mean the deadline give their own. */
const AMPLE: ExchangeLimits = { deadlineMs: 10_000, maySend: () => true };

/** What every transport promises, over real sockets. */
export function describeTransport(name: string, open: (options: TransportOptions) => HttpTransport): void {
  describe(`${name} transport`, () => {
    const toClose: { close(): Promise<void> }[] = [];

    async function serve(script: Script, options: { tls?: boolean } = {}): Promise<ScriptedServer> {
      const server = await ScriptedServer.start(script, options);
      toClose.push(server);
      return server;
    }
    function connect(baseUrl: string, options: Partial<TransportOptions> = {}): HttpTransport {
      const transport = open({ baseUrl, connectionsMax: 4, connectTimeoutMs: 5_000, ...options });
      toClose.push(transport);
      return transport;
    }

    let unhandled: unknown[] = [];
    const remember = (error: unknown): void => void unhandled.push(error);
    beforeEach(() => {
      unhandled = [];
      process.on('unhandledRejection', remember);
    });
    afterEach(async () => {
      for (const thing of toClose.splice(0).toReversed()) await thing.close();
      process.off('unhandledRejection', remember);
      expect(unhandled).toEqual([]);
    });

    describe('an answer', () => {
      test('has its status, headers, and body, whatever the status', async () => {
        const server = await serve((socket) =>
          socket.write(
            answerText('{"name":"李"}', '503 Service Unavailable', [
              'X-One: a',
              'x-one: b',
              'Retry-After: 7',
            ]),
          ),
        );
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({
          type: 'answer',
          status: 503,
          headers: { 'x-one': 'a, b', 'retry-after': '7' },
          body: '{"name":"李"}',
        });
      });

      test('comes to a request that arrived as it was given, below the prefix of the base URL', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        await connect(`${server.baseUrl}/channels/airmiles/`).exchange(POST, AMPLE);
        expect(server.requests).toHaveLength(1);
        expect(server.requests[0]).toMatch(/^POST \/channels\/airmiles\/v1\/deductions HTTP\/1\.1\r\n/);
        expect(server.requests[0]).toMatch(/\r\nauthorization: Bearer t\r\n/i);
        expect(server.requests[0]?.endsWith('\r\n\r\n{"points":"1"}')).toBe(true);
      });

      test('may have no body', async () => {
        const server = await serve((socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'answer', status: 204, body: '' });
      });

      test('may end with the connection', async () => {
        const server = await serve((socket) =>
          socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a":1}'),
        );
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'answer', body: '{"a":1}' });
      });

      test('is the final one, not an early hint', async () => {
        const server = await serve((socket) => {
          socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
          socket.write(answerText('{"final":true}'));
        });
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'answer', status: 200, body: '{"final":true}' });
      });

      test('is the redirect itself, and the other host is never asked', async () => {
        const elsewhere = await serve((socket) => socket.write(answerText('{}')));
        const server = await serve((socket) =>
          socket.write(
            answerText('', '307 Temporary Redirect', [`location: ${elsewhere.baseUrl}/v1/deductions`]),
          ),
        );
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'answer', status: 307 });
        expect(elsewhere.connections).toBe(0);
      });

      test('comes over a connection that is kept', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        const transport = connect(server.baseUrl);
        for (let call = 0; call < 20; call += 1) await transport.exchange(POST, AMPLE);
        expect(server.requests).toHaveLength(20);
        // Two, where the second call begins before the pool has taken the first one's connection back.
        expect(server.connections).toBeLessThanOrEqual(2);
      });
    });

    describe('nothing was sent', () => {
      test('when the port refuses', async () => {
        const baseUrl = await closedPort();
        const exchange = await connect(baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
        expect(exchange).toHaveProperty('detail', expect.stringContaining('ECONNREFUSED'));
      });

      test('when the name does not resolve', async () => {
        const exchange = await connect('http://nowhere.invalid').exchange(POST, {
          ...AMPLE,
          deadlineMs: 2_000,
        });
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
      });

      test('when the certificate is not trusted', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')), { tls: true });
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
        expect(server.requests).toEqual([]);
      });

      test('when maySend says no, and the transport stays usable', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        const transport = connect(server.baseUrl);
        await transport.exchange(POST, AMPLE);
        const refused = await transport.exchange(POST, { ...AMPLE, maySend: () => false });
        expect(refused).toMatchObject({ type: 'not_sent', cause: 'send_by_passed' });
        expect(await transport.exchange(POST, AMPLE)).toMatchObject({ type: 'answer' });
        expect(server.requests).toHaveLength(2);
      });

      test('when maySend says no on a connection that is still being made, TLS or not', async () => {
        for (const tls of [false, true]) {
          const server = await serve((socket) => socket.write(answerText('{}')), { tls });
          const transport = connect(server.baseUrl, { certificateAuthority: LOCALHOST_CERTIFICATE });
          // It would have been allowed when the call began: what counts is the moment before the first byte.
          let connected = false;
          const refused = await transport.exchange(POST, {
            ...AMPLE,
            maySend: () => {
              connected = server.connections > 0;
              return false;
            },
          });
          expect(refused).toMatchObject({ type: 'not_sent', cause: 'send_by_passed' });
          expect(connected).toBe(true);
          expect(await transport.exchange(POST, AMPLE)).toMatchObject({ type: 'answer', status: 200 });
          expect(server.requests).toHaveLength(1);
        }
      });

      test('when maySend has turned false while the request waited for a free connection', async () => {
        const gate = Promise.withResolvers<void>();
        const server = await serve((socket) => void gate.promise.then(() => socket.write(answerText('{}'))));
        const transport = connect(server.baseUrl, { connectionsMax: 1 });
        const first = transport.exchange(POST, AMPLE);
        let isOpen = true;
        const waiting = transport.exchange({ ...POST, path: '/late' }, { ...AMPLE, maySend: () => isOpen });
        isOpen = false;
        gate.resolve();
        expect(await first).toMatchObject({ type: 'answer' });
        expect(await waiting).toMatchObject({ type: 'not_sent', cause: 'send_by_passed' });
        expect(server.requests).toHaveLength(1);
      });

      test('when the deadline passed or the caller aborted while it waited, nor is it sent afterwards', async () => {
        const gate = Promise.withResolvers<void>();
        const server = await serve((socket) => void gate.promise.then(() => socket.write(answerText('{}'))));
        const transport = connect(server.baseUrl, { connectionsMax: 1 });
        const first = transport.exchange(POST, AMPLE);
        const caller = new AbortController();
        const impatient = transport.exchange({ ...POST, path: '/impatient' }, { ...AMPLE, deadlineMs: 30 });
        const aborted = transport.exchange(
          { ...POST, path: '/aborted' },
          { ...AMPLE, signal: caller.signal },
        );
        caller.abort();
        expect(await impatient).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
        expect(await aborted).toMatchObject({ type: 'not_sent', cause: 'aborted_before_send' });
        gate.resolve();
        await first;
        await transport.exchange({ ...POST, path: '/afterwards' }, AMPLE);
        expect(server.requests.map((request) => request.split(' ')[1])).toEqual([
          '/v1/deductions',
          '/afterwards',
        ]);
      });

      test('when the caller had aborted before', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        const exchange = await connect(server.baseUrl).exchange(POST, {
          ...AMPLE,
          signal: AbortSignal.abort(),
        });
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'aborted_before_send' });
        expect(server.connections).toBe(0);
      });
    });

    describe('it may have been sent', () => {
      test('when the server accepts and never answers', async () => {
        const server = await serve(() => {});
        const exchange = await connect(server.baseUrl).exchange(POST, { ...AMPLE, deadlineMs: 150 });
        expect(exchange).toMatchObject({ type: 'lost', cause: 'timeout', status: undefined });
        expect(server.requests).toHaveLength(1);
      });

      test('when the connection is reset after the request', async () => {
        const server = await serve((socket) => socket.resetAndDestroy());
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'lost', cause: 'connection_lost', status: undefined });
        expect(server.requests).toHaveLength(1);
      });

      test('when the connection is closed in good order, but without an answer', async () => {
        const server = await serve((socket) => socket.end());
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'lost', cause: 'connection_lost' });
        expect(server.requests).toHaveLength(1);
      });

      test.each([
        ['reset', (socket: Parameters<Script>[0]) => void socket.resetAndDestroy()],
        ['closed', (socket: Parameters<Script>[0]) => void socket.end()],
      ])('when the connection is %s in the middle of the body', async (_, breakOff) => {
        const server = await serve((socket) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"points":', () => breakOff(socket));
        });
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'lost', cause: 'connection_lost' });
      });

      test('when the answer comes byte by byte beyond the deadline', async () => {
        const server = await serve((socket) => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
          const drip = setInterval(() => socket.write('x'), 10);
          socket.on('close', () => clearInterval(drip));
        });
        const exchange = await connect(server.baseUrl).exchange(POST, { ...AMPLE, deadlineMs: 150 });
        expect(exchange).toMatchObject({ type: 'lost', cause: 'timeout' });
      });

      test('when the body is 50 MB, of which only a small part is taken', async () => {
        const bodyBytes = 50_000_000;
        let closed: Promise<void> | undefined;
        let takenBytes = 0;
        const server = await serve((socket) => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bodyBytes}\r\n\r\n`);
          const chunk = Buffer.alloc(50_000, 'x');
          const pour = (): void => {
            while (socket.writable && socket.write(chunk));
          };
          socket.on('drain', pour);
          closed = new Promise((resolve) => {
            socket.on('close', () => {
              takenBytes = socket.bytesWritten - socket.writableLength;
              resolve();
            });
          });
          pour();
        });
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'lost', cause: 'too_large' });
        await closed;
        expect(takenBytes).toBeLessThan(bodyBytes / 2);
      });

      test('when the body is one byte over the bound, but not at the bound', async () => {
        const server = await serve((socket, request) =>
          socket.write(answerText('x'.repeat(request.includes('/over') ? 1_025 : 1_024))),
        );
        const transport = connect(server.baseUrl, { answerBytesMax: 1_024 });
        expect(await transport.exchange(POST, AMPLE)).toMatchObject({ type: 'answer' });
        expect(await transport.exchange({ ...POST, path: '/over' }, AMPLE)).toMatchObject({
          cause: 'too_large',
        });
      });

      test('when the headers are a flood', async () => {
        const server = await serve((socket) => {
          socket.write(`HTTP/1.1 200 OK\r\n${'x-flood: 0123456789\r\n'.repeat(10_000)}\r\n`);
        });
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'lost', cause: 'too_large' });
      });

      test('when the answer is not HTTP', async () => {
        const server = await serve((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
        const exchange = await connect(server.baseUrl).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'lost', cause: 'connection_lost' });
      });

      test('when the caller aborts or the transport closes after the request arrived', async () => {
        for (const end of ['abort', 'close']) {
          const arrived = Promise.withResolvers<void>();
          const server = await serve(() => arrived.resolve());
          const transport = connect(server.baseUrl);
          const caller = new AbortController();
          const exchange = transport.exchange(POST, { ...AMPLE, signal: caller.signal });
          await arrived.promise;
          if (end === 'abort') caller.abort();
          else await transport.close();
          expect(await exchange).toMatchObject({ type: 'lost', cause: 'connection_lost' });
        }
      });
    });

    describe('one exchange writes at most once', () => {
      test.each(['GET', 'POST'] as const)(
        'a %s on a kept connection that dies under it is not sent again',
        async (method) => {
          const server = await serve((socket, _request, requestNumber) => {
            if (requestNumber === 1) socket.write(answerText('{}'));
            else socket.resetAndDestroy();
          });
          const transport = connect(server.baseUrl);
          await transport.exchange(POST, AMPLE);
          const exchange = await transport.exchange({ method, path: '/second', headers: {} }, AMPLE);
          expect(exchange).toMatchObject({ type: 'lost', cause: 'connection_lost' });
          expect(server.requests).toHaveLength(2);
        },
      );

      test('a connection that the server closed while idle leads to one arrival or none', async () => {
        const closed = Promise.withResolvers<void>();
        const server = await serve((socket, _request, requestNumber) => {
          if (requestNumber > 1) return void socket.write(answerText('{}'));
          socket.end(answerText('{}'));
          socket.on('close', () => closed.resolve());
        });
        const transport = connect(server.baseUrl);
        await transport.exchange(POST, AMPLE);
        await closed.promise;
        const exchange = await transport.exchange({ ...POST, path: '/second' }, AMPLE);
        const arrivals = server.requests.slice(1).length;
        if (exchange.type === 'answer') expect(arrivals).toBe(1);
        else expect([exchange.type, arrivals <= 1]).toEqual(['lost', true]);
      });

      test('maySend is asked once for each exchange that is sent, many at a time', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        const transport = connect(server.baseUrl);
        let asked = 0;
        const maySend = (): boolean => (asked += 1) > 0;
        const all = Array.from({ length: 100 }, () => transport.exchange(POST, { ...AMPLE, maySend }));
        for (const exchange of await Promise.all(all)) expect(exchange.type).toBe('answer');
        expect([asked, server.requests.length]).toEqual([100, 100]);
        expect(server.connections).toBeLessThanOrEqual(4);
      });
    });

    describe('through a proxy', () => {
      async function proxied(manner: ProxyManner = 'tunnel'): Promise<ConnectProxy> {
        const proxy = await ConnectProxy.start(manner);
        toClose.push(proxy);
        return proxy;
      }

      test.each([false, true])('comes an answer over a kept tunnel, TLS %s', async (tls) => {
        const server = await serve((socket) => socket.write(answerText('{}')), { tls });
        const proxy = await proxied();
        const transport = connect(server.baseUrl, {
          proxyUrl: proxy.url,
          certificateAuthority: LOCALHOST_CERTIFICATE,
          connectionsMax: 1,
        });
        for (let call = 0; call < 5; call += 1) {
          expect(await transport.exchange(POST, AMPLE)).toMatchObject({ type: 'answer', status: 200 });
        }
        expect(server.requests).toHaveLength(5);
        expect(proxy.requests).toHaveLength(1);
        const [head = ''] = proxy.requests;
        expect(head).toMatch(/^CONNECT 127\.0\.0\.1:\d+ HTTP\/1\.1\r\n/);
        expect(head).toMatch(/proxy-authorization: Basic dXNlcjpwcjB4eQ==\r\n/i);
        // What is for the channel is not for the proxy, and the other way round.
        expect(head).not.toMatch(/\r\nauthorization:/i);
        expect(server.requests.join('')).not.toMatch(/proxy-authorization/i);
      });

      test.each<ProxyManner>(['refuse', 'silent'])('that will %s nothing was sent', async (manner) => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        const proxy = await proxied(manner);
        const transport = connect(server.baseUrl, { proxyUrl: proxy.url, connectTimeoutMs: 200 });
        let asked = 0;
        const maySend = (): boolean => (asked += 1) > 0;
        const exchange = await transport.exchange(POST, { ...AMPLE, deadlineMs: 1_500, maySend });
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
        expect(JSON.stringify(exchange)).not.toContain('pr0xy');
        expect([asked, server.connections]).toEqual([0, 0]);
      });

      test('that is still silent when the transport closes is left', async () => {
        const proxy = await proxied('silent');
        const transport = connect('http://127.0.0.1:9', { proxyUrl: proxy.url, connectTimeoutMs: 60_000 });
        const exchange = transport.exchange(POST, AMPLE);
        await proxy.reached;
        await transport.close();
        expect((await exchange).type).toBe('not_sent');
        // The connection to the proxy has ended, long before its time-out.
        await proxy.left;
      });

      test('that is not there nothing was sent', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')));
        const exchange = await connect(server.baseUrl, { proxyUrl: await closedPort() }).exchange(
          POST,
          AMPLE,
        );
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
        expect(server.connections).toBe(0);
      });

      test('the certificate behind it is verified before anything is sent', async () => {
        const server = await serve((socket) => socket.write(answerText('{}')), { tls: true });
        const proxy = await proxied();
        const exchange = await connect(server.baseUrl, { proxyUrl: proxy.url }).exchange(POST, AMPLE);
        expect(exchange).toMatchObject({ type: 'not_sent', cause: 'connect_failed' });
        expect(server.requests).toEqual([]);
      });

      test('maySend is asked when the tunnel is there', async () => {
        for (const tls of [false, true]) {
          const server = await serve((socket) => socket.write(answerText('{}')), { tls });
          const proxy = await proxied();
          const transport = connect(server.baseUrl, {
            proxyUrl: proxy.url,
            certificateAuthority: LOCALHOST_CERTIFICATE,
          });
          let reached = false;
          const refused = await transport.exchange(POST, {
            ...AMPLE,
            maySend: () => {
              reached = server.connections > 0;
              return false;
            },
          });
          expect(refused).toMatchObject({ type: 'not_sent', cause: 'send_by_passed' });
          expect(reached).toBe(true);
          expect(server.requests).toEqual([]);
        }
      });

      test('an answer that never comes is in doubt', async () => {
        const server = await serve(() => {});
        const proxy = await proxied();
        const transport = connect(server.baseUrl, { proxyUrl: proxy.url });
        const exchange = await transport.exchange(POST, { ...AMPLE, deadlineMs: 400 });
        expect(exchange).toMatchObject({ type: 'lost', cause: 'timeout' });
        expect(server.requests).toHaveLength(1);
      });
    });

    test('a header that HTTP cannot carry is the caller’s error, not the remote’s', async () => {
      const server = await serve((socket) => socket.write(answerText('{}')));
      const exchange = connect(server.baseUrl).exchange(
        { ...POST, headers: { authorization: 'a\nb' } },
        AMPLE,
      );
      await expect(exchange).rejects.toMatchObject({ name: 'TypeError' });
      expect(server.requests).toEqual([]);
    });
  });
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
