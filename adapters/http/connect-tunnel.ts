import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

/** Where a tunnel leads and how long making it may take: proxy, CONNECT and TLS together. */
export interface TunnelOptions {
  readonly proxyUrl: string;
  readonly secure: boolean;
  readonly connectTimeoutMs: number;
  readonly certificateAuthority: string | undefined;
  /** Aborted when the transport closes: a tunnel that is still being made is given up. */
  readonly closing: AbortSignal;
}

type Connected = (error: Error | null, stream: Duplex) => void;

/**
 * Makes an agent's connections through a proxy by CONNECT. A connection is handed over when TLS behind the proxy is
 * verified and not before, so that a request is written at once or never.
 */
export function tunnelThrough(agent: http.Agent, options: TunnelOptions): void {
  agent.createConnection = (target, callback) => {
    connectThrough(
      options,
      { host: target.host ?? 'localhost', port: Number(target.port) },
      callback as Connected,
    );
    return undefined;
  };
}

function connectThrough(
  { proxyUrl, secure, connectTimeoutMs, certificateAuthority, closing }: TunnelOptions,
  { host, port }: { readonly host: string; readonly port: number },
  callback: Connected,
): void {
  const proxy = new URL(proxyUrl);
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const request = (proxy.protocol === 'https:' ? https : http).request({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: {
      host: authority,
      ...(credentials === ':'
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  });
  let open: Duplex | undefined;
  let isDone = false;
  const end = (error: Error | null, stream?: Duplex): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    closing.removeEventListener('abort', onClose);
    if (error === null && stream !== undefined) return callback(null, stream);
    request.destroy();
    open?.destroy();
    callback(error ?? new Error('no tunnel'), undefined as unknown as Duplex);
  };
  const onClose = (): void => end(new Error('the transport was closed'));
  closing.addEventListener('abort', onClose, { once: true });
  const timer = setTimeout(() => end(new Error('connect time-out')), connectTimeoutMs);
  request.on('error', end);
  // An answer without a tunnel: some proxies refuse with one.
  request.on('response', ({ statusCode }) => end(new Error(`the proxy answered ${statusCode} to CONNECT`)));
  request.on('connect', ({ statusCode }, socket) => {
    open = socket;
    socket.on('error', end);
    if (statusCode !== 200) return end(new Error(`the proxy answered ${statusCode} to CONNECT`));
    if (!secure) return end(null, socket);
    const ca = certificateAuthority === undefined ? {} : { ca: certificateAuthority };
    const verified = tls.connect({ socket, ...(isIP(host) ? { host } : { host, servername: host }), ...ca });
    verified.on('error', end);
    verified.once('secureConnect', () => end(null, verified));
  });
  request.end();
}
