/** An HTTP line to the sandbox that answers some calls otherwise than it, before or after they took effect. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Twist {
  /** Which calls: method and path. */
  readonly on: RegExp;
  /** Whether the sandbox gets the call all the same. */
  readonly takesEffect: boolean;
  readonly status: number;
  /** Given the sandbox's own answer, where there is one. A text is sent as it is. */
  readonly body: (answer: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> | string;
}

export interface TwistingLine {
  readonly url: string;
  /** The first that fits a call is what becomes of it. */
  twists: readonly Twist[];
  close(): Promise<void>;
}

export async function twistingLine(targetUrl: string): Promise<TwistingLine> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await text(request);
      const { method = 'GET', url = '/' } = request;
      const twist = line.twists.find(({ on }) => on.test(`${method} ${url}`));
      const forward = async (): Promise<{ status: number; body: string; type: string }> => {
        const { authorization = '', 'idempotency-key': key } = request.headers;
        const headers = {
          authorization,
          'content-type': 'application/json',
          ...(typeof key === 'string' ? { 'idempotency-key': key } : {}),
        };
        const init = { method, headers, ...(body === '' ? {} : { body }) };
        const answered = await fetch(`${targetUrl}${url}`, init);
        const type = answered.headers.get('content-type') ?? 'application/json';
        return { status: answered.status, body: await answered.text(), type };
      };
      if (twist === undefined) {
        const { status, body: answered, type } = await forward();
        response.writeHead(status, { 'content-type': type }).end(answered);
        return;
      }
      const own = twist.takesEffect ? (JSON.parse((await forward()).body) as Record<string, unknown>) : {};
      const type = twist.status < 400 ? 'application/json' : 'application/problem+json';
      const told = twist.body(own);
      const sent = typeof told === 'string' ? told : JSON.stringify(told);
      response.writeHead(twist.status, { 'content-type': type }).end(sent);
    };
    answer().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line: TwistingLine = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    twists: [],
    close: async () => {
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
  return line;
}
