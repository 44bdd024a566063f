import type { OperationEntry, OperationRequest } from './entries.ts';

/** What the books say to a request: the entry that answers its key, or a code for a request that is none of ours. */
export type Verdict =
  | { readonly type: 'new'; readonly entry: OperationEntry }
  | { readonly type: 'replay'; readonly entry: OperationEntry }
  | { readonly type: 'refused'; readonly code: string };

/** The operations of one book by key. */
export class KeyedOperations {
  readonly #byKey = new Map<string, OperationEntry>();
  readonly #returnedUnits = new Map<string, bigint>();

  add(entry: OperationEntry): void {
    this.#byKey.set(entry.key, entry);
    if (entry.code === undefined && entry.originalKey !== undefined) {
      this.#returnedUnits.set(entry.originalKey, this.returnedUnits(entry.originalKey) + entry.movedUnits);
    }
  }

  get(key: string): OperationEntry | undefined {
    return this.#byKey.get(key);
  }

  /** How many keys there are; gives every operation a number of its own. */
  get size(): number {
    return this.#byKey.size;
  }

  returnedUnits(originalKey: string): bigint {
    return this.#returnedUnits.get(originalKey) ?? 0n;
  }

  /** Undefined for a key that was never met. */
  recall(request: OperationRequest): Verdict | undefined {
    const entry = this.#byKey.get(request.key);
    if (entry === undefined) return undefined;
    return isSame(entry, request) ? { type: 'replay', entry } : { type: 'refused', code: 'KEY_REUSED' };
  }
}

function isSame(entry: OperationRequest, request: OperationRequest): boolean {
  return (
    entry.kind === request.kind &&
    entry.channel === request.channel &&
    entry.originalKey === request.originalKey &&
    entry.orderId === request.orderId &&
    entry.member === request.member &&
    entry.askedUnits === request.askedUnits
  );
}
