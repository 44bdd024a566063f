import type { ChannelDescription } from '../channel-description.ts';
import type { ChannelAdapter } from '../contract.ts';
import { readBaseUrl, readSecretText, readValue, type Environment } from '../environment.ts';
import { splitBaseUrl } from '../http/transport.ts';
import { transportOptions, type OpenTransport } from '../reach.ts';
import { OAuthTokens } from '../signing/oauth-tokens.ts';
import { openSigner } from '../signing/signer.ts';
import { DeclarativeChannel } from './declarative-channel.ts';
import { RemoteDoor, type Authority } from './remote-door.ts';

/**
 * Opens a channel that its description describes whole. Nothing is connected before the first call.
 *
 * @throws EnvironmentError, TypeError as `openChannel` does.
 */
export function openDeclarative(
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
    echo: description.capabilities.echo,
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
