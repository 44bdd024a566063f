/**
 * Stands between an adapter and its channel and lets single exchanges go wrong. It knows nothing of what is spoken, so
 * the same faults meet every channel.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the channel answered, or what is answered in its place. */
export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of the channel's answer; the headers of the request are what it could repeat. */
export type Change = (
  answer: ProxyAnswer,
  asked: Readonly<Record<string, string | readonly string[] | undefined>>,
) => ProxyAnswer | Promise<ProxyAnswer>;

export type Fault =
  /** The connection is reset before the channel sees anything. */
  | { readonly kind: 'reset_before_effect' }
  /** The channel does it, and the connection is reset instead of the answer. */
  | { readonly kind: 'reset_after_effect' }
  /** Never answered; the channel never sees it. */
  | { readonly kind: 'silence_before_effect' }
  /** The channel does it; never answered. */
  | { readonly kind: 'silence_after_effect' }
  /** Answered in the channel's place. */
  | { readonly kind: 'instead'; readonly answer: ProxyAnswer }
  /** The channel does it; its answer is changed. */
  | { readonly kind: 'changed'; readonly change: Change }
  /** The channel does it; its answer comes byte by byte, for longer than anybody waits. */
  | { readonly kind: 'dripping' };

/** Signs what the channel answers, where the one that is played does not. */
export type Seal = (answer: ProxyAnswer) => ProxyAnswer;

/** What an adapter really sent and the channel really answered, whatever became of the answer on its way back. */
export interface SeenExchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly answer: ProxyAnswer;
}

export class FaultProxy {
  /** In the order in which they ended. */
  readonly seen: SeenExchange[] = [];
  readonly #server: Server;
  readonly #target: string;
  readonly #seal: Seal;
  #armed: { readonly fault: Fault; left: number } | undefined;
  #requestsCount = 0;

  private constructor(target: string, seal: Seal) {
    this.#target = target;
    this.#seal = seal;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a port of its own; `target` is an http(s) origin. */
  static async open(target: string, seal: Seal = (answer) => answer): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, seal);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests that came in since the start. */
  get requestsCount(): number {
    return this.#requestsCount;
  }

  /** The next `times` requests meet the fault. */
  arm(fault: Fault, times = 1): void {
    this.#armed = { fault, left: times };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requestsCount += 1;
    const armed = this.#armed;
    const fault = armed !== undefined && armed.left > 0 ? armed.fault : undefined;
    if (armed !== undefined && fault !== undefined) armed.left -= 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const forward = (): Promise<ProxyAnswer> => this.#forward(request, Buffer.concat(chunks));
    switch (fault?.kind) {
      case undefined:
        return reply(response, await forward());
      case 'reset_before_effect':
        request.socket.resetAndDestroy();
        return;
      case 'reset_after_effect':
        await forward();
        request.socket.resetAndDestroy();
        return;
      case 'silence_before_effect':
        return;
      case 'silence_after_effect':
        await forward();
        return;
      case 'instead':
        return reply(response, fault.answer);
      case 'changed':
        return reply(response, await fault.change(await forward(), request.headers));
      case 'dripping':
        return drip(response, await forward());
    }
  }

  async #forward(request: IncomingMessage, body: Buffer): Promise<ProxyAnswer> {
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value !== 'string' || HOP_BY_HOP.has(name) ? [] : [[name, value]],
    );
    const answer = await fetch(this.#target + (request.url ?? '/'), {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    const received = [...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name));
    const whole = { status: answer.status, headers: Object.fromEntries(received), body: await answer.text() };
    this.seen.push({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: Object.fromEntries(headers),
      body: body.toString('utf8'),
      answer: whole,
    });
    return this.#seal(whole);
  }
}

/** Of one connection, or of an encoding that fetch has undone. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function reply(response: ServerResponse, { status, headers, body }: ProxyAnswer): void {
  response.writeHead(status, headers).end(status === 204 ? undefined : body);
}

function drip(response: ServerResponse, { status, headers, body }: ProxyAnswer): void {
  response.writeHead(status, headers);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.slice(sent, sent + 1) || ' ');
    sent += 1;
  }, 20);
  response.on('close', () => clearInterval(timer));
}
