/** What happened, line by line, as one number: two runs with the same number did the same things in the same order. */
export class Trace {
  readonly #print: ((line: string) => void) | undefined;
  #high = 0x811c9dc5;
  #low = 0x01000193;
  #lines = 0;

  /** @param print gets each line, to read what a seed does */
  constructor(print?: (line: string) => void) {
    this.#print = print;
  }

  note(atMs: number, line: string): void {
    this.#lines += 1;
    this.#mix(atMs);
    for (let index = 0; index < line.length; index += 1) this.#mix(line.charCodeAt(index));
    this.#print?.(`${(atMs / 1_000).toFixed(3).padStart(9)} ${line}`);
  }

  get lines(): number {
    return this.#lines;
  }

  /** 16 hexadecimal digits. */
  hash(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** Two FNV-1a sums that begin differently. */
  #mix(value: number): void {
    this.#high = Math.imul(this.#high ^ value, 0x01000193);
    this.#low = Math.imul(this.#low ^ value, 0x01000193) ^ (this.#high >>> 7);
  }
}
