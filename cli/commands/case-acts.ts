/** What is done about cases: one at a time over the API, each as it was when it was looked at. */
import { Option, type Command } from 'commander';
import type { Client } from '../client.ts';
import {
  addCommand,
  addSureOptions,
  connect,
  makeSure,
  type CommonOptions,
  type SureOptions,
  type World,
} from '../command.ts';
import { CliFailure, type ExitCode } from '../failure.ts';
import { plain } from '../text.ts';
import { casePath } from './case-view.ts';

export interface Done {
  readonly operationId: string;
  readonly state: string;
  readonly version: number;
  readonly outcome: string;
}

interface ActOptions extends CommonOptions, SureOptions {
  readonly ifVersion?: string;
  readonly reason?: string;
}

interface Act {
  readonly name: string;
  /** Under /cases/ID. */
  readonly path: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly needsReason: boolean;
}

const acts: readonly Act[] = [
  {
    name: 'query-channel',
    path: 'query',
    summary: 'Asks the channel what became of it; only a proof changes anything',
    examples: ['cases query-channel 17'],
    needsReason: false,
  },
  {
    name: 'claim',
    path: 'claim',
    summary: 'Says that you look after it',
    examples: ['cases claim 17', 'cases claim 17 18 19 --yes --expect-count 3'],
    needsReason: false,
  },
  {
    name: 'retry',
    path: 'retry',
    summary: 'Gives it a fresh budget of attempts',
    examples: ['cases retry 17 --reason "the channel is back"', 'cases retry 17 --if-version 3 --json'],
    needsReason: false,
  },
  {
    name: 'ignore',
    path: 'ignore',
    summary: 'Takes it off the list; what it is about stays as it is',
    examples: ['cases ignore 17 --reason "a test order, see TICKET-4"'],
    needsReason: true,
  },
  {
    name: 'restore',
    path: 'restore',
    summary: 'Puts it back onto the list',
    examples: ['cases restore 17'],
    needsReason: false,
  },
];

const ifVersion = new Option(
  '--if-version <n>',
  'only as you saw it: if it has changed, nothing is done (exit code 3)',
);

export function addCaseActs(cases: Command, world: World): void {
  for (const act of acts) {
    const command = addCommand(cases, `${act.name} <ids...>`, act.summary, act.examples).addOption(ifVersion);
    const reason = new Option('--reason <text>', 'why; it is kept with the case and in the audit');
    addSureOptions(command.addOption(act.needsReason ? reason.makeOptionMandatory() : reason)).action(
      (ids: readonly string[], options: ActOptions) => actOnAll(world, act, ids, options),
    );
  }

  addCommand(cases, 'note <id> <text>', 'Adds a text; the case itself does not change', [
    'cases note 17 "called them, ticket 4711"',
  ]).action(async (id: string, text: string, options: CommonOptions) => {
    const done = await connect(world, options).post<Done>(`${casePath(id)}/notes`, { text });
    if (options.json === true) world.terminal.json(done);
    else world.terminal.line(`Case ${id} has your note.`);
  });

  addCommand(cases, 'resolve <id>', 'States the truth of its leg; the order goes on by itself', [
    'cases resolve 17 --took-effect 12.50 --reason "their statement" --evidence "line 7 of 2026-01-31"',
    'cases resolve 17 --no-effect --reason "they say so" --evidence "mail of 31 January"',
    'cases resolve 18 --reason "looked at" --evidence "no order"      # of a dead message',
  ])
    .addOption(ifVersion)
    .addOption(new Option('--took-effect <points>', 'it did, with so many points').conflicts('noEffect'))
    .addOption(new Option('--no-effect', 'it did not').conflicts('tookEffect'))
    .option('--remote-id <id>', "the remote's own id of it")
    .requiredOption('--reason <text>', 'why; it is kept with the case and in the audit')
    .requiredOption('--evidence <text>', 'what shows it')
    .action((id: string, options: ResolveOptions) => resolve(world, id, options));
}

interface ResolveOptions extends ActOptions {
  readonly tookEffect?: string;
  /** What commander makes of `--no-effect`. */
  readonly effect: boolean;
  readonly remoteId?: string;
  readonly evidence: string;
}

async function resolve(world: World, id: string, options: ResolveOptions): Promise<void> {
  const { tookEffect, effect, remoteId, reason, evidence } = options;
  const truth =
    tookEffect === undefined
      ? effect
        ? undefined
        : { tookEffect: false }
      : { tookEffect: true, points: tookEffect, remoteId };
  const done = await send(connect(world, options), id, 'resolve', { reason, evidence, truth }, options);
  tell(world, 'resolve', id, done, options);
}

async function actOnAll(world: World, act: Act, ids: readonly string[], options: ActOptions): Promise<void> {
  const { reason } = options;
  const api = connect(world, options);
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) {
    if (options.expectCount !== undefined) await makeSure(world, { ...options, yes: true }, 1, '');
    tell(world, act.name, only, await send(api, only, act.path, { reason }, options), options);
    return;
  }
  if (new Set(ids).size < ids.length) {
    throw new CliFailure('HUB_REQUEST_INVALID', 'a case is named twice');
  }
  if (options.ifVersion !== undefined) {
    throw new CliFailure('HUB_REQUEST_INVALID', '--if-version is of one case, and there are several');
  }
  await makeSure(world, options, ids.length, `${act.name} ${ids.length} cases?`);
  const failures: CliFailure[] = [];
  for (const id of ids) {
    try {
      tellOne(world, act.name, id, await send(api, id, act.path, { reason }, options), options);
    } catch (error) {
      if (!(error instanceof CliFailure)) throw error;
      failures.push(error);
      if (options.json === true) world.terminal.json({ caseId: id, problem: error.problem });
      else
        world.terminal.line(
          `Case ${plain(id)}: ${world.terminal.paint('red', plain(error.message))} (${plain(error.problem.code)})`,
        );
    }
  }
  world.terminal.aside(`${ids.length - failures.length} of ${ids.length} done.`);
  world.endWith(exitCodeOf(ids.length, failures));
}

/** All refused for one reason is that reason; anything mixed is "some failed". */
function exitCodeOf(count: number, failures: readonly CliFailure[]): ExitCode {
  const [first, ...others] = failures;
  if (first === undefined) return 0;
  const isAll = failures.length === count && others.every(({ exitCode }) => exitCode === first.exitCode);
  return isAll ? first.exitCode : 1;
}

/** Without `--if-version` it is acted on as it is now. */
async function send(
  api: Client,
  id: string,
  path: string,
  body: object,
  { ifVersion: seen }: ActOptions,
): Promise<Done> {
  if (seen !== undefined && !/^\d{1,9}$/.test(seen)) {
    throw new CliFailure('HUB_REQUEST_INVALID', `--if-version is "${seen}"; a whole number is needed`);
  }
  const version = seen ?? (await api.get<{ version: number }>(casePath(id))).version;
  return api.post<Done>(`${casePath(id)}/${path}`, body, { 'if-match': `"${version}"` });
}

function tell(world: World, name: string, id: string, done: Done, { json }: CommonOptions): void {
  if (json === true) world.terminal.json(done);
  else sentence(world, name, id, done);
}

function tellOne(world: World, name: string, id: string, done: Done, { json }: CommonOptions): void {
  if (json === true) world.terminal.json({ caseId: id, done });
  else sentence(world, name, id, done);
}

/** What was asked for and is under way is not done, and is not called so. */
function sentence({ terminal }: World, name: string, id: string, { outcome, state }: Done): void {
  const isUnderWay = outcome === 'under way';
  const words = terminal.paint(isUnderWay ? 'yellow' : 'green', plain(outcome));
  const next = isUnderWay ? `; points-hub cases show ${id} tells what comes of it` : '';
  terminal.line(`Case ${id}: ${name}: ${words}. It is ${plain(state)}${next}.`);
}
