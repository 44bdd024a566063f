/**
 * A person who signs in at an identity provider proves in his browser who he is, while this command waits on his machine
 * for what the browser brings back: RFC 8252, 7.3 and 8.1. What the browser brings opens nothing without the verifier,
 * which never leaves this process before it goes to the console.
 */
import { spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { World } from './command.ts';
import { CliFailure } from './failure.ts';

export interface BrowserProof {
  readonly code: string;
  readonly verifier: string;
}

/** As long as the console waits for the provider's answer. */
const waitsMs = 10 * 60_000;
const heads = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
} as const;

/** @throws CliFailure NOT_CONFIRMED if nobody came back in time */
export async function proveInBrowser(
  { terminal }: Pick<World, 'terminal'>,
  url: string,
): Promise<BrowserProof> {
  const verifier = randomBytes(32).toString('base64url');
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const query = new URLSearchParams({ port: String(port), challenge: hash('sha256', verifier, 'base64url') });
  const address = `${url}/ops/v1/oidc/begin?${query.toString()}`;
  terminal.aside(`Prove in your browser who you are, on this machine:\n  ${address}`);
  if (terminal.canAsk) openBrowser(address);
  try {
    return { code: await codeFrom(server, port), verifier };
  } finally {
    server.close();
    server.closeIdleConnections();
  }
}

/** Whatever else comes to this port is sent away. */
function codeFrom(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      const cure = 'Nothing was done. Run the command again.';
      reject(
        new CliFailure('NOT_CONFIRMED', 'nobody came back from the identity provider', { exitCode: 2, cure }),
      );
    }, waitsMs);
    server.on('request', (request, response) => {
      const asked = URL.parse(request.url ?? '', `http://127.0.0.1:${port}`);
      const code = asked?.searchParams.get('code') ?? '';
      // Another name that leads here is somebody's trick.
      const isHere = request.method === 'GET' && request.headers.host === `127.0.0.1:${port}`;
      if (!isHere || asked?.pathname !== '/' || !/^[\w-]{43}$/.test(code)) {
        response.writeHead(404, heads).end('There is nothing here.\n');
        return;
      }
      response
        .writeHead(200, heads)
        .end('Done. The command in your terminal goes on; you may close this page.\n');
      response.once('close', () => {
        clearTimeout(late);
        resolve(code);
      });
    });
  });
}

/** If it can: the address is printed as well. */
function openBrowser(address: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  spawn(program, args, { stdio: 'ignore', detached: true })
    .once('error', () => undefined)
    .unref();
}
