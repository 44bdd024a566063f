/** What people see of channels and the portal, and may switch while the hub runs. Every switch is in the audit. */
import type { SqlConnection } from '@points-hub/outbox';
import type { RemoteConfig } from '../config.ts';
import type { Remote } from '../core/breaker.ts';
import { HubError, type FieldFault } from '../errors.ts';
import { pauseChannel, resumeChannel } from '../store/channel-states.ts';
import {
  countWaiting,
  limitRemote,
  readSwitches,
  waitingCountMax,
  type RemoteSwitches,
  type RunTimeLimits,
} from '../store/channel-switches.ts';
import type { Database } from '../store/database.ts';
import { audited } from './audit.ts';
import { demand, type Caller } from './caller.ts';

/** Bounds that hold for all processes together; null: none. */
export interface RemoteLimits {
  readonly ratePerSecond: number | null;
  readonly concurrencyMax: number | null;
}

export interface RemoteListing extends Pick<RemoteSwitches, 'paused' | 'limited'> {
  /** A channel's id, or `portal`. */
  readonly id: string;
  /** `since` is null for one that never had trouble. */
  readonly breaker: Omit<RemoteSwitches['breaker'], 'since'> & { readonly since: Date | null };
  /** What holds now. */
  readonly limits: RemoteLimits;
  /** What the file allows. */
  readonly fileLimits: RemoteLimits;
  /** Unfinished deductions whose next call goes there. */
  readonly waiting: number;
}

export interface RemoteListings {
  readonly channels: readonly RemoteListing[];
  /** There are so many unfinished deductions that only those due first were counted. */
  readonly isWaitingPartial: boolean;
}

/** Absent: as it is; null: the file's again. */
export interface LimitWish {
  readonly ratePerSecond?: number | null | undefined;
  readonly concurrencyMax?: number | null | undefined;
}

/** Each switch answers with what is then true of the remote. @throws HubError HUB_CHANNEL_UNKNOWN */
export interface ChannelDesk {
  list(caller: Caller): Promise<RemoteListings>;
  /** Nobody calls it any more within a second or two; what waits loses nothing. */
  pause(caller: Caller, id: string, reason: string): Promise<RemoteListing>;
  /** Also has an open breaker's remote probed at once. */
  resume(caller: Caller, id: string, reason: string | undefined): Promise<RemoteListing>;
  /** Only ever below what the file allows. @throws HubError HUB_REQUEST_INVALID */
  limit(caller: Caller, id: string, wish: LimitWish, reason: string): Promise<RemoteListing>;
}

const noLimits: RunTimeLimits = { ratePerSecond: undefined, concurrencyMax: undefined };
const nameMax = 128;

export function openChannelDesk(database: Database, config: RemoteConfig): ChannelDesk {
  const files = fileLimitsOf(config);

  function known(id: string): RemoteLimits {
    const found = files.get(id);
    if (found !== undefined) return found;
    throw new HubError(
      'HUB_CHANNEL_UNKNOWN',
      `there is no channel "${id}"; there are ${[...files.keys()].join(', ')}`,
    );
  }

  async function listings(): Promise<RemoteListings> {
    const [switches, waiting] = await Promise.all([readSwitches(database), countWaiting(database)]);
    const counted = [...waiting.values()].reduce((sum, count) => sum + count, 0);
    const channels = [...files].map(([id, fileLimits]) => {
      const remote = remoteOf(id);
      return listingOf(id, fileLimits, switches.get(remote), waiting.get(remote) ?? 0);
    });
    return { channels, isWaitingPartial: counted >= waitingCountMax };
  }

  async function switched(
    caller: Caller,
    id: string,
    entry: {
      readonly action: string;
      readonly reason: string | undefined;
      readonly details?: Record<string, unknown>;
    },
    work: (connection: SqlConnection, remote: Remote, by: string) => Promise<void>,
  ): Promise<RemoteListing> {
    await audited(database, caller, async (connection) => {
      await work(connection, remoteOf(id), caller.name.slice(0, nameMax));
      return { entry: { ...entry, subject: `channel:${id}` }, result: undefined };
    });
    const { channels } = await listings();
    const found = channels.find((one) => one.id === id);
    if (found === undefined) throw new Error(`channel ${id} was switched and is not listed`);
    return found;
  }

  return {
    list: (caller) => {
      demand(caller, 'cases.read');
      return listings();
    },
    pause: async (caller, id, reason) => {
      demand(caller, 'channels.manage');
      known(id);
      return switched(caller, id, { action: 'channel.pause', reason }, (connection, remote, by) =>
        pauseChannel(connection, remote, by, reason),
      );
    },
    resume: async (caller, id, reason) => {
      demand(caller, 'channels.manage');
      known(id);
      return switched(caller, id, { action: 'channel.resume', reason }, (connection, remote) =>
        resumeChannel(connection, remote),
      );
    },
    limit: async (caller, id, wish, reason) => {
      demand(caller, 'channels.manage');
      demandLower(id, wish, known(id));
      const entry = { action: 'channel.limit', reason, details: { ...wish } };
      return switched(caller, id, entry, (connection, remote, by) =>
        limitRemote(connection, remote, (before) => changed(before, wish), by, reason),
      );
    },
  };
}

/** By id; the portal, which has no places of its own, comes last. */
function fileLimitsOf({ channels, portal }: RemoteConfig): ReadonlyMap<string, RemoteLimits> {
  const ofPortal = { ratePerSecond: portal.limits.ratePerSecond ?? null, concurrencyMax: null };
  return new Map<string, RemoteLimits>([
    ...[...channels].map(([id, { limits }]): [string, RemoteLimits] => [
      id,
      { ratePerSecond: limits.ratePerSecond ?? null, concurrencyMax: limits.concurrencyMax },
    ]),
    ['portal', ofPortal],
  ]);
}

function remoteOf(id: string): Remote {
  return id === 'portal' ? 'portal' : `channel:${id}`;
}

const neverInTrouble: Pick<RemoteListing, 'breaker' | 'paused' | 'limited'> & Pick<RemoteSwitches, 'limits'> =
  {
    breaker: { state: 'closed', since: null, until: null, cause: null },
    paused: null,
    limited: null,
    limits: noLimits,
  };

function listingOf(
  id: string,
  fileLimits: RemoteLimits,
  switches: RemoteSwitches | typeof neverInTrouble = neverInTrouble,
  waiting: number,
): RemoteListing {
  const { breaker, paused, limited, limits } = switches;
  const inForce = {
    ratePerSecond: lower(fileLimits.ratePerSecond, limits.ratePerSecond),
    concurrencyMax: lower(fileLimits.concurrencyMax, limits.concurrencyMax),
  };
  return { id, breaker, paused, limited, limits: inForce, fileLimits, waiting };
}

function lower(ofFile: number | null, set: number | undefined): number | null {
  return set === undefined ? ofFile : Math.min(ofFile ?? Infinity, set);
}

function changed(before: RunTimeLimits, wish: LimitWish): RunTimeLimits {
  const one = (was: number | undefined, wished: number | null | undefined): number | undefined =>
    wished === undefined ? was : (wished ?? undefined);
  return {
    ratePerSecond: one(before.ratePerSecond, wish.ratePerSecond),
    concurrencyMax: one(before.concurrencyMax, wish.concurrencyMax),
  };
}

/** The file says what the remote bears, and was reviewed; a switch at run time takes from it, and never adds. */
function demandLower(id: string, wish: LimitWish, file: RemoteLimits): void {
  const faults: FieldFault[] = [];
  const blame = (field: keyof LimitWish, detail: string): void => {
    faults.push({ field: `/${field}`, code: 'HUB_REQUEST_INVALID', detail });
  };
  for (const field of ['ratePerSecond', 'concurrencyMax'] as const) {
    const wished = wish[field] ?? 0;
    if (wished > (file[field] ?? Infinity)) {
      blame(field, `is above the ${file[field]} of the file of ${id}; a limit at run time only lowers it`);
    }
  }
  if (id === 'portal' && wish.concurrencyMax !== undefined) blame('concurrencyMax', 'the portal has none');
  if (wish.ratePerSecond === undefined && wish.concurrencyMax === undefined) {
    blame('ratePerSecond', 'or concurrencyMax is needed');
  }
  const [first] = faults;
  if (first === undefined) return;
  throw new HubError('HUB_REQUEST_INVALID', `${first.field} ${first.detail}`, { faults });
}
