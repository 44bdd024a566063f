/** Which cases a command is about. */
import { Option, type Command } from 'commander';
import { timeOf } from '../text.ts';

export interface FilterOptions {
  readonly state?: string;
  readonly channel?: string;
  readonly cause?: string;
  readonly operation?: string;
  readonly fingerprint?: string;
  readonly claimedBy?: string;
  readonly since?: string;
  readonly until?: string;
  readonly pointsMin?: string;
  readonly pointsMax?: string;
  readonly order?: string;
  readonly user?: string;
}

/** What the hub does not know it refuses, and says what there is. */
export function stateOption(): Option {
  return new Option('--state <state>', 'open if not given; "any" with --order or --user only');
}

export function addFilterOptions(command: Command): Command {
  return command
    .addOption(stateOption())
    .option('--channel <id>', 'of this channel')
    .option('--cause <cause>', 'as in the list')
    .option('--operation <name>', 'e.g. points.deduct')
    .option('--fingerprint <text>', 'of this group')
    .option('--claimed-by <name>', 'that he looks after')
    .option('--since <time>', 'seen last after 2026-01-31T08:00:00Z, or 2h for two hours ago')
    .option('--until <time>', 'seen last before; the same')
    .option('--points-min <points>', 'of so many points at least')
    .option('--points-max <points>', 'of so many points at most')
    .option('--order <id>', 'of this order')
    .option('--user <id>', 'of this user, who is in no URL and no log');
}

/** As the API takes it in a body. */
export function filterOf(options: FilterOptions, now: Date) {
  const { state, channel, cause, operation, fingerprint, claimedBy, since, until } = options;
  const { pointsMin, pointsMax, order: orderId, user } = options;
  const times = {
    since: since === undefined ? undefined : timeOf(since, now),
    until: until === undefined ? undefined : timeOf(until, now),
  };
  const named = { state, channel, cause, operation, fingerprint, claimedBy, orderId, user };
  return { ...named, ...times, pointsMin, pointsMax };
}
