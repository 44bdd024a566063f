import type { Direction } from './action.ts';
import type { LegName } from './leg.ts';

/**
 * The idempotency key of one operation. `keyBase` is made once, from (mall, order, channel, user), and stored with
 * the deduction; the suffix names leg and direction. The same operation has the same key in every resend, replay
 * and manual retry.
 *
 * @returns 28 characters of [A-Z0-9], within the limits of every channel known to us (the tightest: 32, [A-Za-z0-9]).
 */
export function operationKey(keyBase: string, leg: LegName, direction: Direction): string {
  return `${keyBase}${leg === 'points' ? 'P' : 'Q'}${letters[direction]}`;
}

const letters = { deduct: 'D', confirm: 'C', give_back: 'R' } as const satisfies Record<Direction, string>;
