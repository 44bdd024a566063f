/** `cases ...`: what waits for a person. */
import type { Command } from 'commander';
import { addCommand, addTopic, connect, type CommonOptions, type World } from '../command.ts';
import { addExportOptions, takeAlong, type ExportOptions } from '../export-file.ts';
import { CliFailure } from '../failure.ts';
import { showTable, type Column } from '../terminal.ts';
import { shortTime } from '../text.ts';
import { addCaseActs } from './case-acts.ts';
import {
  casePath,
  showCase,
  type CaseSummary,
  type CaseView,
  type Revealed,
  type Timeline,
} from './case-view.ts';
import { addFilterOptions, filterOf, stateOption, type FilterOptions } from './case-filter.ts';

interface CasePage {
  readonly cases: readonly CaseSummary[];
  readonly next?: string;
}

interface Group {
  readonly fingerprint: string;
  readonly cause: string;
  readonly suggestion: string;
  readonly cases: number;
  readonly users: number;
  readonly channels: readonly string[];
  readonly trend: readonly number[];
  readonly points: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

export function addCases(program: Command, world: World): void {
  const cases = addTopic(program, 'cases', 'what waits for a person, and what can be done about it');

  addCommand(cases, 'groups', 'Cases by what is wrong, the largest group first', [
    'cases groups',
    'cases groups --json | jq -r .groups[0].fingerprint',
  ])
    .addOption(stateOption())
    .action((options: CommonOptions & { state?: string }) => showGroups(world, options));

  addFilterOptions(
    addCommand(cases, 'list', 'Cases of one state, the newest first', [
      'cases list --channel airmiles --cause attempts_used_up',
      'cases list --state ignored --all --json',
    ]),
  )
    .option('--limit <n>', 'of one page', '50')
    .option('--after <next>', 'the page after the one whose answer gave this as next')
    .option('--all', 'page after page to the end')
    .action((options: ListOptions) => list(world, options));

  addExportOptions(
    addFilterOptions(
      addCommand(cases, 'export', 'Takes the cases of a list along, the newest first', [
        'cases export --channel airmiles --format csv --output cases.csv',
        'cases export --state ignored | jq -r .orderId',
      ]),
    ),
  ).action((options: CommonOptions & FilterOptions & ExportOptions) => {
    const body = { ...filterOf(options, world.now()), format: options.format };
    return takeAlong(world, options, () => connect(world, options).openSearch('/cases/export', body));
  });

  addCommand(cases, 'show <id>', 'One case with its evidence, attempts, operations and notes', [
    'cases show 17',
    'cases show 17 --json | jq .evidence',
    'cases show 17 --reveal --reason "the user called, TICKET-4"',
  ])
    .option('--reveal', 'with its user unmasked; that is written down, with the reason')
    .option('--reason <text>', 'why he is revealed')
    .action((id: string, options: ShowOptions) => show(world, id, options));

  addCaseActs(cases, world);
}

interface ShowOptions extends CommonOptions {
  readonly reveal?: true;
  readonly reason?: string;
}

async function show(world: World, id: string, { reveal, reason, ...options }: ShowOptions): Promise<void> {
  if ((reveal === true) !== (reason !== undefined)) {
    throw new CliFailure('HUB_REQUEST_INVALID', '--reveal and --reason come together');
  }
  const api = connect(world, options);
  const view = await api.get<CaseView>(casePath(id));
  const revealed =
    reveal === true ? await api.post<Revealed>(`${casePath(id)}/reveal`, { reason }) : undefined;
  if (options.json === true) {
    world.terminal.json({ ...view, ...(revealed === undefined ? {} : { revealed }) });
    return;
  }
  const { timeline } = await api.get<Timeline>(`${casePath(id)}/timeline`);
  showCase(world.terminal, view, timeline, revealed);
}

async function showGroups(world: World, options: CommonOptions & { state?: string }): Promise<void> {
  const { terminal } = world;
  const answer = await connect(world, options).get<{ groups: readonly Group[] }>('/case-groups', {
    query: { state: options.state },
  });
  if (options.json === true) {
    terminal.json(answer);
    return;
  }
  const columns: readonly Column<Group>[] = [
    { title: 'CASES', of: ({ cases }) => cases, align: 'right' },
    { title: 'USERS', of: ({ users }) => users, align: 'right' },
    { title: 'POINTS', of: ({ points }) => points, align: 'right' },
    { title: 'CAUSE', of: ({ cause }) => cause },
    { title: 'CHANNELS', of: ({ channels }) => channels.join(',') },
    { title: 'SUGGESTED', of: ({ suggestion }) => suggestion, colour: () => 'cyan' },
    { title: 'LAST 24 H', of: ({ trend }) => trendText(trend) },
    { title: 'FIRST SEEN', of: ({ firstSeenAt }) => shortTime(firstSeenAt) },
    { title: 'LAST SEEN', of: ({ lastSeenAt }) => shortTime(lastSeenAt) },
    { title: 'FINGERPRINT', of: ({ fingerprint }) => fingerprint },
  ];
  showTable(terminal, answer.groups, columns, 'There are no such cases.');
}

const bars = '▁▂▃▄▅▆▇█';
const barHours = 3;

/** How many were opened, in so many hours each, the last ones on the right; the highest bar is the most of this group. */
export function trendText(trend: readonly number[]): string {
  const counts = Array.from({ length: Math.ceil(trend.length / barHours) }, (_, at) =>
    trend.slice(at * barHours, (at + 1) * barHours).reduce((sum, one) => sum + one, 0),
  );
  const most = Math.max(1, ...counts);
  return counts.map((count) => bars.charAt(Math.ceil((count / most) * (bars.length - 1)))).join('');
}

interface ListOptions extends CommonOptions, FilterOptions {
  readonly limit: string;
  readonly after?: string;
  readonly all?: true;
}

/** What the API gives at once. */
const pageMax = 200;

async function list(world: World, options: ListOptions): Promise<void> {
  const { terminal } = world;
  const api = connect(world, options);
  const filter = filterOf(options, world.now());
  const limit = options.all === true ? pageMax : Number(options.limit);
  const pages: CasePage[] = [];
  let next = options.after;
  do {
    const page = await api.search<CasePage>('/cases/search', { ...filter, limit, cursor: next });
    pages.push(page);
    next = page.next;
  } while (options.all === true && next !== undefined);
  const cases = pages.flatMap((page) => page.cases);
  if (options.json === true) {
    terminal.json({ cases, ...(next === undefined ? {} : { next }) });
    return;
  }
  showTable(terminal, cases, caseColumns, 'There are no such cases.');
  if (next !== undefined) terminal.aside(`There may be more: --after ${next}, or --all`);
}

const caseColumns: readonly Column<CaseSummary>[] = [
  { title: 'CASE', of: ({ id }) => id, align: 'right' },
  { title: 'STATE', of: ({ state, isBusy }) => (isBusy ? `${state}, busy` : state), colour: stateColour },
  { title: 'CHANNEL', of: ({ channel }) => channel },
  { title: 'CAUSE', of: ({ cause }) => cause },
  { title: 'POINTS', of: ({ points }) => points, align: 'right' },
  { title: 'ORDER', of: ({ orderId }) => orderId },
  { title: 'CLAIMED BY', of: ({ claimedBy }) => claimedBy },
  { title: 'LAST SEEN', of: ({ lastSeenAt }) => shortTime(lastSeenAt) },
  { title: 'ERROR', of: ({ error }) => error },
];

function stateColour({ state, isBusy }: Pick<CaseSummary, 'state' | 'isBusy'>) {
  if (isBusy) return 'cyan';
  return state === 'open' ? 'yellow' : 'green';
}
