import type { ChannelDescription } from './channel-description.ts';
import type { ChannelAdapter, Portal } from './contract.ts';
import { openDeclarative } from './declarative/open-declarative.ts';
import { readBaseUrl, readSecret, type Environment } from './environment.ts';
import type { HttpTransport } from './http/transport.ts';
import { openUndiciTransport } from './http/undici-transport.ts';
import { JsonChannel } from './json-channel/json-channel.ts';
import type { PortalDescription } from './portal-description.ts';
import { PortalClient } from './portal/portal-client.ts';
import { transportOptions, type OpenTransport, type Reached } from './reach.ts';
import type { Auth } from './remote-description.ts';

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
