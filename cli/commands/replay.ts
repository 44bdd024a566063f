/** `replay ...`: retrying many cases at a set rate. */
import { Option, type Command } from 'commander';
import {
  addCommand,
  addSureOptions,
  addTopic,
  connect,
  makeSure,
  type CommonOptions,
  type SureOptions,
  type World,
} from '../command.ts';
import { CliFailure } from '../failure.ts';
import { showTable } from '../terminal.ts';
import { plain, shortTime } from '../text.ts';
import { addFilterOptions, filterOf, type FilterOptions } from './case-filter.ts';
import { pathOf, showReplay, type Replay } from './replay-view.ts';
import { watch } from './replay-watch.ts';

interface LimitOptions {
  readonly rate?: string;
  readonly canary?: string;
  readonly failedPercentMax?: string;
}

interface Item {
  readonly number: number;
  readonly caseId: string;
  readonly channel: string | null;
  readonly orderId: string | null;
  readonly points: string | null;
  readonly state: string;
  readonly outcome: string | null;
}

export function addReplay(program: Command, world: World): void {
  const replay = addTopic(program, 'replay', 'retrying many cases: preview, start, watch');

  addLimitOptions(
    addFilterOptions(
      addCommand(
        replay,
        'preview [ids...]',
        'Freezes the cases that would be retried; nothing is retried yet',
        [
          'replay preview --channel airmiles --cause attempts_used_up --since 2h',
          'replay preview 17 18 19',
          'replay preview --fingerprint "v1 airmiles ..." --json | jq -r .id,.eligible',
        ],
      ),
    ),
  ).action((ids: readonly string[], options: CommonOptions & FilterOptions & LimitOptions) =>
    preview(world, ids, options),
  );

  addSureOptions(
    addLimitOptions(
      addCommand(replay, 'start <id>', 'Retries what your preview froze, the canary first', [
        'replay start 4 --reason "the channel is back" --watch',
        'replay start 4 --reason "the channel is back" --yes --expect-count 1284',
      ]),
    ),
  )
    .requiredOption('--reason <text>', 'why; it is kept with each case and in the audit')
    .option('--watch', 'stay until it has ended')
    .action((id: string, options: StartOptions) => start(world, id, options));

  addCommand(replay, 'watch <id>', 'Follows it to its end; exit code 1 if some failed or it was paused', [
    'replay watch 4',
  ]).action((id: string, options: CommonOptions) => watch(world, connect(world, options), id, options));

  for (const [name, summary] of [
    ['pause', 'No further item begins'],
    ['resume', 'Goes on, whatever failed before'],
    ['cancel', 'Leaves the rest as it is; what has begun goes on to its end'],
  ] as const) {
    addCommand(replay, `${name} <id>`, summary, [`replay ${name} 4 --reason "..."`])
      .option('--reason <text>', 'why; it is kept in the audit')
      .action((id: string, options: CommonOptions & { reason?: string }) =>
        post(world, pathOf(id, name), { reason: options.reason }, options),
      );
  }

  addCommand(replay, 'retry-failed <id>', 'A new preview of those that failed, as they are now', [
    'replay retry-failed 4',
  ]).action((id: string, options: CommonOptions) => post(world, pathOf(id, 'retry-failed'), {}, options));

  addCommand(replay, 'show <id>', 'How far it is', ['replay show 4']).action(
    async (id: string, options: CommonOptions) => {
      show(world, await connect(world, options).get<Replay>(pathOf(id)), options);
    },
  );

  addCommand(replay, 'items <id>', 'What became of each case', [
    'replay items 4 --state failed',
    'replay items 4 --state failed --json | jq -r .items[].caseId',
  ])
    .option('--state <state>', 'ineligible, waiting, under_way, succeeded, failed, skipped or cancelled')
    .option('--limit <n>', 'of one page', '50')
    .option('--after <next>', 'the page after the one whose answer gave this as next')
    .action((id: string, options: PageOptions) => listItems(world, id, options));

  addCommand(replay, 'list', 'Replays, the newest first', ['replay list --state running'])
    .option('--state <state>', 'previewed, running, paused, cancelling, cancelled or done')
    .option('--limit <n>', 'of one page', '50')
    .option('--after <next>', 'the page after the one whose answer gave this as next')
    .action((options: PageOptions) => list(world, options));
}

interface PageOptions extends CommonOptions {
  readonly state?: string;
  readonly limit: string;
  readonly after?: string;
}

function addLimitOptions(command: Command): Command {
  return command
    .addOption(new Option('--rate <n>', 'so many per second, 1 to 500 (20 if not given)'))
    .addOption(new Option('--canary <n>', 'so many go first, alone; all of them have to succeed (5)'))
    .addOption(new Option('--failed-percent-max <n>', 'it pauses by itself beyond that (20)'));
}

function limitsOf({ rate, canary, failedPercentMax }: LimitOptions) {
  return {
    ratePerSecond: wholeOf('--rate', rate),
    canary: wholeOf('--canary', canary),
    failedPercentMax: wholeOf('--failed-percent-max', failedPercentMax),
  };
}

function wholeOf(name: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  if (/^\d{1,9}$/.test(written)) return Number(written);
  throw new CliFailure('HUB_REQUEST_INVALID', `${name} is "${written}"; a whole number is needed`);
}

async function preview(
  world: World,
  ids: readonly string[],
  options: CommonOptions & FilterOptions & LimitOptions,
): Promise<void> {
  const filter = filterOf(options, world.now());
  const hasFilter = Object.values(filter).some((value) => value !== undefined);
  if (ids.length > 0 === hasFilter) {
    throw new CliFailure('HUB_REQUEST_INVALID', 'name either cases or a filter', {
      cure: 'All open cases are: points-hub replay preview --state open',
    });
  }
  const choice = ids.length > 0 ? { caseIds: ids } : { filter };
  await post(world, '/replays', { ...choice, ...limitsOf(options) }, options);
}

interface StartOptions extends CommonOptions, SureOptions, LimitOptions {
  readonly reason: string;
  readonly watch?: true;
}

async function start(world: World, id: string, options: StartOptions): Promise<void> {
  const api = connect(world, options);
  const seen = await api.get<Replay>(pathOf(id));
  const question = `Retry ${seen.eligible} cases with ${seen.points} points?`;
  await makeSure(world, options, seen.eligible, plain(question));
  const body = { expectCount: seen.eligible, reason: options.reason, ...limitsOf(options) };
  const started = await api.post<Replay>(pathOf(id, 'start'), body);
  if (options.watch === true) await watch(world, api, id, options);
  else show(world, started, options);
}

async function post(world: World, path: string, body: object, options: CommonOptions): Promise<void> {
  show(world, await connect(world, options).post<Replay>(path, body), options);
}

function show(world: World, replay: Replay, options: CommonOptions): void {
  if (options.json === true) world.terminal.json(replay);
  else showReplay(world.terminal, replay);
}

async function list(world: World, { state, limit, after, ...options }: PageOptions): Promise<void> {
  const query = { state, limit, cursor: after };
  const api = connect(world, options);
  const answer = await api.get<{ replays: readonly Replay[]; next?: string }>('/replays', { query });
  if (options.json === true) {
    world.terminal.json(answer);
    return;
  }
  showTable(
    world.terminal,
    answer.replays,
    [
      { title: 'REPLAY', of: ({ id }) => id, align: 'right' },
      {
        title: 'STATE',
        of: ({ state: now, pauseCause }) => (pauseCause === null ? now : `${now}: ${pauseCause}`),
      },
      { title: 'CASES', of: ({ eligible }) => eligible, align: 'right' },
      { title: 'DONE', of: ({ succeeded }) => succeeded, align: 'right' },
      { title: 'FAILED', of: ({ failed }) => failed, align: 'right' },
      { title: 'BY', of: ({ previewedBy }) => previewedBy },
      { title: 'AT', of: ({ previewedAt }) => shortTime(previewedAt) },
      { title: 'WHY', of: ({ reason }) => reason },
    ],
    'There are no such replays.',
  );
  if (answer.next !== undefined) world.terminal.aside(`There may be more: --after ${answer.next}`);
}

async function listItems(
  world: World,
  id: string,
  { state, limit, after, ...options }: PageOptions,
): Promise<void> {
  const query = { state, limit, cursor: after };
  const api = connect(world, options);
  const answer = await api.get<{ items: readonly Item[]; next?: number }>(pathOf(id, 'items'), { query });
  if (options.json === true) {
    world.terminal.json(answer);
    return;
  }
  showTable(
    world.terminal,
    answer.items,
    [
      { title: 'NUMBER', of: ({ number }) => number, align: 'right' },
      { title: 'CASE', of: ({ caseId }) => caseId, align: 'right' },
      { title: 'STATE', of: ({ state: now }) => now },
      { title: 'CHANNEL', of: ({ channel }) => channel },
      { title: 'POINTS', of: ({ points }) => points, align: 'right' },
      { title: 'ORDER', of: ({ orderId }) => orderId },
      { title: 'OUTCOME', of: ({ outcome }) => outcome },
    ],
    'There are no such items.',
  );
  if (answer.next !== undefined) world.terminal.aside(`There may be more: --after ${answer.next}`);
}
