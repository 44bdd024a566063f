/** The proof that a run was not empty: what it must have met, and what it met. */
import { callbackEffects } from '../core/callback.ts';
import type { KeptCallback } from '../settlement/store-port.ts';
import { faultNames } from './faults.ts';
import { hiddenMoves, moves, operatorMoves } from './leg-moves.ts';
import type { SeedResult } from './simulation.ts';

/** From so many seeds on, everything must have been met. */
export const seedsToMeetAll = 1_000;
/**
 * Orders and refunds that may wait for a person, of all orders: more would hide what should end by itself. 8.4 % of 15,000
 * do; the first 100 seeds alone have 10.
 */
const stuckShareMax = 0.12;

const otherThings = [
  'order settling → settled',
  'order settling → compensating',
  'order settling → cancelled',
  'order compensating → cancelled',
  'order placed',
  'order placed again',
  'cancelled before it came',
  'cancelled: compensating',
  'cancelled: cancelled',
  'cancelled: settled',
  'cancelled: settling',
  'refund planned',
  'refund there already',
  'refund refused: exceeds',
  'refund refused: nothing_left',
  'refund refused: not_settled',
  'refund ended',
  'message out of order',
  'messages purged',
  'message delivered again',
  'message published again',
  'message set aside',
  'send window over',
  'stale outcome',
  'idle transaction ended',
  'look-up lagged',
  ...['deduct', 'find_deduct', 'give_back', 'find_give_back'].flatMap((action) => [
    `call points ${action}`,
    `call quota ${action}`,
  ]),
  ...['hold', 'confirm', 'find_confirm', 'release'].map((action) => `call points ${action}`),
  ...['held', 'confirmed', 'released', 'expired'].map((what) => `points ${what}`),
  ...['scan', 'statement'].flatMap((lookUp) => [
    `call points ${lookUp}_deduct`,
    `call points ${lookUp}_give_back`,
  ]),
  ...['list', 'statement'].flatMap((list) => [
    `found in a ${list}`,
    `not found in a ${list}`,
    `a ${list} is incomplete`,
  ]),
  'a statement is open',
  'late effect',
  'late giving back',
  'correction placed',
  ...(['kept', 'repeated', 'conflicting', 'dropped'] satisfies KeptCallback[]).map(
    (kept) => `callback ${kept}`,
  ),
  ...callbackEffects.map((effect) => `callback: ${effect}`),
  'callbacks forgotten',
  'probed by a deduction',
  'a probe called',
  'probed by asking the portal',
  'a remote is left alone',
  'a remote is called again',
  'breaker closed → open',
  'breaker open → half_open',
  'breaker half_open → closed',
  'breaker half_open → open',
  'paused by hand',
  'a lane is taken',
  'calls at once',
  'a person called in a lane',
  'calls of several processes at once',
  'as many calls at once as allowed',
  'as many calls at once at the portal as allowed',
  'a process has no share',
  'a process has a share',
  'no place in time',
  'no place at the portal in time',
  'a share that may be over',
  'message given up',
  'dead letter made a case',
  'points taken',
  'points given back',
  'quota taken',
  'quota given back',
];

const caseThings = [
  'case unmatched_callback',
  'case cannot_give_back',
  'case late_truth',
  'case doubt',
  'case pending_too_long',
  'case attempts_used_up',
  'case confirm_refused',
  'case give_back_refused',
  'case another_amount',
  'case crash_loop',
  'case remote_away',
  'case misconfigured',
  'case unreadable_message',
  'case open → ignored',
  'case open → recovered',
  'case open → resolved',
  'case ignored → open',
  'case ignored → recovered',
  'case ignored → resolved',
  'operation claim',
  'operation note',
  'operation query',
  'operation retry',
  'operation resolve',
  'operation ignore',
  'operation restore',
  'operation refused: HUB_CASE_BUSY',
  'operation refused: HUB_CASE_CHANGED',
  'operation refused: HUB_CASE_CLOSED',
  'operation refused: HUB_OPERATION_REFUSED',
  'operation failed: the database is away',
  ...['claim', 'note', 'query', 'retry', 'resolve', 'ignore', 'restore'].map(
    (kind) => `audited case.${kind}, done`,
  ),
  'audited case.query, begun',
  'audited case.retry, begun',
  'given back by hand',
  'no truth to state yet',
  'truth: took effect',
  'truth: did not take effect',
];

const groups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  { title: 'Faults', names: faultNames },
  { title: 'Arrows of a leg', names: moves.filter((move) => !hiddenMoves.has(move)) },
  {
    title: 'Arrows by people',
    names: operatorMoves.filter((move) => !hiddenMoves.has(move)).map((move) => `${move}, by a person`),
  },
  { title: 'Cases', names: caseThings },
  { title: 'Everything else', names: otherThings },
];

/** The sum of many seeds. */
export class Coverage {
  readonly #met = new Map<string, number>();
  seeds = 0;
  orders = 0;
  stuck = 0;
  things = 0;

  add({ orders, stuck, things, met }: SeedResult): void {
    this.seeds += 1;
    this.orders += orders;
    this.stuck += stuck;
    this.things += things;
    for (const [name, times] of met) this.#met.set(name, (this.#met.get(name) ?? 0) + times);
  }

  /** What should have been met by now and was not; nothing as long as there were too few seeds to ask for it. */
  missing(): string[] {
    if (this.seeds < seedsToMeetAll) return [];
    return groups.flatMap(({ names }) => names).filter((name) => !this.#met.has(name));
  }

  /** Whether more orders wait for a person than the channels explain. */
  hasTooManyStuck(): boolean {
    return this.seeds >= 100 && this.stuck > this.orders * stuckShareMax;
  }

  lines(): string[] {
    return groups.flatMap(({ title, names }) => [
      `${title}:`,
      ...inColumns(names.map((name) => `${String(this.#met.get(name) ?? 0).padStart(7)} ${name}`)),
    ]);
  }
}

const columns = 3;
const columnWidth = 42;

function inColumns(cells: readonly string[]): string[] {
  const rows = Math.ceil(cells.length / columns);
  return Array.from({ length: rows }, (_, row) =>
    cells
      .filter((_cell, index) => index % rows === row)
      .map((cell) => cell.padEnd(columnWidth))
      .join('')
      .trimEnd(),
  );
}
