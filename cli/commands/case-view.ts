/** One case on a terminal: facts, evidence, and everything that happened in one order of time. */
import { CliFailure } from '../failure.ts';
import { showFields, showTable, type Terminal } from '../terminal.ts';
import { shortTime } from '../text.ts';

export interface CaseSummary {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly cause: string;
  readonly suggestion: string;
  readonly channel: string | null;
  readonly operation: string | null;
  readonly error: string;
  readonly points: string | null;
  readonly orderId: string | null;
  readonly claimedBy: string | null;
  readonly isBusy: boolean;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

export interface CaseView extends CaseSummary {
  /** Masked. */
  readonly user: string | null;
  readonly evidence: unknown;
  readonly leg: string | null;
  readonly mallId: string | null;
  readonly count: number;
  readonly orderStatus: string | null;
  readonly closedAt: string | null;
}

/** Whose case it is. */
export interface Revealed {
  readonly userId: string;
  readonly memberRef: string | null;
}

/** Everything that happened, the oldest first. */
export interface Timeline {
  readonly timeline: readonly {
    readonly at: string;
    readonly type: string;
    readonly event: string;
    readonly by: string | null;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
}

/** @throws CliFailure HUB_CASE_UNKNOWN */
export function casePath(id: string): string {
  if (/^[1-9]\d{0,17}$/.test(id)) return `/cases/${id}`;
  throw new CliFailure('HUB_CASE_UNKNOWN', `"${id}" is no id of a case`);
}

export function showCase(
  terminal: Terminal,
  view: CaseView,
  timeline: Timeline['timeline'],
  revealed: Revealed | undefined,
): void {
  showFields(terminal, [
    ['case', `${view.id}, version ${view.version}`],
    ['state', view.isBusy ? `${view.state}; an operation is under way` : view.state],
    ['cause', view.cause],
    ['suggested', view.suggestion],
    ['channel', view.channel],
    ['operation', view.operation],
    ['points', view.points],
    [
      'order',
      view.orderId === null
        ? undefined
        : `${view.orderId} of ${view.mallId ?? ''}, ${view.orderStatus ?? ''}`,
    ],
    ['user', revealed?.userId ?? view.user],
    ['member', revealed?.memberRef],
    ['claimed by', view.claimedBy],
    ['seen', `${view.count} times, ${shortTime(view.firstSeenAt)} to ${shortTime(view.lastSeenAt)}`],
    ['closed', shortTime(view.closedAt)],
    ['error', view.error],
    ['evidence', JSON.stringify(view.evidence, undefined, 2)],
  ]);
  terminal.line();
  showTable(
    terminal,
    timeline,
    [
      { title: 'AT', of: ({ at }) => shortTime(at) },
      { title: 'WHAT', of: ({ type, event }) => `${type} ${event}`, colour: () => 'cyan' },
      { title: 'BY', of: ({ by }) => by },
      { title: 'DETAILS', of: ({ details }) => detailsText(details) },
    ],
    'Nothing has happened to it.',
  );
}

function detailsText(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
