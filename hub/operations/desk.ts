/** Everything that people may do in one process, and what this process does for them on its own. */
import { driveReplays } from './replay/driver.ts';
import { openReplays, type Replays } from './replay/replays.ts';
import {
  openCompensations,
  type Compensations,
  type CompensationsOptions,
} from './compensation/compensations.ts';
import { openCaseFlow, type CaseFlow } from './case-flow.ts';
import { openSavedViews, type SavedViews } from './saved-views.ts';
import { openChangeFeed, type ChangeFeed } from './change-feed.ts';
import { openChannelDesk, type ChannelDesk } from './channel-desk.ts';
import type { RemoteConfig } from '../config.ts';
import { openThresholds, type Thresholds, type ThresholdsOptions } from './compensation/thresholds.ts';
import { verifyNext } from './compensation/verification.ts';
import { foldCaseGroups } from '../store/case-groups.ts';
import { forgetChanges } from '../store/changes.ts';
import { startErrands, type Errands } from './errands.ts';
import { openCaseExports, type CaseExports } from './case-export.ts';
import { openOperations, type Operations, type OperationsOptions } from './operations.ts';
import { openReveals, type Reveals } from './reveals.ts';
import { openNotificationDesk, type NotificationDesk } from './notification/desk.ts';
import type { Targets } from './notification/targets.ts';
import { tellerErrands } from './notification/teller.ts';
import { openOrderDesk, type OrderDesk } from './order-desk.ts';

export type DeskOptions = OperationsOptions &
  CompensationsOptions &
  ThresholdsOptions & {
    readonly config: RemoteConfig;
    /** Whom this process can tell of groups of cases. */
    readonly targets: Targets;
    /** Where browsers find the console; undefined as long as nobody knows. */
    readonly consoleUrl: () => string | undefined;
  };

export interface Desk {
  readonly operations: Operations;
  readonly replays: Replays;
  readonly compensations: Compensations;
  readonly thresholds: Thresholds;
  readonly channels: ChannelDesk;
  readonly views: SavedViews;
  readonly flow: CaseFlow;
  readonly reveals: Reveals;
  readonly caseExports: CaseExports;
  readonly orders: OrderDesk;
  readonly changes: ChangeFeed;
  readonly notifications: NotificationDesk;
}

export function openDesk(options: DeskOptions): Desk {
  return {
    operations: openOperations(options),
    replays: openReplays(options),
    compensations: openCompensations(options),
    thresholds: openThresholds(options),
    channels: openChannelDesk(options.database, options.config),
    views: openSavedViews(options.database),
    flow: openCaseFlow(options.database),
    reveals: openReveals(options.database),
    caseExports: openCaseExports(options),
    orders: openOrderDesk(options.database),
    changes: openChangeFeed(options.database, options.log),
    notifications: openNotificationDesk(options),
  };
}

/** Any number of processes may run them. */
export function startDeskErrands(options: DeskOptions): Errands {
  const { database, log } = options;
  const countCases = async (): Promise<boolean> => {
    await foldCaseGroups(database);
    return false;
  };
  const forget = async (): Promise<boolean> => {
    await forgetChanges(database);
    return false;
  };
  return startErrands(
    [
      { name: 'drive replays', pauseMs: 200, run: () => driveReplays(options) },
      { name: 'verify compensations', pauseMs: 500, run: () => verifyNext(options) },
      { name: 'count cases', pauseMs: 2_000, run: countCases },
      { name: 'forget changes', pauseMs: 60_000, run: forget },
      ...tellerErrands(options),
    ],
    log,
  );
}
