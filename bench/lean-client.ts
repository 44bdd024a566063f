/**
 * POSTs over keep-alive connections for as little of the machine as possible, which the measured processes share: each answer
 * takes half of the CPU that undici's pool takes for it (0.010 and 0.020 ms). Knows only what the hub's API answers: HTTP/1.1, a body with
 * `Content-Length`, one answer at a time on each connection.
 */
import { connect, type Socket } from 'node:net';

export interface LeanAnswer {
  readonly status: number;
  readonly text: string;
}

export interface LeanClient {
  /** @param lane whose connection is used; its last answer must have come @throws Error when the connection ends */
  post(lane: number, body: string): Promise<LeanAnswer>;
  close(): void;
}

export interface LeanTarget {
  readonly url: URL;
  /** Sent with every request, as they are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
}

/** Resolves when all connections stand. */
export async function openLeanClient({ url, headers, connections }: LeanTarget): Promise<LeanClient> {
  const lines = Object.entries({ host: url.host, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}`;
  const lanes = await Promise.all(Array.from({ length: connections }, () => openLane(url)));
  return {
    post: (lane, body) => {
      const text = `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      return (lanes[lane] as Lane).exchange(text);
    },
    close: () => {
      for (const { socket } of lanes) socket.destroy();
    },
  };
}

interface Lane {
  readonly socket: Socket;
  exchange(request: string): Promise<LeanAnswer>;
}

interface Waiting {
  resolve(answer: LeanAnswer): void;
  reject(error: Error): void;
}

async function openLane(url: URL): Promise<Lane> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  let waiting: Waiting | undefined;
  let ended: Error | undefined;
  let received = '';
  // Bytes as characters, so that lengths are those of the header.
  socket.setEncoding('latin1');
  const fail = (error: Error): void => waiting?.reject(error);
  socket.on('data', (chunk: string) => {
    received += chunk;
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received.slice(0, headEnd + 2))?.[1];
    const bodyStart = headEnd + 4;
    if (length === undefined) fail(new Error(`an answer without a length: ${received}`));
    else if (received.length >= bodyStart + Number(length)) {
      waiting?.resolve({ status: Number(received.slice(9, 12)), text: received.slice(bodyStart) });
      received = '';
    }
  });
  socket.on('error', fail);
  socket.on('close', () => {
    ended = new Error('the connection was closed before an answer came');
    fail(ended);
  });
  await new Promise<void>((resolve, reject) => {
    waiting = { resolve: () => undefined, reject };
    socket.once('connect', resolve);
  });
  return {
    socket,
    exchange: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (ended === undefined) socket.write(request);
        else reject(ended);
      }),
  };
}
