/**
 * Time as the simulation has it: a clock that jumps to the next thing on its agenda. Code under test runs on real
 * promises, so after each thing all that follows from it is let happen before the clock moves on.
 */
export interface Appointment {
  readonly atMs: number;
  /** Makes things at the same moment happen in the order in which they were put on the agenda. */
  readonly number: number;
  readonly run: () => void;
}

const begin = Date.UTC(2026, 0, 1);
/** So often the event loop gets a turn, for signals to be heard. */
const thingsPerTurn = 20_000;

export class VirtualTime {
  #nowMs = begin;
  #number = 0;
  /** A binary heap: each entry is not later than the two at twice its place. */
  readonly #heap: Appointment[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  /** Milliseconds since the simulation began. */
  get elapsedMs(): number {
    return this.#nowMs - begin;
  }

  after(delayMs: number, run: () => void): void {
    this.#number += 1;
    this.#push({ atMs: this.#nowMs + Math.max(0, delayMs), number: this.#number, run });
  }

  /**
   * Does one thing after the other until nothing is left to do, `isOver` says so, or `untilMs` have elapsed.
   *
   * @returns how many things were done
   */
  async run(untilMs: number, isOver: () => boolean): Promise<number> {
    for (let things = 0; ; things += 1) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs - begin > untilMs || isOver()) return things;
      this.#pop();
      this.#nowMs = next.atMs;
      next.run();
      await (things % thingsPerTurn === 0 ? turn() : drained());
    }
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(appointment);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Appointment;
      if (!isBefore(appointment, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = appointment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Appointment;
    const { length } = heap;
    if (length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(heap[below + 1] as Appointment, heap[below] as Appointment))
        below += 1;
      const child = heap[below] as Appointment;
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}

function isBefore(one: Appointment, other: Appointment): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

/**
 * Resolves once no promise has anything left to do: Node runs a next tick that was asked for by a promise only when
 * all promises are through. https://nodejs.org/docs/latest-v24.x/api/process.html#processnexttickcallback-args
 */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
