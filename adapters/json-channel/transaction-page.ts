/** One page of a JSON channel's list of transactions, read as strictly as an answer that moves points. */
import type { Decimal } from 'decimal.js';

import { readRemoteId } from '../classification.ts';
import { readPoints } from '../points-text.ts';

/** A completed transaction as lists show it. */
export interface ListedTransaction {
  readonly transactionId: string;
  readonly kind: 'deduction' | 'refund';
  readonly points: Decimal;
  readonly atMs: number;
  /** Absent where the channel does not keep our keys. */
  readonly key: string | undefined;
  readonly note: string | undefined;
}

export interface TransactionPage {
  readonly transactions: readonly ListedTransaction[];
  readonly nextCursor: string | undefined;
  /** Of a statement: nothing older is added any more. */
  readonly completeUntilMs: number | undefined;
}

/** Undefined if any part of it cannot be read: a line that cannot be read might be ours. */
export function readTransactionPage(body: Readonly<Record<string, unknown>>): TransactionPage | undefined {
  const { transactions, nextCursor, completeUntil } = body;
  if (!Array.isArray(transactions)) return undefined;
  const read = transactions.map(readTransaction);
  if (!read.every((one) => one !== undefined)) return undefined;
  if (nextCursor !== undefined && (typeof nextCursor !== 'string' || nextCursor === '')) return undefined;
  const completeUntilMs = readInstantMs(completeUntil);
  if (completeUntil !== undefined && completeUntilMs === undefined) return undefined;
  return { transactions: read, nextCursor, completeUntilMs };
}

function readTransaction(value: unknown): ListedTransaction | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { transactionId, kind, status, points, at, key, note } = value as Readonly<Record<string, unknown>>;
  const id = readRemoteId(transactionId);
  const moved = readPoints(points);
  const atMs = readInstantMs(at);
  if (id === undefined || moved === undefined || atMs === undefined || status !== 'completed')
    return undefined;
  if (kind !== 'deduction' && kind !== 'refund') return undefined;
  return { transactionId: id, kind, points: moved, atMs, key: textOf(key), note: textOf(note) };
}

function readInstantMs(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
