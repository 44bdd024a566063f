/** What is to happen later, all of which ends with the sandbox. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();

  /** Now, if there is nothing to wait for. */
  after(ms: number, run: () => void): void {
    if (ms <= 0) return run();
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      run();
    }, ms);
    this.#pending.add(timer);
  }

  clear(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}
