import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from './localhost-certificate.ts';

/** What the server does when a whole request has arrived on a connection. */
export type Script = (socket: Socket, request: string, requestNumber: number) => void;

/**
 * A server below HTTP: it can do on a socket what no HTTP server lets one do. Requests are told apart by their
 * content-length; everything received is kept.
 */
export class ScriptedServer {
  readonly baseUrl: string;
  /** Every whole request, in order of arrival. */
  readonly requests: string[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, baseUrl: string, sockets: Set<Socket>) {
    this.#server = server;
    this.baseUrl = baseUrl;
    this.#sockets = sockets;
  }

  static async start(script: Script, options: { readonly tls?: boolean } = {}): Promise<ScriptedServer> {
    const sockets = new Set<Socket>();
    const server = options.tls
      ? createTlsServer({ cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY })
      : createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const scripted = new ScriptedServer(
      server,
      `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
      sockets,
    );
    server.on('connection', (socket: Socket) => {
      scripted.connections += 1;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      let received = '';
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        for (let end = endOfRequest(received); end !== undefined; end = endOfRequest(received)) {
          const request = received.slice(0, end);
          received = received.slice(end);
          script(socket, request, scripted.requests.push(request));
        }
      });
    });
    return scripted;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function endOfRequest(received: string): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /^content-length: *(\d+)/im.exec(received.slice(0, headEnd))?.[1] ?? '0';
  const end = headEnd + 4 + Number(length);
  return received.length >= end ? end : undefined;
}

/** A whole answer that keeps the connection open. */
export function answerText(body: string, status = '200 OK', headers: readonly string[] = []): string {
  return [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}
