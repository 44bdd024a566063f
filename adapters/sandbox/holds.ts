import type { OperationEntry } from './entries.ts';

/** How a hold stands at a moment. */
export type HoldState = 'open' | 'confirmed' | 'released' | 'expired';

interface Hold {
  readonly member: string;
  readonly orderId: string;
  readonly units: bigint;
  readonly expiresAtMs: number;
  /** Set by the one confirmation or release that there is. */
  ended: 'confirmed' | 'released' | undefined;
}

/**
 * What one channel holds. A hold that nobody ends is over at its time by itself: no entry says so, for everybody can
 * read it off the clock, and so can whoever adds the journal up again.
 */
export class Holds {
  readonly #byKey = new Map<string, Hold>();
  /** Holds that nobody has ended, by member; those that are over are dropped when somebody looks. */
  readonly #open = new Map<string, Set<Hold>>();
  /** Keys that were released before their hold came. */
  readonly #barred = new Set<string>();

  get(key: string): Readonly<Hold> | undefined {
    return this.#byKey.get(key);
  }

  isBarred(key: string): boolean {
    return this.#barred.has(key);
  }

  stateOf(key: string, atMs: number): HoldState | undefined {
    const hold = this.#byKey.get(key);
    return hold && (hold.ended ?? (atMs < hold.expiresAtMs ? 'open' : 'expired'));
  }

  /** What is held of a member at a moment. */
  heldUnits(member: string, atMs: number): bigint {
    let units = 0n;
    for (const hold of this.#open.get(member) ?? []) {
      if (atMs < hold.expiresAtMs) units += hold.units;
      else this.#open.get(member)?.delete(hold);
    }
    return units;
  }

  /** Adds up an entry that was done. */
  apply(entry: OperationEntry): void {
    const { kind, key, originalKey = '', member = '', orderId, movedUnits, atMs, expiresAfterMs = 0 } = entry;
    const original = this.#byKey.get(originalKey);
    switch (kind) {
      case 'hold': {
        const hold = {
          member,
          orderId,
          units: movedUnits,
          expiresAtMs: atMs + expiresAfterMs,
          ended: undefined,
        };
        this.#byKey.set(key, hold);
        this.#open.set(member, (this.#open.get(member) ?? new Set<Hold>()).add(hold));
        return;
      }
      case 'confirmation':
      case 'release':
        if (original === undefined) {
          this.#barred.add(originalKey);
          return;
        }
        original.ended = kind === 'release' ? 'released' : 'confirmed';
        this.#open.get(original.member)?.delete(original);
        return;
      case 'deduction':
      case 'refund':
      case 'quota-deduction':
      case 'quota-return':
        return;
    }
  }
}
