import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openLeanClient, type LeanClient } from './lean-client.ts';

let server: Server | undefined;
let client: LeanClient | undefined;

afterEach(() => {
  client?.close();
  server?.close();
});

async function open(listener: RequestListener, connections = 1): Promise<LeanClient> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/v1/orders`);
  client = await openLeanClient({ url, headers: { authorization: 'Bearer k' }, connections });
  return client;
}

/** Texts come as bytes. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

test('sends what it is given on connections that stay, and reads status and text', async () => {
  const ports = new Set<number | undefined>();
  const lean = await open((request, response) => {
    ports.add(request.socket.remotePort);
    request.setEncoding('utf8').on('data', (body: string) => {
      response.writeHead(202, { 'content-length': Buffer.byteLength(body) + 1 });
      // In two writes, so that an answer comes in parts.
      response.write('=');
      setImmediate(() => response.end(body));
    });
    expect([request.method, request.url, request.headers.authorization]).toEqual([
      'POST',
      '/v1/orders',
      'Bearer k',
    ]);
  }, 2);
  for (const body of ['first', '第二']) {
    const answers = await Promise.all([0, 1].map((lane) => lean.post(lane, `${body} ${lane}`)));
    expect(answers).toEqual([0, 1].map((lane) => ({ status: 202, text: `=${bytesOf(`${body} ${lane}`)}` })));
  }
  expect(ports.size).toBe(2);
});

test('an answer without a length is an error', async () => {
  const lean = await open((_, response) => {
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.end('text');
  });
  await expect(lean.post(0, '{}')).rejects.toThrow('an answer without a length');
});

test('a connection that ends before its answer is an error', async () => {
  const lean = await open((request) => request.socket.destroy());
  await expect(lean.post(0, '{}')).rejects.toThrow(/closed before|ECONNRESET/);
});

test('a connection that ended meanwhile is an error', async () => {
  const lean = await open((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-length': 2, connection: 'close' }).end('ok');
  });
  expect(await lean.post(0, '{}')).toEqual({ status: 200, text: 'ok' });
  await new Promise((resolve) => server?.close(resolve));
  await expect(lean.post(0, '{}')).rejects.toThrow('closed before');
});
