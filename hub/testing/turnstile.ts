/**
 * A way to a remote that counts who passes at once. It can keep those who come inside until it is told to let them on, so
 * that how many may be there at once does not hang on how fast a machine is; and it can be shut without a word.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Turnstile {
  readonly url: string;
  /** The most that were inside at once, by who they were. */
  readonly mostAtOnce: ReadonlyMap<string, number>;
  /** All that came in since the last `forget`. */
  passed(): number;
  forget(): void;
  /** From now on whoever comes stays inside. */
  hold(): void;
  /** Lets all on who are kept inside, and those who come later. */
  letOn(): void;
  /** From now on nobody gets an answer; or again they do. */
  shut(isShut: boolean): void;
  close(): Promise<void>;
}

/** @param whoOf tells callers apart by the body of their request */
export async function turnstile(target: string, whoOf: (body: string) => string): Promise<Turnstile> {
  const inside = new Map<string, number>();
  const mostAtOnce = new Map<string, number>();
  const held: (() => void)[] = [];
  let isHolding = false;
  let isShut = false;
  let count = 0;

  function enter(who: string, response: ServerResponse): void {
    count += 1;
    const now = (inside.get(who) ?? 0) + 1;
    inside.set(who, now);
    mostAtOnce.set(who, Math.max(mostAtOnce.get(who) ?? 0, now));
    response.once('close', () => inside.set(who, (inside.get(who) ?? 0) - 1));
  }

  function forward(incoming: IncomingMessage, body: string, response: ServerResponse): void {
    const { method, url = '', headers } = incoming;
    const outgoing = request(
      new URL(url, target),
      { method, headers: { ...headers, connection: 'close' } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    outgoing.on('error', () => response.destroy());
    outgoing.end(body);
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      enter(whoOf(body), response);
      if (isShut) return;
      const goOn = (): void => forward(incoming, body, response);
      if (isHolding) held.push(goOn);
      else goOn();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mostAtOnce,
    passed: () => count,
    forget: () => {
      count = 0;
      mostAtOnce.clear();
    },
    hold: () => {
      isHolding = true;
    },
    letOn: () => {
      isHolding = false;
      for (const goOn of held.splice(0)) goOn();
    },
    shut: (wanted) => {
      isShut = wanted;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
