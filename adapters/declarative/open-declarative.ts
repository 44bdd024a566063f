import type { ChannelDescription } from '../channel-description.ts';
import type { Sender } from '../callbacks/sender.ts';
import type { CallbackReader, ChannelAdapter } from '../contract.ts';
import { readBaseUrl, readSecretText, readValue, type Environment } from '../environment.ts';
import { splitBaseUrl } from '../http/transport.ts';
import { transportOptions, type OpenTransport } from '../reach.ts';
import { OAuthTokens } from '../signing/oauth-tokens.ts';
import { openSigner } from '../signing/signer.ts';
import { JsonCallbacks } from '../json-channel/json-callbacks.ts';
import { DescribedCallbacks, signedAs } from './described-callbacks.ts';
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
  const { values, secrets } = readValues(description, env);
  // Whatever could be missing is read before anything is opened.
  const authority = openAuthority(description, env, openTransport);
  const baseUrl = readBaseUrl(description.baseUrl, env);
  const transport = openTransport(transportOptions(description, baseUrl, env));
  const pathPrefix = splitBaseUrl(baseUrl).prefix;
  return new DeclarativeChannel({
    channel: description.id,
    scale: description.points.scale,
    terms: description.capabilities,
    description,
    values,
    door: new RemoteDoor({ transport, authority, secrets, pathPrefix }),
  });
}

/**
 * Opens the reader of what a described channel sends by itself.
 *
 * @throws EnvironmentError naming the variable that is missing
 */
export function openDescribedCallbacks(
  description: Extract<ChannelDescription, { readonly adapter: 'declarative' }>,
  env: Environment,
  standardSender: () => Sender,
): CallbackReader {
  const { callback, callbackForm: form, points, zone } = description;
  if (form === undefined) return new JsonCallbacks(standardSender());
  const { values, secrets } = readValues(description, env);
  const options = { form, scale: points.scale, zone, secrets };
  if (callback.trust !== 'signed' || form.signature === undefined) {
    return new DescribedCallbacks({ ...options, sender: standardSender() });
  }
  const { secretEnv, previousSecretEnv, toleranceSeconds } = callback;
  const variables = [secretEnv, ...(previousSecretEnv === undefined ? [] : [previousSecretEnv])];
  const keys = variables.map((variable) => readSecretText(`env:${variable}`, env));
  return new DescribedCallbacks({
    ...options,
    secrets: [...secrets, ...keys],
    sender: signedAs(form.signature, keys, values, toleranceSeconds),
  });
}

/** `values` with what the environment holds in its place, and those that came from there. */
function readValues(
  description: Extract<ChannelDescription, { readonly adapter: 'declarative' }>,
  env: Environment,
): { readonly values: Readonly<Record<string, string>>; readonly secrets: readonly string[] } {
  const values = Object.fromEntries(
    Object.entries(description.values).map(([name, value]) => [name, readValue(value, env)]),
  );
  const secrets = Object.entries(values).flatMap(([name, value]) =>
    description.values[name]?.startsWith('env:') ? [value] : [],
  );
  return { values, secrets };
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
