import type { OperationEntry, OperationRequest, QuotaEntry } from './entries.ts';
import { KeyedOperations, type Terms, type Verdict } from './keyed-operations.ts';
import { Statement } from './statement.ts';

/** What one channel's quota is: remaining = granted − used. */
export interface QuotaBook {
  grantedUnits: bigint;
  /** Deducted minus returned. */
  usedUnits: bigint;
  deductedUnits: bigint;
  returnedUnits: bigint;
  readonly statement: Statement;
}

/** The portal: each channel's quota. Decides without changing anything; changes only by `apply`. */
export class PortalBooks {
  readonly operations = new KeyedOperations();
  readonly quotas = new Map<string, QuotaBook>();
  /** Keys that were returned before they were seen, by the return that did it. */
  readonly #voided = new Map<string, OperationEntry>();

  decide(request: OperationRequest, atMs: number, terms: Terms): Verdict {
    const recalled = this.operations.recall(request, terms);
    if (recalled !== undefined) return recalled;
    const quota = this.quotas.get(request.channel);
    if (quota === undefined) return { type: 'refused', code: 'CHANNEL_UNKNOWN' };
    const movingUnits = terms.movingUnits ?? request.askedUnits;
    const id = terms.id ?? `q-${this.operations.nextNumber}`;
    const entry = { type: 'operation', id, atMs, ...request } as const;
    if (terms.refusal !== undefined)
      return { type: 'new', entry: { ...entry, movedUnits: 0n, code: terms.refusal } };
    if (request.originalKey === undefined) {
      if (this.#voided.has(request.key)) return { type: 'refused', code: 'KEY_VOIDED' };
      const isEnough = quota.usedUnits + movingUnits <= quota.grantedUnits;
      return isEnough
        ? { type: 'new', entry: { ...entry, movedUnits: movingUnits, code: undefined } }
        : { type: 'new', entry: { ...entry, movedUnits: 0n, code: 'QUOTA_EXCEEDED' } };
    }
    // A key cannot be its own original, nor one that was voided be used for a return.
    if (request.originalKey === request.key || this.#voided.has(request.key))
      return { type: 'refused', code: 'KEY_REUSED' };
    return this.#decideReturn(entry, request.originalKey, movingUnits);
  }

  /** What a look-up shows: the operation, or for a voided key the refusal that any deduction with it will get. */
  find(key: string): OperationEntry | undefined {
    const operation = this.operations.get(key);
    if (operation !== undefined) return operation;
    const cause = this.#voided.get(key);
    if (cause === undefined) return undefined;
    return {
      ...cause,
      kind: 'quota-deduction',
      key,
      originalKey: undefined,
      movedUnits: 0n,
      code: 'KEY_VOIDED',
    };
  }

  applyQuota({ channel, grantedUnits }: QuotaEntry): void {
    const quota = this.quotas.get(channel);
    if (quota === undefined) {
      this.quotas.set(channel, {
        grantedUnits,
        usedUnits: 0n,
        deductedUnits: 0n,
        returnedUnits: 0n,
        statement: new Statement(),
      });
    } else {
      quota.grantedUnits = grantedUnits;
    }
  }

  apply(entry: OperationEntry): void {
    const { originalKey, movedUnits, channel } = entry;
    if (
      originalKey !== undefined &&
      entry.code === undefined &&
      this.operations.get(originalKey) === undefined
    ) {
      this.#voided.set(originalKey, this.#voided.get(originalKey) ?? entry);
    }
    this.operations.add(entry);
    const quota = this.quotas.get(channel);
    if (quota === undefined) throw new Error(`quota moved for ${channel}, which has none in the books`);
    quota.statement.add(entry);
    if (originalKey === undefined) {
      quota.usedUnits += movedUnits;
      quota.deductedUnits += movedUnits;
    } else {
      quota.usedUnits -= movedUnits;
      quota.returnedUnits += movedUnits;
    }
  }

  #decideReturn(
    entry: Omit<OperationEntry, 'movedUnits' | 'code'>,
    originalKey: string,
    movingUnits: bigint,
  ): Verdict {
    const original = this.find(originalKey);
    const nothing = { type: 'new', entry: { ...entry, movedUnits: 0n, code: undefined } } as const;
    if (original === undefined) return nothing;
    const isOurs =
      original.kind === 'quota-deduction' &&
      original.channel === entry.channel &&
      original.orderId === entry.orderId;
    if (!isOurs) return { type: 'refused', code: 'ORIGINAL_MISMATCH' };
    if (original.code !== undefined) return nothing;
    const leftUnits = this.operations.movedUnits(originalKey) - this.operations.returnedUnits(originalKey);
    if (leftUnits >= movingUnits) {
      return { type: 'new', entry: { ...entry, movedUnits: movingUnits, code: undefined } };
    }
    const code = leftUnits === 0n ? 'ALREADY_RETURNED' : 'EXCEEDS_ORIGINAL';
    return { type: 'new', entry: { ...entry, movedUnits: 0n, code } };
  }
}
