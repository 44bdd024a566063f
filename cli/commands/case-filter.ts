/** Which cases a command is about. */
import { Option, type Command } from 'commander';
import { timeOf } from '../text.ts';

export interface FilterOptions {
  readonly state?: string;
  readonly channel?: string;
  readonly cause?: string;
  readonly fingerprint?: string;
}

/** What the hub does not know it refuses, and says what there is. */
export function stateOption(): Option {
  return new Option('--state <state>', 'open (if not given), ignored, resolved or recovered');
}

export function addFilterOptions(command: Command): Command {
  return command
    .addOption(stateOption())
    .option('--channel <id>', 'of this channel')
    .option('--cause <cause>', 'as in the list')
    .option('--fingerprint <text>', 'of this group');
}

export function filterOf({ state, channel, cause, fingerprint }: FilterOptions, now: Date) {
  return { state, channel, cause, fingerprint };
}
