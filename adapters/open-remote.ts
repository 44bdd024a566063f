import { readFileSync } from 'node:fs';

import type { ChannelDescription } from './channel-description.ts';
import type { ChannelAdapter, Portal } from './contract.ts';
import { DeclarativeChannel } from './declarative/declarative-channel.ts';
import { RemoteDoor, type Authority } from './declarative/remote-door.ts';
import {
  readBaseUrl,
  readProxy,
  readSecret,
  readSecretText,
  readValue,
  type Environment,
} from './environment.ts';
import { splitBaseUrl, type HttpTransport, type TransportOptions } from './http/transport.ts';
import { openUndiciTransport } from './http/undici-transport.ts';
import { JsonChannel } from './json-channel/json-channel.ts';
import type { PortalDescription } from './portal-description.ts';
import { PortalClient } from './portal/portal-client.ts';
import type { Auth, Limits } from './remote-description.ts';
import { OAuthTokens } from './signing/oauth-tokens.ts';
import { openSigner } from './signing/signer.ts';

/** Opens a transport; tests and hand-written adapters pass their own, e.g. `openAxiosTransport`. */
export type OpenTransport = (options: TransportOptions) => HttpTransport;

/**
 * Opens one channel with a pool of its own. Nothing is connected before the first call.
 *
 * @throws EnvironmentError, TypeError as `readSecret` and `readBaseUrl` do.
 */
export function openChannel(
  description: ChannelDescription,
  env: Environment,
  openTransport: OpenTransport = openUndiciTransport,
): ChannelAdapter {
  switch (description.adapter) {
    case 'json':
      return new JsonChannel({ channel: description.id, ...openConnection(description, env, openTransport) });
    case 'declarative':
      return openDeclarative(description, env, openTransport);
  }
}

function openDeclarative(
  description: Extract<ChannelDescription, { readonly adapter: 'declarative' }>,
  env: Environment,
  openTransport: OpenTransport,
): ChannelAdapter {
  const values = Object.fromEntries(
    Object.entries(description.values).map(([name, value]) => [name, readValue(value, env)]),
  );
  const secrets = Object.entries(values).flatMap(([name, value]) =>
    description.values[name]?.startsWith('env:') ? [value] : [],
  );
  // Whatever could be missing is read before anything is opened.
  const authority = openAuthority(description, env, openTransport);
  const baseUrl = readBaseUrl(description.baseUrl, env);
  const transport = openTransport(transportOptions(description, baseUrl, env));
  const pathPrefix = splitBaseUrl(baseUrl).prefix;
  return new DeclarativeChannel({
    channel: description.id,
    scale: description.points.scale,
    description,
    values,
    door: new RemoteDoor({ transport, authority, secrets, pathPrefix }),
  });
}

function openAuthority(
  description: Extract<ChannelDescription, { readonly adapter: 'declarative' }>,
  env: Environment,
  openTransport: OpenTransport,
): Authority {
  const { sign, limits } = description;
  if (sign.method !== 'oauth2-client-credentials') return { type: 'signer', signer: openSigner(sign, env) };
  const clientId = readValue(sign.clientId, env);
  const clientSecret = readSecretText(sign.clientSecret, env);
  const { origin, pathname } = new URL(readBaseUrl(sign.tokenUrl, env));
  const tokens = new OAuthTokens({
    transport: openTransport({ ...transportOptions(description, origin, env), connectionsMax: 1 }),
    path: pathname,
    clientId,
    clientSecret,
    scope: sign.scope,
    credentialsIn: sign.credentialsIn,
    renewBeforeMs: sign.renewBeforeMs,
    deadlineMs: limits.callTimeoutMs,
    clock: () => performance.now(),
  });
  return { type: 'tokens', tokens };
}

/**
 * Opens the portal with a pool of its own. Nothing is connected before the first call.
 *
 * @throws EnvironmentError, TypeError as `readSecret` and `readBaseUrl` do.
 */
export function openPortal(
  description: PortalDescription,
  env: Environment,
  openTransport: OpenTransport = openUndiciTransport,
): Portal {
  return new PortalClient(openConnection(description, env, openTransport));
}

interface Connection {
  readonly transport: HttpTransport;
  readonly bearerToken: string | undefined;
}

/** What every description says of the way to its remote. */
interface Reached {
  readonly limits: Limits;
  readonly proxy: string;
  readonly certificateAuthorityFile?: string | undefined;
}

function openConnection(
  description: Reached & { readonly baseUrl: string; readonly auth: Auth },
  env: Environment,
  openTransport: OpenTransport,
): Connection {
  const { auth } = description;
  const bearerToken = auth === 'none' ? undefined : readSecret(auth.bearer, env);
  const baseUrl = readBaseUrl(description.baseUrl, env);
  return { transport: openTransport(transportOptions(description, baseUrl, env)), bearerToken };
}

function transportOptions(
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
