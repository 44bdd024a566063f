import type { ChannelDescription } from './channel-description.ts';
import { ANYBODY, signedBy, type Sender } from './callbacks/sender.ts';
import type { CallbackReader, ChannelAdapter, Portal } from './contract.ts';
import { openDeclarative } from './declarative/open-declarative.ts';
import { readBaseUrl, readSecret, readSigningKey, type Environment } from './environment.ts';
import type { HttpTransport } from './http/transport.ts';
import { openUndiciTransport } from './http/undici-transport.ts';
import { JsonCallbacks } from './json-channel/json-callbacks.ts';
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
      return new JsonChannel({
        channel: description.id,
        terms: description.capabilities,
        ...openConnection(description, env, openTransport),
      });
    case 'declarative':
      return openDeclarative(description, env, openTransport);
  }
}

/**
 * Opens the reader of what a channel sends by itself; undefined for one that sends nothing.
 *
 * @throws EnvironmentError as `readSigningKey` does.
 */
export function openCallbackReader(
  { adapter, callback }: ChannelDescription,
  env: Environment,
): CallbackReader | undefined {
  switch (callback.trust) {
    case 'none':
      return undefined;
    case 'unsigned':
      return callbacksOf(adapter, ANYBODY);
    case 'signed': {
      const { secretEnv, previousSecretEnv, toleranceSeconds } = callback;
      const variables = [secretEnv, ...(previousSecretEnv === undefined ? [] : [previousSecretEnv])];
      const keys = variables.map((variable) => readSigningKey(variable, env));
      return callbacksOf(adapter, signedBy(keys, toleranceSeconds));
    }
  }
}

function callbacksOf(adapter: ChannelDescription['adapter'], sender: Sender): CallbackReader {
  switch (adapter) {
    case 'json':
    // Who sends callbacks that are signed as Standard Webhooks has it sends the body of that contract, too.
    case 'declarative':
      return new JsonCallbacks(sender);
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
