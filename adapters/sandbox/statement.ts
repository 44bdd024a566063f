import type { OperationEntry } from './entries.ts';

/** The done operations of one channel in the order of their effect, to be read page by page. */
export class Statement {
  readonly #done: OperationEntry[] = [];

  /** Refused operations are passed over. */
  add(entry: OperationEntry): void {
    if (entry.code === undefined) this.#done.push(entry);
  }

  /** Operations with `fromMs <= at < toMs`, from the place `skip` in that order; `next` is where to go on. */
  page(
    fromMs: number,
    toMs: number,
    skip: number,
    max: number,
  ): { readonly entries: readonly OperationEntry[]; readonly next: number | undefined } {
    const start = Math.max(this.#firstAt(fromMs), skip);
    const entries: OperationEntry[] = [];
    for (let index = start; index < this.#done.length; index += 1) {
      const entry = this.#done[index];
      if (entry === undefined || entry.atMs >= toMs) break;
      if (entries.length === max) return { entries, next: index };
      entries.push(entry);
    }
    return { entries, next: undefined };
  }

  /** The newest operations first, from the place `start` on, which without one is the newest of all. */
  pageBack(
    start: number | undefined,
    max: number,
  ): { readonly entries: readonly OperationEntry[]; readonly next: number | undefined } {
    const first = Math.min(start ?? Infinity, this.#done.length - 1);
    const last = Math.max(first - max + 1, 0);
    const entries = first < 0 ? [] : this.#done.slice(last, first + 1).toReversed();
    return { entries, next: last > 0 ? last - 1 : undefined };
  }

  /** Times never go back within the books, so a binary search finds the first. */
  #firstAt(fromMs: number): number {
    let low = 0;
    let high = this.#done.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#done[middle]?.atMs ?? 0) < fromMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
