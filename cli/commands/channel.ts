/** `channel ...`: how channels fare, and their switches. */
import type { Command } from 'commander';
import { addCommand, addTopic, connect, type CommonOptions, type World } from '../command.ts';
import { CliFailure } from '../failure.ts';
import { showTable, type Column } from '../terminal.ts';
import { plain } from '../text.ts';

interface Deed {
  readonly at: string;
  readonly by: string;
  readonly note: string | null;
}

interface Limits {
  readonly ratePerSecond: number | null;
  readonly concurrencyMax: number | null;
}

interface Channel {
  readonly id: string;
  readonly breaker: { readonly state: string; readonly cause: string | null };
  readonly paused: Deed | null;
  readonly limited: Deed | null;
  readonly limits: Limits;
  readonly fileLimits: Limits;
  readonly waiting: number;
}

interface LimitOptions extends CommonOptions {
  readonly rate?: string;
  readonly concurrency?: string;
  readonly reason: string;
}

const why = 'why; it is kept in the audit';

export function addChannel(program: Command, world: World): void {
  const channel = addTopic(program, 'channel', 'channels and the portal: breaker, pause, limits, what waits');

  addCommand(channel, 'list', 'Every channel and the portal', ['channel list', 'channel list --json']).action(
    async (options: CommonOptions) => {
      const answer = await connect(world, options).get<{
        channels: readonly Channel[];
        isWaitingPartial: boolean;
      }>('/channels');
      if (options.json === true) {
        world.terminal.json(answer);
        return;
      }
      showTable(world.terminal, answer.channels, columns, 'There are no channels.');
      if (answer.isWaitingPartial) world.terminal.aside('More wait than were counted.');
    },
  );

  addCommand(channel, 'pause <id>', 'Nobody calls it any more; what waits for it loses nothing', [
    'channel pause airmiles --reason "maintenance until 14:00"',
    'channel pause portal --reason "they asked us to"',
  ])
    .requiredOption('--reason <text>', why)
    .action((id: string, options: CommonOptions & { reason: string }) =>
      act(world, id, 'pause', { reason: options.reason }, options),
    );

  addCommand(channel, 'resume <id>', 'Lets it be called again; one whose breaker is open is probed at once', [
    'channel resume airmiles',
  ])
    .option('--reason <text>', why)
    .action((id: string, options: CommonOptions & { reason?: string }) =>
      act(world, id, 'resume', { reason: options.reason }, options),
    );

  addCommand(channel, 'limit <id>', 'Lowers what its file allows, or takes that back', [
    'channel limit airmiles --rate 5 --reason "they are slow today"',
    'channel limit airmiles --rate file --concurrency file --reason "they are well again"',
  ])
    .option('--rate <n>', 'calls per second of all processes together; "file": what its file allows')
    .option('--concurrency <n>', 'calls at once of all processes together; "file": what its file allows')
    .requiredOption('--reason <text>', why)
    .action((id: string, options: LimitOptions) => {
      const body = {
        ratePerSecond: limitOf('--rate', options.rate),
        concurrencyMax: limitOf('--concurrency', options.concurrency),
        reason: options.reason,
      };
      return act(world, id, 'limit', body, options);
    });
}

function limitOf(name: string, written: string | undefined): number | null | undefined {
  if (written === undefined) return undefined;
  if (written === 'file') return null;
  if (/^\d{1,6}$/.test(written)) return Number(written);
  throw new CliFailure('HUB_REQUEST_INVALID', `${name} is "${written}"; a whole number or "file" is needed`);
}

async function act(
  world: World,
  id: string,
  name: string,
  body: object,
  options: CommonOptions,
): Promise<void> {
  const { terminal } = world;
  const path = `/channels/${encodeURIComponent(id)}/${name}`;
  const now = await connect(world, options).post<Channel>(path, body);
  if (options.json === true) terminal.json(now);
  else showTable(terminal, [now], columns, '');
}

const columns: readonly Column<Channel>[] = [
  { title: 'CHANNEL', of: ({ id }) => id },
  {
    title: 'STATE',
    of: ({ breaker, paused }) => (paused === null ? (words[breaker.state] ?? breaker.state) : 'paused'),
    colour: ({ breaker, paused }) =>
      paused !== null ? 'yellow' : breaker.state === 'closed' ? 'green' : 'red',
  },
  { title: 'WAITING', of: ({ waiting }) => waiting, align: 'right' },
  {
    title: 'RATE',
    of: ({ limits, fileLimits }) => limitText(limits.ratePerSecond, fileLimits.ratePerSecond),
  },
  {
    title: 'AT ONCE',
    of: ({ limits, fileLimits }) => limitText(limits.concurrencyMax, fileLimits.concurrencyMax),
  },
  {
    title: 'WHY',
    of: ({ paused, limited, breaker }) =>
      [deedText(paused), deedText(limited), breaker.cause ?? ''].filter((text) => text !== '').join('; '),
  },
];

/** As people say it; `breaker` of the JSON has the states by their names. */
const words: Readonly<Record<string, string>> = { closed: 'well', open: 'away', half_open: 'being probed' };

function limitText(now: number | null, ofFile: number | null): string {
  if (now === ofFile) return now === null ? '' : String(now);
  return `${now ?? ''} (file: ${ofFile ?? 'none'})`;
}

function deedText(deed: Deed | null): string {
  return deed === null ? '' : plain(`${deed.by}: ${deed.note ?? ''}`);
}
