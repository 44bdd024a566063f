/** What a process makes of its remotes' files: who is called, by which policies, and which channels it serves. */
import {
  openChannel,
  openPortal,
  type ChannelAdapter,
  type Environment,
  type Limits,
} from '@points-hub/adapters';
import type { RemoteConfig } from './config.ts';
import type { Policies } from './core/deduction.ts';
import { HubError } from './errors.ts';
import { cautiousPolicies, policiesOf } from './settlement/policies.ts';
import type { Remotes } from './settlement/remote-call.ts';

/**
 * Opens the portal and every channel that has a file. Pushes what closes each onto `stops`, also where a later one
 * cannot be opened.
 *
 * @throws EnvironmentError that names the variable of a secret that is missing or unusable
 */
export function openRemotes(
  { portal, channels }: RemoteConfig,
  env: Environment,
  stops: (() => Promise<void>)[],
): Remotes {
  const openedPortal = openPortal(portal, env);
  stops.push(() => openedPortal.close());
  const opened = new Map<string, ChannelAdapter>();
  for (const [id, description] of channels) {
    const channel = openChannel(description, env);
    stops.push(() => channel.close());
    opened.set(id, channel);
  }
  return { portal: openedPortal, channel: (id) => opened.get(id) };
}

/** A channel that has no file any more has the cautious ones. */
export function policiesByChannel({ portal, channels }: RemoteConfig): (channel: string) => Policies {
  const policies = new Map([...channels].map(([id, channel]) => [id, policiesOf(channel, portal)]));
  const cautious = cautiousPolicies(portal);
  return (id) => policies.get(id) ?? cautious;
}

/** @throws HubError HUB_CONFIG_INVALID for a channel that has no file */
export function servedChannels(
  { portal, channels }: RemoteConfig,
  only: readonly string[] | undefined,
): { id: string; concurrencyMax: number }[] {
  const unknown = only?.filter((id) => !channels.has(id)) ?? [];
  if (unknown.length > 0)
    throw new HubError('HUB_CONFIG_INVALID', `--channels names "${unknown.join(', ')}", which has no file`);
  return [...channels.values()]
    .filter(({ id }) => only === undefined || only.includes(id))
    .map(({ id, limits }) => ({ id, concurrencyMax: inHandMax(limits, portal.limits) }));
}

/** Those that wait for their turn do so in hand: not more of them than come to it within some ten seconds. */
function inHandMax({ concurrencyMax, ratePerSecond = Infinity }: Limits, portal: Limits): number {
  return Math.min(concurrencyMax, ratePerSecond * 10, (portal.ratePerSecond ?? Infinity) * 10);
}
