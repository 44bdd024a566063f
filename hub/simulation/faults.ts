/** Everything that may go wrong, how often, and how often it did. */
import type { Dice } from './dice.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Chances in a thousand, each time that it could happen; a seed multiplies each by a factor of its own. */
const rates = {
  // Messages, on their way from the outbox to a worker.
  'message lost': 30,
  'message doubled': 40,
  'message late': 40,
  'message unreadable': 8,
  'queue purged': 30,
  'confirm lost': 20,
  'ack lost': 20,
  // A process, at each of its calls to a port. A crash loses all that it had in memory.
  'crash before transaction': 3,
  'crash before commit': 4,
  'crash after commit': 4,
  'crash before sending': 4,
  'crash after sending': 5,
  'crash before ack': 3,
  'crash before publishing': 3,
  'crash after publishing': 3,
  'pause before transaction': 4,
  'pause before commit': 3,
  'pause after commit': 3,
  'pause before sending': 8,
  'pause after sending': 8,
  // The database.
  'database away': 40,
  'transaction lost': 6,
  'commit answer lost': 8,
  // A remote and the way to it.
  'remote away': 90,
  'remote mute': 90,
  'connect failed': 15,
  'slow connection': 12,
  'rate limited': 12,
  'timed out before effect': 15,
  'timed out after effect': 20,
  'reset before effect': 10,
  'reset after effect': 15,
  'server error before effect': 10,
  'server error after effect': 12,
  'unreadable answer': 8,
  'echo missing': 8,
  'adapter threw': 5,
  misconfigured: 6,
  'request late': 35,
  'short until the late one comes': 200,
  'request later than promised': 300,
  'request doubled': 10,
  refused: 25,
  'less taken': 8,
  'more taken': 4,
  'nothing taken': 8,
  // What channels tell by themselves.
  'callback lost': 100,
  'callback late': 150,
  'callback doubled': 100,
  'callback told anew': 100,
  'callback altered': 30,
  'callback about nothing known': 40,
  'confirming refused': 12,
  'other amount confirmed': 8,
  'giving back refused': 6,
  'other amount given back': 6,
} as const;

export type Fault = keyof typeof rates;
export const faultNames = Object.keys(rates) as Fault[];

/** Where a process may die or be stopped. */
export type Point = {
  [Name in Fault]: Name extends `crash ${infer Where}` ? Where : never;
}[Fault];

/** Half of the faults are as likely as above; the others never strike under a seed, or often. */
const factors = [0, 0, 1, 1, 1, 4];

export class Faults {
  readonly #dice: Dice;
  readonly #time: VirtualTime;
  readonly #untilMs: number;
  readonly #shares = new Map<string, number>();
  readonly counts = new Map<string, number>();

  /** @param untilMs from here on nothing goes wrong any more */
  constructor(dice: Dice, time: VirtualTime, untilMs: number) {
    this.#dice = dice;
    this.#time = time;
    this.#untilMs = untilMs;
    for (const name of faultNames) this.#shares.set(name, (rates[name] * dice.pick(factors)) / 1_000);
  }

  get areOver(): boolean {
    return this.#time.elapsedMs >= this.#untilMs;
  }

  /** Whether `fault` strikes now; counted if so. */
  strikes(fault: Fault): boolean {
    if (this.areOver || !this.#dice.chance(this.#shares.get(fault) ?? 0)) return false;
    this.met(fault);
    return true;
  }

  crashes(point: Point): boolean {
    return this.strikes(`crash ${point}`);
  }

  pauses(point: Point): boolean {
    const fault = `pause ${point}`;
    return isFault(fault) && this.strikes(fault);
  }

  /** Counts something that is worth meeting and does not come by chance alone. */
  met(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

function isFault(name: string): name is Fault {
  return Object.hasOwn(rates, name);
}
