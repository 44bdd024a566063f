import {
  openCallbackReader,
  type CallbackReader,
  type ChannelDescription,
  type Environment,
} from '@points-hub/adapters';

/**
 * A reader for each channel that sends callbacks.
 *
 * @throws EnvironmentError that names the variable of a secret that is missing or unusable
 */
export function openCallbackReaders(
  channels: ReadonlyMap<string, ChannelDescription>,
  env: Environment,
): Map<string, CallbackReader> {
  const readers = new Map<string, CallbackReader>();
  for (const [id, description] of channels) {
    const reader = openCallbackReader(description, env);
    if (reader !== undefined) readers.set(id, reader);
  }
  return readers;
}
