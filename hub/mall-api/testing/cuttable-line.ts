import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP line to a server, which can be cut and mended. */
export interface CuttableLine {
  /** The same URL, by way of this line. */
  readonly url: string;
  /** Ends what is connected and refuses what comes. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function cuttableLine(targetUrl: string): Promise<CuttableLine> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
    return socket;
  };

  async function mend(): Promise<void> {
    server = createServer((near) => {
      const far = keep(connect(Number(target.port), target.hostname));
      keep(near).pipe(far).pipe(near);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  }

  await mend();
  const url = new URL(targetUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    mend,
    cut: async () => {
      const closed = new Promise((resolve) => server?.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
