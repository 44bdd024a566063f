/** The one source of chance of a simulation: everything that is drawn comes from its seed, in one order. */
export class Dice {
  #state: number;

  /** @param seed any whole number; equal seeds roll equally */
  constructor(seed: number) {
    // Neighbouring seeds must not begin alike, so they are spread over all bits first.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    this.roll();
    this.roll();
  }

  /** Uniform in [0, 1). Mulberry32, 2^32 states: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** True with probability `share`. */
  chance(share: number): boolean {
    return this.roll() < share;
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.roll() * (max - min + 1));
  }

  /** One of `items`, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.roll() * items.length)] as Item;
  }

  /** `count` different ones of `items`, or all of them if there are fewer. */
  some<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () =>
      left.splice(Math.floor(this.roll() * left.length), 1),
    ).flat();
  }
}
