import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the proxy does with a CONNECT: tunnels it, refuses it, or takes it and says nothing. */
export type ProxyManner = 'tunnel' | 'refuse' | 'silent';

/** A proxy that speaks CONNECT and keeps every request for one. Whatever comes otherwise is refused. */
export class ConnectProxy {
  readonly url: string;
  /** Each CONNECT's head. */
  readonly requests: string[];
  /** The first CONNECT has come. */
  readonly reached: Promise<void>;
  /** A client's connection has ended. */
  readonly left: Promise<void>;
  readonly #close: () => Promise<void>;

  private constructor(
    url: string,
    requests: string[],
    signals: { readonly reached: Promise<void>; readonly left: Promise<void> },
    close: () => Promise<void>,
  ) {
    this.url = url;
    this.requests = requests;
    this.reached = signals.reached;
    this.left = signals.left;
    this.#close = close;
  }

  static async start(manner: ProxyManner = 'tunnel'): Promise<ConnectProxy> {
    const requests: string[] = [];
    const reached = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const sockets = new Set<Socket>();
    const keep = (socket: Socket): Socket => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
      return socket;
    };
    const server = createServer((client) => {
      keep(client);
      client.on('close', () => left.resolve());
      let received = '';
      const onData = (chunk: Buffer): void => {
        received += chunk.toString('latin1');
        if (!received.includes('\r\n\r\n')) return;
        client.off('data', onData);
        requests.push(received);
        reached.resolve();
        const [, host, port] = /^CONNECT ([^\s:]+):(\d+) /.exec(received) ?? [];
        if (manner === 'silent') return;
        if (manner === 'refuse' || host === undefined) {
          client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
          return;
        }
        const target = keep(connect(Number(port), host));
        target.on('connect', () => {
          client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
          client.pipe(target).pipe(client);
        });
        target.on('error', () => client.destroy());
      };
      client.on('data', onData);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new ConnectProxy(
      `http://user:pr0xy@127.0.0.1:${port}`,
      requests,
      { reached: reached.promise, left: left.promise },
      async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    );
  }

  close(): Promise<void> {
    return this.#close();
  }
}
