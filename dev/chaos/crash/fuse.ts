/** Where a process is to die: at which of its calls, and on which side of it. */
export interface CrashPoint {
  readonly kind: string;
  /** Of all calls of its kind; from 1 on. */
  readonly nth: number;
  /** `before`: the call never leaves. `after`: it is done, and its answer never arrives. */
  readonly side: 'before' | 'after';
}

/** One call that passes from a process to what it depends on. */
export interface PassingCall {
  /** Its answer is there, of a kind of its own perhaps. @returns whether the process lives to see it */
  answered(answerKind?: string): boolean;
}

/** The relay's, fifty times a second. */
const looks: ReadonlySet<string> = new Set(['sql: take messages']);

/**
 * Counts the calls of one process at the wires it hangs on, and blows at one of them. The wires ask it before they
 * pass anything on, in one thread, so that nothing passes once it has blown.
 */
export class Fuse {
  #onBlow: () => void = () => undefined;
  #point: CrashPoint | undefined;
  #counts = new Map<string, number>();
  #passed = 0;
  #inHand = 0;
  /** Calls that left and are not answered. */
  readonly #out = new Set<PassingCall>();

  /** From now on calls are counted from 1; without a point, only counted. */
  arm(point: CrashPoint | undefined, onBlow: () => void = () => undefined): void {
    this.#point = point;
    this.#onBlow = onBlow;
    this.#counts = new Map();
  }

  /** The process was ended from outside: what it had in hand is delivered to the next one. */
  reset(): void {
    this.#inHand = 0;
    this.#out.clear();
  }

  /** How many calls of each kind there were since `arm`. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** How many calls have ever passed, without those that come all the time and change nothing. */
  get passed(): number {
    return this.#passed;
  }

  /** Whether every delivery to the process that lives is acknowledged, and every call of it answered. */
  isQuiet(): boolean {
    return this.#inHand === 0 && this.#out.size === 0;
  }

  /** A call is about to leave. @returns undefined if the process dies before it does */
  leaves(kind: string): PassingCall | undefined {
    const nth = this.#count(kind);
    const point = this.#point;
    if (point?.side === 'before' && point.kind === kind && point.nth === nth) {
      this.#blow();
      return undefined;
    }
    if (!looks.has(kind)) this.#passed += 1;
    if (kind === 'amqp: delivery') this.#inHand += 1;
    if (kind === 'amqp: acknowledge') this.#inHand -= 1;
    const call: PassingCall = {
      answered: (answerKind) => {
        this.#out.delete(call);
        // A later `arm` counts anew: this call was not among those.
        if (this.#point !== point || point?.side !== 'after') return true;
        const isIt = point.kind === kind && point.nth === nth;
        const isItsAnswer = answerKind === point.kind && this.#count(answerKind) === point.nth;
        if (!isIt && !isItsAnswer) return true;
        this.#blow();
        return false;
      },
    };
    this.#out.add(call);
    return call;
  }

  #count(kind: string): number {
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    return nth;
  }

  #blow(): void {
    this.#point = undefined;
    this.reset();
    this.#onBlow();
  }
}
