import type { OperationEntry, OperationRequest } from './entries.ts';

/** What the books say to a request: the entry that answers its key, or a code for a request that is none of ours. */
export type Verdict =
  | { readonly type: 'new'; readonly entry: OperationEntry }
  | { readonly type: 'replay'; readonly entry: OperationEntry }
  | { readonly type: 'refused'; readonly code: string };

/** How a request is judged where something goes wrong with it; ordinary ones have none of it. */
export interface Terms {
  /** Known already, where it was given out before the effect. */
  readonly id?: string;
  /** A key that has been met does not count: the request is one more operation under it. */
  readonly ignoresKey?: boolean;
  /** What moves instead of what is asked for. */
  readonly movingUnits?: bigint;
  /** Refused with this code, whatever the books would say. */
  readonly refusal?: string;
}

/** The operations of one book by key. */
export class KeyedOperations {
  readonly #byKey = new Map<string, OperationEntry>();
  readonly #returnedUnits = new Map<string, bigint>();
  /** What earlier operations under the same key moved; only for keys that had several. */
  readonly #earlierUnits = new Map<string, bigint>();
  #numbersTaken = 0;

  /** Of several under one key the last is kept, but none that was done is forgotten for one that was refused. */
  add(entry: OperationEntry): void {
    this.#numbersTaken = Math.max(this.#numbersTaken, Number(entry.id.slice(entry.id.lastIndexOf('-') + 1)));
    const earlier = this.#byKey.get(entry.key);
    if (earlier === undefined || earlier.code !== undefined) {
      this.#byKey.set(entry.key, entry);
    } else if (entry.code === undefined) {
      this.#earlierUnits.set(entry.key, this.movedUnits(entry.key));
      this.#byKey.set(entry.key, entry);
    }
    if (entry.code === undefined && entry.originalKey !== undefined && givesBack(entry)) {
      this.#returnedUnits.set(entry.originalKey, this.returnedUnits(entry.originalKey) + entry.movedUnits);
    }
  }

  get(key: string): OperationEntry | undefined {
    return this.#byKey.get(key);
  }

  /** The number of the next operation; no two have the same, also not after a restart. */
  get nextNumber(): number {
    return this.#numbersTaken + 1;
  }

  /** Takes a number for an operation that is to come. */
  takeNumber(): number {
    this.#numbersTaken += 1;
    return this.#numbersTaken;
  }

  /** What all operations under a key moved together. */
  movedUnits(key: string): bigint {
    return (this.#byKey.get(key)?.movedUnits ?? 0n) + (this.#earlierUnits.get(key) ?? 0n);
  }

  returnedUnits(originalKey: string): bigint {
    return this.#returnedUnits.get(originalKey) ?? 0n;
  }

  /** Undefined for a key that was never met, or that does not count. */
  recall(request: OperationRequest, { ignoresKey }: Terms): Verdict | undefined {
    const entry = this.#byKey.get(request.key);
    if (entry === undefined || (ignoresKey === true && entry.kind === request.kind)) return undefined;
    return isSame(entry, request) ? { type: 'replay', entry } : { type: 'refused', code: 'KEY_REUSED' };
  }
}

/** A confirmation and a release end a hold, and leave what was taken as it is. */
function givesBack({ kind }: OperationEntry): boolean {
  return kind === 'refund' || kind === 'quota-return';
}

/** The same key must come with the same of everything. */
export function isSame(entry: OperationRequest, request: OperationRequest): boolean {
  return (
    entry.kind === request.kind &&
    entry.channel === request.channel &&
    entry.originalKey === request.originalKey &&
    entry.orderId === request.orderId &&
    entry.member === request.member &&
    entry.note === request.note &&
    entry.askedUnits === request.askedUnits &&
    entry.expiresAfterMs === request.expiresAfterMs
  );
}
