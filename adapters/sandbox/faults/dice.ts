/**
 * Chance that can be repeated: sfc32 (Chris Doty-Humphrey, PractRand; public domain), 32-bit words with a period of at
 * least 2^32. Its state is the seed, FNV-1a of the name, and a counter; twelve rounds mix them before the first roll.
 */
export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` is a whole number below 2^32. The same seed and name give the same rolls. */
  constructor(seed: number, name: string) {
    this.#a = hashOf(name);
    this.#b = seed | 0;
    this.#c = hashOf(`${seed} ${name}`);
    for (let round = 0; round < 12; round += 1) this.roll();
  }

  /** At least 0 and below 1. */
  roll(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
