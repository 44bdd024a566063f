/** One replay on a terminal. */
import { CliFailure } from '../failure.ts';
import { showFields, type Terminal } from '../terminal.ts';
import { shortTime } from '../text.ts';

export interface Replay {
  readonly id: string;
  readonly state: 'previewed' | 'running' | 'paused' | 'cancelling' | 'cancelled' | 'done';
  readonly items: number;
  readonly eligible: number;
  readonly users: number;
  readonly points: string;
  readonly channels: readonly string[];
  readonly ineligible: Readonly<Record<string, number>>;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly waiting: number;
  readonly underWay: number;
  readonly estimatedSeconds: number;
  readonly canary: number;
  readonly failedPercentMax: number;
  readonly ratePerSecond: number;
  readonly previewedBy: string;
  readonly reason: string | null;
  readonly pauseCause: string | null;
  readonly previewedAt: string;
  readonly expiresAt: string;
}

/** @throws CliFailure HUB_REPLAY_UNKNOWN */
export function pathOf(id: string, below?: string): string {
  if (!/^[1-9]\d{0,17}$/.test(id)) {
    throw new CliFailure('HUB_REPLAY_UNKNOWN', `"${id}" is no id of a replay`);
  }
  return below === undefined ? `/replays/${id}` : `/replays/${id}/${below}`;
}

export function showReplay(terminal: Terminal, replay: Replay): void {
  const { id, state, pauseCause, eligible, items, ineligible, users, points, channels } = replay;
  const reasons = Object.entries(ineligible).map(([reason, count]) => `${count} ${reason}`);
  showFields(terminal, [
    ['replay', id],
    ['state', pauseCause === null ? state : `${state}: ${pauseCause}`],
    ['cases', `${eligible} of ${items} can be retried`],
    ['not these', reasons.join('\n')],
    ['of', `${users} users, with ${points} points, at ${channels.join(', ')}`],
    ['begun', state === 'previewed' ? undefined : progressText(replay)],
    [
      'rate',
      `${replay.ratePerSecond} per second, the first ${replay.canary} alone, about ${replay.estimatedSeconds} s`,
    ],
    ['pauses', `by itself beyond ${replay.failedPercentMax} % failed`],
    ['preview', `by ${replay.previewedBy}, ${shortTime(replay.previewedAt)}`],
    ['why', replay.reason],
    ['next', nextOf(replay)],
  ]);
}

export function progressText(replay: Replay): string {
  const { succeeded, failed, skipped, cancelled, underWay, waiting } = replay;
  return [
    `${succeeded} succeeded`,
    `${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    `${underWay} under way`,
    `${waiting} waiting`,
  ].join(', ');
}

function nextOf({ id, state, eligible, failed, expiresAt }: Replay): string | undefined {
  switch (state) {
    case 'previewed':
      return eligible === 0
        ? undefined
        : `points-hub replay start ${id} --reason "..."   until ${shortTime(expiresAt)}`;
    case 'running':
    case 'cancelling':
      return `points-hub replay watch ${id}`;
    case 'paused':
      return `points-hub replay resume ${id}, or cancel ${id}`;
    case 'cancelled':
    case 'done':
      return failed === 0 ? undefined : `points-hub replay retry-failed ${id}`;
  }
}
