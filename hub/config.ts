/**
 * What a hub process is told: by its environment, its command line and the files of its configuration folder
 * (`portal.yaml`, `channels/*.yaml`). Everything is checked at start; a process with a wrong setting does not start.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readChannelDescription,
  readPortalDescription,
  type ChannelDescription,
  type PortalDescription,
} from '@points-hub/adapters';
import { unsafeBy } from './channel-policy.ts';
import { Points } from './core/points.ts';
import { HubError } from './errors.ts';
import type { ChannelRules } from './intake/order-request.ts';

export interface RemoteConfig {
  readonly portal: PortalDescription;
  /** By channel id, in order of their ids. */
  readonly channels: ReadonlyMap<string, ChannelDescription>;
}

/**
 * Reads the configuration folder.
 *
 * @throws HubError HUB_CONFIG_INVALID naming every file, line and field at fault
 */
export function readRemoteConfig(folder: string): RemoteConfig {
  const problems: string[] = [];
  const attempt = <Result>(read: () => Result): Result | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const portalFile = join(folder, 'portal.yaml');
  const portal = attempt(() => readPortalDescription(readFileSync(portalFile, 'utf8'), portalFile));
  const channelFolder = join(folder, 'channels');
  const files =
    attempt(() =>
      readdirSync(channelFolder)
        .filter((name) => /\.ya?ml$/.test(name))
        .toSorted(),
    ) ?? [];
  const channels = new Map<string, ChannelDescription>();
  for (const name of files) {
    const file = join(channelFolder, name);
    const channel = attempt(() => readChannelDescription(readFileSync(file, 'utf8'), file));
    if (channel === undefined) continue;
    if (`${channel.id}.yaml` !== name && `${channel.id}.yml` !== name) {
      problems.push(
        `${file}: id: is "${channel.id}"; the file of a channel is named after it, ${channel.id}.yaml`,
      );
    }
    if (channel.id === 'portal') problems.push(`${file}: id: "portal" is what operators call the portal`);
    for (const { field, reason } of unsafeBy(channel))
      problems.push(`${file}: capabilities.${field}: ${reason}`);
    channels.set(channel.id, channel);
  }
  if (problems.length === 0 && channels.size === 0)
    problems.push(`${channelFolder}: has no channel file (*.yaml)`);
  if (portal === undefined || problems.length > 0) {
    throw new HubError(
      'HUB_CONFIG_INVALID',
      `the configuration in ${folder} cannot be used:\n${problems.join('\n')}`,
    );
  }
  return { portal, channels };
}

/** What orders may ask of each channel. */
export function channelRulesOf(channels: ReadonlyMap<string, ChannelDescription>): ChannelRules {
  return new Map(
    [...channels].map(([id, { points, capabilities }]) => {
      const givesBack = capabilities.reversal !== 'none';
      const holdsForMs = capabilities.hold?.expiresAfterMs ?? 0;
      return [id, { scale: points.scale, max: new Points(points.max), givesBack, holdsForMs }];
    }),
  );
}
