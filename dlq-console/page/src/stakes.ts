/** What is at stake where: the open groups added up by channel. */
import { sumOfPoints } from './amounts.ts';
import type { Schemas } from './api.ts';

type Group = Schemas['CaseGroups']['groups'][number];

export interface Stake {
  /** Undefined for groups of several channels: the portal is one remote for all of them. */
  readonly channel: string | undefined;
  readonly cases: number;
  readonly points: string;
  readonly oldestAt: string;
}

/** Where most cases are comes first. */
export function stakesOf(groups: readonly Group[]): readonly Stake[] {
  const byChannel = new Map<string | undefined, Group[]>();
  for (const group of groups) {
    const channel = group.channels.length === 1 ? group.channels[0] : undefined;
    byChannel.set(channel, [...(byChannel.get(channel) ?? []), group]);
  }
  return [...byChannel]
    .map(([channel, found]) => ({
      channel,
      cases: found.reduce((sum, { cases }) => sum + cases, 0),
      points: sumOfPoints(found.map(({ points }) => points)),
      oldestAt: oldestOf(found) ?? '',
    }))
    .toSorted((one, other) => other.cases - one.cases);
}

/** When the oldest case of these groups was opened; undefined of none. */
export function oldestOf(groups: readonly Pick<Group, 'firstSeenAt'>[]): string | undefined {
  return groups.map(({ firstSeenAt }) => firstSeenAt).toSorted()[0];
}
