import { formatUnits, parseUnits } from './units.ts';

/** What an operation does: the last two to a channel's quota, the others to a member's points. */
export type OperationKind =
  'deduction' | 'refund' | 'hold' | 'confirmation' | 'release' | 'quota-deduction' | 'quota-return';

/** What a caller asked for. The same key must always come with the same of these. */
export interface OperationRequest {
  readonly kind: OperationKind;
  readonly channel: string;
  readonly key: string;
  /** Of a refund, confirmation, release or return; else undefined. */
  readonly originalKey: string | undefined;
  readonly orderId: string;
  /** Of all but quota; else undefined. */
  readonly member: string | undefined;
  /** Shown again in listings. */
  readonly note: string | undefined;
  readonly askedUnits: bigint;
  /** Of a hold; else undefined. */
  readonly expiresAfterMs: number | undefined;
}

/** The definite answer to a key: what moved, or the code of the refusal. */
export interface OperationEntry extends OperationRequest {
  readonly type: 'operation';
  readonly id: string;
  readonly atMs: number;
  readonly movedUnits: bigint;
  /** Undefined if it is done. */
  readonly code: string | undefined;
}

/** A member appears, or an administrator sets one. */
export interface MemberEntry {
  readonly type: 'member';
  readonly channel: string;
  readonly member: string;
  readonly balanceUnits: bigint;
  readonly blocked: boolean;
  readonly atMs: number;
}

/** A channel's quota is set as a whole. */
export interface QuotaEntry {
  readonly type: 'quota';
  readonly channel: string;
  readonly grantedUnits: bigint;
  readonly atMs: number;
}

/** Everything that the journal holds; the books are what these add up to. */
export type Entry = OperationEntry | MemberEntry | QuotaEntry;

/** One line of JSON, without the line break; fields ending in `Units` are written as decimals. */
export function writeEntry(entry: Entry): string {
  return JSON.stringify(entry, (_, value: unknown) =>
    typeof value === 'bigint' ? formatUnits(value) : value,
  );
}

/** @throws Error for a line that `writeEntry` did not write. */
export function readEntry(line: string): Entry {
  const entry = JSON.parse(line, (name, value: unknown) => {
    if (!name.endsWith('Units')) return value;
    const units = parseUnits(value);
    if (units === undefined) throw new Error(`${name} is no decimal`);
    return units;
  }) as Entry;
  switch (entry.type) {
    case 'operation':
      // JSON has no undefined; every entry in memory has the same fields.
      return {
        ...entry,
        originalKey: entry.originalKey,
        member: entry.member,
        note: entry.note,
        code: entry.code,
        expiresAfterMs: entry.expiresAfterMs,
      };
    case 'member':
    case 'quota':
      return entry;
  }
}
