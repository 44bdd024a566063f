/** One case on a terminal: facts, evidence, and everything that happened in one order of time. */
import { showFields, showTable, type Terminal } from '../terminal.ts';
import { shortTime } from '../text.ts';
import type { CaseSummary } from './cases.ts';

export interface CaseView extends CaseSummary {
  readonly evidence: unknown;
  readonly leg: string | null;
  readonly mallId: string | null;
  readonly count: number;
  readonly orderStatus: string | null;
  readonly closedAt: string | null;
  readonly attempts: readonly {
    readonly number: number;
    readonly leg: string;
    readonly action: string;
    readonly points: string;
    readonly at: string;
    readonly outcome: string | null;
    readonly cause: string | null;
  }[];
  readonly operations: readonly {
    readonly kind: string;
    readonly operator: string;
    readonly reason: string | null;
    readonly startedAt: string;
    readonly outcome: string | null;
  }[];
}

interface Happening {
  readonly at: string;
  readonly what: string;
  readonly by: string;
  readonly outcome: string;
  readonly words: string;
}

export function showCase(terminal: Terminal, view: CaseView): void {
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
    ['claimed by', view.claimedBy],
    ['seen', `${view.count} times, ${shortTime(view.firstSeenAt)} to ${shortTime(view.lastSeenAt)}`],
    ['closed', shortTime(view.closedAt)],
    ['error', view.error],
    ['evidence', JSON.stringify(view.evidence, undefined, 2)],
  ]);
  terminal.line();
  showTable(
    terminal,
    happenings(view),
    [
      { title: 'AT', of: ({ at }) => shortTime(at) },
      { title: 'WHAT', of: ({ what }) => what, colour: () => 'cyan' },
      { title: 'BY', of: ({ by }) => by },
      { title: 'OUTCOME', of: ({ outcome }) => outcome },
      { title: 'WHY', of: ({ words }) => words },
    ],
    'Nothing has happened to it.',
  );
}

function happenings({ attempts, operations }: CaseView): readonly Happening[] {
  const calls = attempts.map(({ at, leg, action, points, outcome, cause, number }) => ({
    at,
    what: `attempt ${number}: ${action} ${leg} ${points}`,
    by: 'the hub',
    outcome: outcome ?? 'under way',
    words: cause ?? '',
  }));
  const acts = operations.map(({ startedAt, kind, operator, outcome, reason }) => ({
    at: startedAt,
    what: kind,
    by: operator,
    outcome: outcome ?? 'under way',
    words: reason ?? '',
  }));
  return [...calls, ...acts].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
