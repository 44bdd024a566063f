import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that reads what passes. */
export interface Wire {
  readonly port: number;
  /** What was sent before arrives; nothing more passes, either way, on any connection there is now. */
  cut(): void;
  close(): Promise<void>;
}

/** What a wire does with the bytes of one connection. */
export interface Reader {
  fromProcess(bytes: Buffer): void;
  fromServer(bytes: Buffer): void;
}

/** The two ends of one connection, as its reader may use them. */
export interface Ends {
  toProcess(bytes: Buffer): void;
  toServer(bytes: Buffer): void;
}

/** Opens a wire to the server of `target`; every connection gets a reader of its own. */
export async function openWire(
  target: { readonly host: string; readonly port: number },
  readerOf: (ends: Ends) => Reader,
): Promise<Wire> {
  const cuts = new Set<() => void>();

  function take(process: Socket): void {
    const server = connect(target.port, target.host);
    let isCut = false;
    const reader = readerOf({
      toProcess: (bytes) => void (isCut || process.write(bytes)),
      toServer: (bytes) => void (isCut || server.write(bytes)),
    });
    const cut = (): void => {
      isCut = true;
      cuts.delete(cut);
      process.destroy();
      // As the kernel does for a process that was killed: what it wrote still goes out, then the end.
      server.end();
    };
    cuts.add(cut);
    process.setNoDelay(true);
    server.setNoDelay(true);
    process.on('data', (bytes: Buffer) => void (isCut || reader.fromProcess(bytes)));
    server.on('data', (bytes: Buffer) => void (isCut || reader.fromServer(bytes)));
    for (const end of [process, server]) {
      end.on('error', cut);
      end.on('close', cut);
    }
  }

  const listener = createServer(take);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const cutAll = (): void => {
    for (const cut of cuts) cut();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    cut: cutAll,
    close: async () => {
      const closed = new Promise((resolve) => listener.close(resolve));
      cutAll();
      await closed;
    },
  };
}

/** What of `bytes` is a whole number of frames, given each frame's length by its head; and the rest. */
export function wholeFrames(
  bytes: Buffer,
  headLength: number,
  lengthOf: (head: Buffer) => number,
): { readonly frames: readonly Buffer[]; readonly rest: Buffer } {
  const frames: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= headLength) {
    const length = lengthOf(rest);
    if (rest.length < length) break;
    frames.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return { frames, rest };
}
