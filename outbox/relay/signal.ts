/**
 * Wakes one of several waiting loops. A signal that nobody waits for is kept for the next that waits, so none is
 * lost; several such signals are one.
 */
export class Signal {
  readonly #waiting = new Map<number, () => void>();
  #isSet = false;
  #isOver = false;

  /** Wakes the waiting loop with the lowest number. */
  set(): void {
    const first = Math.min(...this.#waiting.keys());
    const wake = this.#waiting.get(first);
    if (wake === undefined) this.#isSet = true;
    else wake();
  }

  /** Wakes everyone, and nobody waits from now on. */
  end(): void {
    this.#isOver = true;
    for (const wake of this.#waiting.values()) wake();
  }

  /** Resolves at the next signal, or when the time is up. */
  wait(loop: number, timeoutMs: number): Promise<void> {
    if (this.#isSet || this.#isOver) {
      this.#isSet = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(loop);
        resolve();
      };
      const timer = Number.isFinite(timeoutMs) ? setTimeout(wake, timeoutMs) : undefined;
      this.#waiting.set(loop, wake);
    });
  }
}
