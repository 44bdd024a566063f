/** `compensation thresholds`: up to how many points one person may compensate alone. */
import type { Command } from 'commander';
import { addCommand, connect, type CommonOptions, type World } from '../command.ts';
import { asPresent } from '../session.ts';
import { showTable } from '../terminal.ts';
import { shortTime } from '../text.ts';

interface Thresholds {
  readonly thresholds: readonly {
    readonly channel: string;
    readonly pointsMax: string;
    readonly setBy: string;
    readonly setAt: string;
  }[];
}

interface SetOptions extends CommonOptions {
  readonly reason: string;
  readonly passwordStdin?: true;
}

export function addThresholds(compensation: Command, world: World): void {
  addCommand(compensation, 'thresholds', 'Up to how many points one person may compensate alone', [
    'compensation thresholds',
  ]).action(async (options: CommonOptions) =>
    show(world, await connect(world, options).get<Thresholds>('/compensation-thresholds'), options),
  );

  addCommand(
    compensation,
    'threshold <channel> <points>',
    'Sets it for a channel, "none" for always two people; asks who you are, for no token may',
    [
      'compensation threshold airmiles 50 --reason "finance, 31 January"',
      'compensation threshold airmiles none --reason "back to two people"',
    ],
  )
    .requiredOption('--reason <text>', 'why; it is kept in the audit')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (channel: string, points: string, options: SetOptions) => {
      const path = `/channels/${encodeURIComponent(channel)}/compensation-threshold`;
      const body = { pointsMax: points === 'none' ? null : points, reason: options.reason };
      const api = connect(world, options);
      show(world, await asPresent(world, api, options, (own) => own.post<Thresholds>(path, body)), options);
    });
}

function show(world: World, answer: Thresholds, { json }: CommonOptions): void {
  if (json === true) {
    world.terminal.json(answer);
    return;
  }
  showTable(
    world.terminal,
    answer.thresholds,
    [
      { title: 'CHANNEL', of: ({ channel }) => channel },
      { title: 'UP TO', of: ({ pointsMax }) => pointsMax, align: 'right' },
      { title: 'BY', of: ({ setBy }) => setBy },
      { title: 'AT', of: ({ setAt }) => shortTime(setAt) },
    ],
    'Every compensation takes two people, at every channel.',
  );
}
