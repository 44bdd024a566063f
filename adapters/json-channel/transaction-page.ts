/** One page of a JSON channel's list of transactions, read as strictly as an answer that moves points. */
import type { Marker } from '../capabilities.ts';
import { readRemoteId } from '../classification.ts';
import type { ListedTransaction, Rest, TransactionPage } from '../look-ups/search.ts';
import { readPoints } from '../points-text.ts';

/** Undefined if any part of it cannot be read: a line that cannot be read might be ours. */
export function readTransactionPage(
  body: Readonly<Record<string, unknown>>,
  marker: Marker,
): Omit<TransactionPage, 'type' | 'evidence'> | undefined {
  const { transactions, nextCursor, completeUntil } = body;
  if (!Array.isArray(transactions)) return undefined;
  const read = transactions.map((one) => readTransaction(one, marker));
  if (!read.every((one) => one !== undefined)) return undefined;
  if (nextCursor !== undefined && (typeof nextCursor !== 'string' || nextCursor === '')) return undefined;
  const completeUntilMs = readInstantMs(completeUntil);
  if (completeUntil !== undefined && completeUntilMs === undefined) return undefined;
  const rest: Rest = nextCursor === undefined ? { type: 'none' } : { type: 'at', cursor: nextCursor };
  return { transactions: read, linesCount: read.length, rest, completeUntilMs };
}

function readTransaction(value: unknown, marker: Marker): ListedTransaction | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const {
    transactionId,
    kind,
    status,
    points,
    at,
    [marker]: mark,
  } = value as Readonly<Record<string, unknown>>;
  const id = readRemoteId(transactionId);
  const moved = readPoints(points);
  const atMs = readInstantMs(at);
  if (id === undefined || moved === undefined || atMs === undefined || status !== 'completed')
    return undefined;
  if (kind !== 'deduction' && kind !== 'refund') return undefined;
  return { transactionId: id, kind, points: moved, atMs, marker: textOf(mark) };
}

function readInstantMs(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
