import type { ChannelDescription } from './channel-description.ts';
import { ANYBODY, signedBy, type Sender } from './callbacks/sender.ts';
import type { CallbackReader, ChannelAdapter, Portal } from './contract.ts';
import { openDeclarative, openDescribedCallbacks } from './declarative/open-declarative.ts';
import { readBaseUrl, readSecret, readSigningKey, type Environment } from './environment.ts';
import type { HttpTransport } from './http/transport.ts';
import { openUndiciTransport } from './http/undici-transport.ts';
import { JsonCallbacks } from './json-channel/json-callbacks.ts';
import { JsonChannel } from './json-channel/json-channel.ts';
import type { PortalDescription } from './portal-description.ts';
import { PortalClient } from './portal/portal-client.ts';
import { transportOptions, type OpenTransport, type Reached } from './reach.ts';
import type { Auth, Callback } from './remote-description.ts';

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
  description: ChannelDescription,
  env: Environment,
): CallbackReader | undefined {
  const { callback } = description;
  if (callback.trust === 'none') return undefined;
  const sender = (): Sender => standardSender(callback, env);
  switch (description.adapter) {
    case 'json':
      return new JsonCallbacks(sender());
    case 'declarative':
      return openDescribedCallbacks(description, env, sender);
  }
}

/** Anybody, or who signs as Standard Webhooks 1.0 has it. */
function standardSender(callback: Exclude<Callback, { readonly trust: 'none' }>, env: Environment): Sender {
  switch (callback.trust) {
    case 'unsigned':
      return ANYBODY;
    case 'signed': {
      const { secretEnv, previousSecretEnv, toleranceSeconds } = callback;
      const variables = [secretEnv, ...(previousSecretEnv === undefined ? [] : [previousSecretEnv])];
      return signedBy(
        variables.map((variable) => readSigningKey(variable, env)),
        toleranceSeconds,
      );
    }
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
