import type { Later } from '../later.ts';
import type { Dice } from './dice.ts';
import type { Faults, Point } from './faults.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What all parts of one simulated world share. */
export interface World {
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly trace: Trace;
}

/**
 * One operating-system process as its program sees it: it may be stopped for a while (as by SIGSTOP, or a long garbage
 * collection) and may die at any call to a port. Whatever comes back to it from outside passes through `whenAwake`:
 * late where it was stopped, never where it died.
 */
export class HubProcess {
  readonly name: string;
  readonly #world: World;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #waiting: (() => void)[] = [];
  readonly #onDeath: (() => void)[] = [];

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  whenAwake(run: () => void): void {
    switch (this.#state) {
      case 'running':
        run();
        break;
      case 'paused':
        this.#waiting.push(run);
        break;
      case 'dead':
        break;
    }
  }

  after(delayMs: number, run: () => void): void {
    this.#world.time.after(delayMs, () => this.whenAwake(run));
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** What the world does to whatever this process held: connections, deliveries, transactions. */
  whenDead(run: () => void): void {
    this.#onDeath.push(run);
  }

  /** Passes a point at which the process may die or be stopped. False if it died. */
  survives(point: Point): boolean {
    if (this.#state === 'dead') return false;
    const { faults, dice } = this.#world;
    if (faults.crashes(point)) {
      this.#note(`crashed ${point}`);
      this.#die();
      return false;
    }
    if (this.#state === 'running' && faults.pauses(point)) this.#pause(point, dice.whole(500, 90_000));
    return true;
  }

  #pause(point: Point, forMs: number): void {
    this.#note(`paused ${point} for ${forMs} ms`);
    this.#state = 'paused';
    this.#world.time.after(forMs, () => {
      if (this.#state !== 'paused') return;
      this.#note('goes on');
      this.#state = 'running';
      for (const run of this.#waiting.splice(0)) this.whenAwake(run);
    });
  }

  #die(): void {
    this.#state = 'dead';
    this.#waiting = [];
    for (const run of this.#onDeath.splice(0)) run();
  }

  #note(line: string): void {
    this.#world.trace.note(this.#world.time.elapsedMs, `${this.name} ${line}`);
  }
}

/** The timer of a process, for what takes one. */
export function laterIn(process: HubProcess): Later {
  return (delayMs, run) => {
    let isWanted = true;
    process.after(delayMs, () => {
      if (isWanted) run();
    });
    return () => {
      isWanted = false;
    };
  };
}
