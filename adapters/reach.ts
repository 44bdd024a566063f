/** How a remote is reached: straight or through a proxy, and whose certificates count on the way. */
import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { EnvironmentError, readSecretText, type Environment } from './environment.ts';
import type { HttpTransport, TransportOptions } from './http/transport.ts';
import type { Limits } from './remote-description.ts';

/** Opens a transport; tests and hand-written adapters pass their own, e.g. `openAxiosTransport`. */
export type OpenTransport = (options: TransportOptions) => HttpTransport;

/** How a remote is reached where that is not straight and not certified by the public authorities. */
export const networkShape = {
  proxy: z
    .string()
    .max(2_000)
    .regex(
      /^(?:environment|none|env:[A-Z_][A-Z0-9_]*|https?:\/\/[^\s@/]+\/?)$/,
      'environment, none, env:NAME, or the http(s) URL of a proxy without credentials',
    )
    .default('environment')
    .describe(
      "`environment`: as HTTPS_PROXY and NO_PROXY say, and straight for an http:// address; `none`: straight; else the proxy's URL, as `env:NAME` if it has a password. Default: `environment`.",
    ),
  certificateAuthorityFile: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'A PEM file with the authorities to trust instead of the public ones; from the working directory, or absolute.',
    ),
};

/** What every description says of the way to its remote. */
export interface Reached {
  readonly limits: Limits;
  readonly proxy: string;
  readonly certificateAuthorityFile?: string | undefined;
}

/**
 * What a transport to `baseUrl` is opened with.
 *
 * @throws EnvironmentError as `readProxy` does; the file system's error if the authorities cannot be read.
 */
export function transportOptions(
  { limits, proxy, certificateAuthorityFile }: Reached,
  baseUrl: string,
  env: Environment,
): TransportOptions {
  const { connectionsMax, connectTimeoutMs, answerBytesMax } = limits;
  const proxyUrl = readProxy(proxy, baseUrl, env);
  return {
    baseUrl,
    connectionsMax,
    connectTimeoutMs,
    answerBytesMax,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(certificateAuthorityFile === undefined
      ? {}
      : { certificateAuthority: readFileSync(certificateAuthorityFile, 'utf8') }),
  };
}

/**
 * The proxy through which `baseUrl` is reached, by a description's `proxy`; undefined for none. As everywhere,
 * HTTPS_PROXY counts in small letters, too, and NO_PROXY lists the exceptions: hosts, `.suffixes`, `host:port`, `*`.
 *
 * @throws EnvironmentError if the variable is missing or holds no proxy's URL.
 */
export function readProxy(proxy: string, baseUrl: string, env: Environment): string | undefined {
  switch (proxy) {
    case 'none':
      return undefined;
    case 'environment': {
      const { protocol, hostname, port } = new URL(baseUrl);
      const variable = env['https_proxy'] ? 'https_proxy' : 'HTTPS_PROXY';
      if (protocol !== 'https:' || !env[variable]) return undefined;
      const exceptions = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
      if (isExcepted(hostname, port === '' ? '443' : port, exceptions)) return undefined;
      return readProxyUrl(variable, env[variable] ?? '');
    }
    default:
      return proxy.startsWith('env:')
        ? readProxyUrl(proxy.slice('env:'.length), readSecretText(proxy, env))
        : new URL(proxy).href;
  }
}

function isExcepted(hostname: string, port: string, exceptions: string): boolean {
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((exception) => exception !== '')
    .some((exception) => {
      const [, host = exception, onlyPort] = /^(.+):(\d+)$/.exec(exception) ?? [];
      const name = host.replace(/^\*?\./, '');
      if (onlyPort !== undefined && onlyPort !== port) return false;
      return host === '*' || hostname === name || hostname.endsWith(`.${name}`);
    });
}

function readProxyUrl(variable: string, text: string): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new EnvironmentError(variable, 'does not hold the http(s) URL of a proxy');
  }
  return url.href;
}
