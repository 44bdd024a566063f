/** What `store/callbacks.ts` keeps in Postgres, kept in memory. */
import type { Callback } from '../../core/callback.ts';
import type { HeardCallback } from '../../core/input.ts';
import type { KnownReference } from '../callback-references.ts';
import type { CallbackSweep, KeptCallback, NewCallback } from '../store-port.ts';

/** A kept callback, and what became of it. */
export interface CallbackRow extends NewCallback {
  readonly id: string;
  readonly known: KnownReference | undefined;
  readonly wakeBy: Date | undefined;
  readonly wakes: number;
  readonly appliedAt: Date | undefined;
}

export interface MemoryCallbacksOptions {
  readonly now: () => Date;
  readonly wakeAfterMs: number;
  /** Appends a message that wakes a deduction. */
  readonly wake: (known: KnownReference) => void;
  /** Opens the case of a callback that stayed unknown. */
  readonly openCase: (callback: NewCallback) => void;
  /** Closes it, since the callback is matched after all. */
  readonly closeCase: (callback: NewCallback) => void;
  /** Whether a message would only wait in a queue that nobody reads. */
  readonly isLeftAlone: (channel: string) => boolean;
}

const wakesDoubledMax = 5;

export class MemoryCallbacks {
  readonly #options: MemoryCallbacksOptions;
  readonly #rows = new Map<string, CallbackRow>();
  readonly #references = new Map<string, KnownReference[]>();
  #made = 0;

  constructor(options: MemoryCallbacksOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  rows(): IterableIterator<CallbackRow> {
    return this.#rows.values();
  }

  keep(callback: NewCallback): KeptCallback {
    const earlier = [...this.#rows.values()].find(
      ({ channel, eventId }) => channel === callback.channel && eventId === callback.eventId,
    );
    if (earlier !== undefined) return earlier.digest === callback.digest ? 'repeated' : 'conflicting';
    const known = this.#known(callback);
    if (known === undefined && !callback.isSigned) return 'dropped';
    this.#made += 1;
    const id = String(this.#made);
    this.#rows.set(id, { ...callback, id, known, wakeBy: this.#later(0), wakes: 0, appliedAt: undefined });
    if (known !== undefined) this.#options.wake(known);
    return 'kept';
  }

  /** Those that nobody has taken in yet, by order, the first one first. */
  unapplied(orderRowIds: readonly string[]): Map<string, Callback[]> {
    const callbacks = new Map<string, Callback[]>();
    for (const { id, known, appliedAt, said, receivedAt } of this.#rows.values()) {
      if (known === undefined || appliedAt !== undefined || !orderRowIds.includes(known.orderRowId)) continue;
      const { deductionId, direction, orderRowId } = known;
      const ofOrder = callbacks.get(orderRowId) ?? [];
      callbacks.set(orderRowId, [...ofOrder, { id, deductionId, direction, said, receivedAt }]);
    }
    return callbacks;
  }

  apply(heard: readonly HeardCallback[]): void {
    for (const { id } of heard) {
      this.#change(id, { appliedAt: this.#options.now(), wakeBy: undefined });
    }
  }

  refer(references: readonly KnownReference[]): void {
    for (const reference of references) {
      const name = nameOf(reference);
      const ofName = this.#references.get(name) ?? [];
      if (ofName.some((one) => isSameOperation(one, reference))) continue;
      this.#references.set(name, [...ofName, reference]);
      if (ofName.length > 0) continue;
      for (const row of this.#unmatched(name)) {
        this.#change(row.id, { known: reference, wakeBy: this.#later(0) });
        this.#options.wake(reference);
        this.#options.closeCase(row);
      }
    }
  }

  /** Callbacks that these references would match. */
  matchedBy(references: readonly KnownReference[]): CallbackRow[] {
    return references.flatMap((reference) => this.#unmatched(nameOf(reference)));
  }

  sweep(limit: number, unmatchedAfterMs: number): CallbackSweep {
    const { isLeftAlone } = this.#options;
    const now = this.#options.now();
    const due = [...this.#rows.values()]
      .filter((row) => isDue(row, now) && (row.known === undefined || !isLeftAlone(row.channel)))
      .slice(0, limit);
    let [woken, reported] = [0, 0];
    for (const row of due) {
      const known = row.known ?? this.#known(row);
      const giveUpAt = new Date(row.receivedAt.getTime() + unmatchedAfterMs);
      if (known !== undefined) {
        woken += 1;
        this.#options.wake(known);
      } else if (giveUpAt <= now) {
        reported += 1;
        this.#options.openCase(row);
      }
      const unknownUntil = giveUpAt > now ? giveUpAt : undefined;
      const wakeBy = known === undefined ? unknownUntil : this.#later(row.wakes);
      this.#change(row.id, { known, wakeBy, wakes: row.wakes + 1 });
    }
    return { looked: due.length, woken, reported };
  }

  /** Deductions of `channel` about which something was told that nobody has taken in in time. */
  overdue(channel: string): string[] {
    const now = this.#options.now();
    return [...this.#rows.values()].flatMap((row) =>
      row.channel === channel && row.known !== undefined && isDue(row, now) ? row.known.deductionId : [],
    );
  }

  forget(limit: number, retentionMs: number): number {
    const before = this.#options.now().getTime() - retentionMs;
    const old = [...this.#rows.values()]
      .filter(({ appliedAt }) => appliedAt !== undefined && appliedAt.getTime() < before)
      .slice(0, limit);
    for (const { id } of old) this.#rows.delete(id);
    return old.length;
  }

  #unmatched(name: string): CallbackRow[] {
    return [...this.#rows.values()].filter((row) => row.known === undefined && nameOf(row) === name);
  }

  /** Undefined, too, where a name stands for two operations. */
  #known(callback: Pick<NewCallback, 'channel' | 'about'>): KnownReference | undefined {
    const named = this.#references.get(nameOf(callback)) ?? [];
    return named.length === 1 ? named[0] : undefined;
  }

  #change(id: string, changes: Partial<CallbackRow>): void {
    this.#rows.set(id, { ...(this.#rows.get(id) as CallbackRow), ...changes });
  }

  #later(wakes: number): Date {
    const { now, wakeAfterMs } = this.#options;
    return new Date(now().getTime() + wakeAfterMs * 2 ** Math.min(wakes, wakesDoubledMax));
  }
}

function isDue({ wakeBy }: CallbackRow, now: Date): boolean {
  return wakeBy !== undefined && wakeBy <= now;
}

function nameOf({ channel, about }: Pick<NewCallback, 'channel' | 'about'>): string {
  return `${channel} ${about.kind} ${about.reference}`;
}

function isSameOperation(one: KnownReference, other: KnownReference): boolean {
  return one.deductionId === other.deductionId && one.direction === other.direction;
}
