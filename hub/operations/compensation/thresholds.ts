/** Up to how many points one person may compensate alone, by channel. */
import type { Decimal } from 'decimal.js';
import { writePoints } from '../../core/points.ts';
import { HubError } from '../../errors.ts';
import { listThresholds, setThreshold, type Threshold } from '../../store/compensations.ts';
import type { Database } from '../../store/database.ts';
import type { WriteDown } from '../audit.ts';
import { demand, demandFresh, type Caller } from '../caller.ts';

export interface ThresholdsOptions {
  readonly database: Database;
  readonly isChannel: (channel: string) => boolean;
  readonly writeDown: WriteDown;
}

/** Each is refused with HUB_FORBIDDEN to whoever may not. */
export interface Thresholds {
  list(caller: Caller): Promise<readonly Threshold[]>;
  /**
   * By an admin who has proven lately that he is the person: this decides whether a second one is asked at all.
   *
   * @param pointsMax undefined: another person approves always
   * @throws HubError HUB_CHANNEL_UNKNOWN, HUB_PROOF_STALE
   */
  set(
    caller: Caller,
    channel: string,
    pointsMax: Decimal | undefined,
    reason: string | undefined,
  ): Promise<readonly Threshold[]>;
}

export function openThresholds({ database, isChannel, writeDown }: ThresholdsOptions): Thresholds {
  return {
    list: async (caller) => {
      demand(caller, 'cases.read');
      return listThresholds(database);
    },
    set: async (caller, channel, pointsMax, reason) => {
      demand(caller, 'channels.manage');
      demandFresh(caller);
      if (!isChannel(channel)) throw new HubError('HUB_CHANNEL_UNKNOWN', `there is no channel "${channel}"`);
      const text = pointsMax && writePoints(pointsMax);
      return database.transaction(async (connection) => {
        await setThreshold(connection, channel, text, caller.name);
        const entry = { action: 'compensation.threshold', subject: `channel:${channel}`, reason };
        await writeDown(connection, caller, { ...entry, details: { pointsMax: text ?? null } });
        return listThresholds(connection);
      });
    },
  };
}
