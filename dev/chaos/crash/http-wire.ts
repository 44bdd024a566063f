import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fuse } from './fuse.ts';
import type { Wire } from './wire.ts';

/** A wire to the channels and the portal. One call is one request with its whole answer. */
export async function openHttpWire(target: URL, fuse: Fuse): Promise<Wire> {
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming;
    const body = await textOf(incoming);
    const call = fuse.leaves(`http: ${method} ${kindOf(url)}`);
    if (call === undefined) return;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method, headers: { ...headers, connection: 'close' } };
      request(new URL(url, target), options, resolve).on('error', reject).end(body);
    });
    const text = await textOf(answer);
    if (!call.answered()) return;
    outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? '' });
    outgoing.end(text);
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => server.closeAllConnections(),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Without keys and channels. */
function kindOf(url: string): string {
  const [, remote = '', ...rest] = url.split('/');
  const path = remote === 'channels' ? rest.slice(1) : rest;
  return [remote === 'channels' ? 'channel' : remote, ...path.slice(0, 2)].join('/');
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
