/** `compensation ...`: what takes two people. */
import { Option, type Command } from 'commander';
import type { Client } from '../client.ts';
import { addCommand, addTopic, connect, makeSure, type CommonOptions, type World } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { asPresent } from '../session.ts';
import { addThresholds } from './thresholds.ts';
import { showFields, showTable, type Terminal } from '../terminal.ts';
import { shortTime } from '../text.ts';

interface Compensation {
  readonly id: string;
  readonly caseId: string | null;
  readonly mallId: string;
  readonly orderId: string;
  readonly channel: string;
  readonly leg: string;
  readonly kind: string;
  readonly points: string | null;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: string;
  readonly state: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decidedBy: string | null;
  readonly decision: string | null;
  readonly verification: string | null;
  readonly effect?: { readonly orderStatus: string; readonly legBefore: string; readonly does: string };
  readonly digest?: string;
}

const kinds = ['refund_points', 'return_quota', 'mark_done', 'mark_undone'] as const;

export function addCompensation(program: Command, world: World): void {
  const compensation = addTopic(
    program,
    'compensation',
    'what no answer of a remote bears out, by two people',
  );

  addCommand(compensation, 'request [caseId]', 'Asks for one, about the leg of a case or about an order', [
    'compensation request 17 --kind mark_undone --reason-code CHANNEL_OUTAGE --reason "..." --evidence "..."',
    'compensation request --mall shop --order A1 --channel airmiles --key T-4711 --kind refund_points --points 12.50 --reason-code GOODWILL --reason "..." --evidence "..."',
  ])
    .addOption(new Option('--kind <kind>', 'what it does').choices(kinds).makeOptionMandatory())
    .option('--points <points>', 'how many; a mark: as many as were asked for, if not given')
    .option('--remote-id <id>', "the remote's own id of it")
    .requiredOption('--reason-code <code>', 'capital letters, digits and _')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--evidence <text>', 'what shows it')
    .option('--if-version <n>', 'only if the case is as you saw it')
    .option('--mall <id>', 'without a case: of this mall')
    .option('--order <id>', 'without a case: this order')
    .option('--channel <id>', 'without a case: at this channel')
    .option('--key <key>', 'without a case: the same key again is the same request')
    .action((caseId: string | undefined, options: RequestOptions) => request(world, caseId, options));

  addCommand(compensation, 'approve <id>', 'Lets it take effect; asks who you are, for no token may', [
    'compensation approve 5',
    'compensation approve 5 --digest "$DIGEST" --password-stdin --yes --expect-count 1 < password.txt',
  ])
    .option('--note <text>', 'kept with it')
    .option('--digest <hex>', 'of what you read; needed where nobody can be asked')
    .option('--password-stdin', 'read the password from standard input')
    .option('-y, --yes', 'do not ask; with --expect-count 1')
    .option('--expect-count <n>', '1')
    .action((id: string, options: DecideOptions) => approve(world, id, options));

  addCommand(compensation, 'reject <id>', 'Says no; asks who you are, for no token may', [
    'compensation reject 5 --reason "the statement is of another day"',
  ])
    .requiredOption('--reason <text>', 'why')
    .option('--password-stdin', 'read the password from standard input')
    .action((id: string, options: DecideOptions & { reason: string }) =>
      decide(world, connect(world, options), id, 'reject', { reason: options.reason }, options),
    );

  addCommand(compensation, 'withdraw <id>', 'Takes back what you asked for, before anybody has decided', [
    'compensation withdraw 5 --reason "the channel has mended it"',
  ])
    .option('--reason <text>', 'why')
    .action(async (id: string, { reason, ...options }: CommonOptions & { reason?: string }) =>
      show(
        world,
        await connect(world, options).post<Compensation>(`${pathOf(id)}/withdraw`, { reason }),
        options,
      ),
    );

  addCommand(compensation, 'show <id>', 'One with its effect as things stand', [
    'compensation show 5',
  ]).action(async (id: string, options: CommonOptions) => {
    show(world, await connect(world, options).get<Compensation>(pathOf(id)), options);
  });

  addCommand(compensation, 'list', 'Compensations, the newest first', ['compensation list --state requested'])
    .option('--state <state>', 'requested: those that wait for a decision')
    .option('--limit <n>', 'of one page', '50')
    .option('--after <next>', 'the page after the one whose answer gave this as next')
    .action((options: CommonOptions & { state?: string; limit: string; after?: string }) =>
      list(world, options),
    );

  addThresholds(compensation, world);
}

interface RequestOptions extends CommonOptions {
  readonly kind: string;
  readonly points?: string;
  readonly remoteId?: string;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: string;
  readonly ifVersion?: string;
  readonly mall?: string;
  readonly order?: string;
  readonly channel?: string;
  readonly key?: string;
}

async function request(world: World, caseId: string | undefined, options: RequestOptions): Promise<void> {
  const { kind, points, remoteId, reasonCode, reason, evidence } = options;
  const { mall: mallId, order: orderId, channel, key } = options;
  const wish = { kind, points, remoteId, reasonCode, reason, evidence };
  const api = connect(world, options);
  if (caseId !== undefined) {
    if (!/^[1-9]\d{0,17}$/.test(caseId)) {
      throw new CliFailure('HUB_CASE_UNKNOWN', `"${caseId}" is no id of a case`);
    }
    const version = options.ifVersion ?? (await api.get<{ version: number }>(`/cases/${caseId}`)).version;
    const heads = { 'if-match': `"${version}"` };
    show(world, await api.post<Compensation>(`/cases/${caseId}/compensations`, wish, heads), options);
    return;
  }
  if (mallId === undefined || orderId === undefined || channel === undefined || key === undefined) {
    throw new CliFailure('HUB_REQUEST_INVALID', 'a case, or --mall, --order, --channel and --key are needed');
  }
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new CliFailure('HUB_IDEMPOTENCY_KEY_INVALID', '--key has characters that no header can have');
  }
  const body = { ...wish, mallId, orderId, channel };
  show(
    world,
    await api.post<Compensation>('/compensations', body, { 'idempotency-key': `"${key}"` }),
    options,
  );
}

interface DecideOptions extends CommonOptions {
  readonly note?: string;
  readonly digest?: string;
  readonly passwordStdin?: true;
  readonly yes?: true;
  readonly expectCount?: string;
}

/** What is approved is what was shown: its digest goes along, and the hub refuses if anything has changed since. */
async function approve(world: World, id: string, options: DecideOptions): Promise<void> {
  const { terminal } = world;
  const api = connect(world, options);
  const seen = await api.get<Compensation>(pathOf(id));
  if (seen.digest === undefined) {
    throw new CliFailure('HUB_COMPENSATION_DECIDED', `compensation ${id} is ${seen.state}`);
  }
  if (options.digest === undefined) {
    if (!terminal.canAsk) {
      throw new CliFailure('NOT_CONFIRMED', 'nobody can be asked, and --digest does not say what you read', {
        exitCode: 2,
        cure: `Read it: points-hub compensation show ${id} --json; then name its digest.`,
      });
    }
    showCompensation(terminal, seen);
  }
  await makeSure(world, options, 1, `Let compensation ${id} take effect?`);
  const body = { digest: options.digest ?? seen.digest, note: options.note };
  await decide(world, api, id, 'approve', body, options);
}

async function decide(
  world: World,
  api: Client,
  id: string,
  name: 'approve' | 'reject',
  body: object,
  options: DecideOptions,
): Promise<void> {
  const path = `${pathOf(id)}/${name}`;
  const decided = await asPresent(world, api, options, (own) => own.post<Compensation>(path, body));
  show(world, decided, options);
}

async function list(
  world: World,
  { state, limit, after, ...options }: CommonOptions & { state?: string; limit: string; after?: string },
): Promise<void> {
  const api = connect(world, options);
  const answer = await api.get<{ compensations: readonly Compensation[]; next?: string }>('/compensations', {
    query: { state, limit, cursor: after },
  });
  if (options.json === true) {
    world.terminal.json(answer);
    return;
  }
  showTable(
    world.terminal,
    answer.compensations,
    [
      { title: 'ID', of: ({ id }) => id, align: 'right' },
      {
        title: 'STATE',
        of: ({ state: now }) => now,
        colour: ({ state: now }) => (now === 'requested' ? 'yellow' : undefined),
      },
      { title: 'KIND', of: ({ kind }) => kind },
      { title: 'CHANNEL', of: ({ channel }) => channel },
      { title: 'POINTS', of: ({ points }) => points, align: 'right' },
      { title: 'ORDER', of: ({ orderId }) => orderId },
      { title: 'BY', of: ({ requestedBy }) => requestedBy },
      { title: 'UNTIL', of: ({ expiresAt }) => shortTime(expiresAt) },
      { title: 'WHY', of: ({ reasonCode, reason }) => `${reasonCode}: ${reason}` },
    ],
    'There are no such compensations.',
  );
  if (answer.next !== undefined) world.terminal.aside(`There may be more: --after ${answer.next}`);
}

function pathOf(id: string): string {
  if (/^[1-9]\d{0,17}$/.test(id)) return `/compensations/${id}`;
  throw new CliFailure('HUB_COMPENSATION_UNKNOWN', `"${id}" is no id of a compensation`);
}

function show(world: World, one: Compensation, { json }: CommonOptions): void {
  if (json === true) world.terminal.json(one);
  else showCompensation(world.terminal, one);
}

function showCompensation(terminal: Terminal, one: Compensation): void {
  showFields(terminal, [
    ['compensation', one.id],
    ['state', one.state],
    ['kind', one.kind],
    ['points', one.points],
    ['about', `the ${one.leg} of order ${one.orderId} of ${one.mallId} at ${one.channel}`],
    ['case', one.caseId],
    ['why', `${one.reasonCode}: ${one.reason}`],
    ['evidence', one.evidence],
    ['asked by', `${one.requestedBy}, ${shortTime(one.requestedAt)}`],
    ['does', one.effect?.does],
    ['order is', one.effect?.orderStatus],
    ['leg is', one.effect?.legBefore],
    ['decided by', one.decidedBy],
    ['decision', one.decision],
    ['verified', one.verification],
    ['digest', one.digest],
    ['until', one.state === 'requested' ? shortTime(one.expiresAt) : undefined],
  ]);
}
