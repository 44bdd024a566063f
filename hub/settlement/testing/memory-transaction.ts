import type { Passage } from './memory-rows.ts';
import { connectionLost } from './memory-tables.ts';
import type { RowLocks } from './row-locks.ts';

/** What a transaction came to before its commit. */
interface Thought<Result> {
  readonly result: Result;
  /** Makes its writes true, all at once. */
  readonly commit: () => void;
}

/**
 * One transaction: `work` takes row locks one after the other and decides; what it decided is written at the commit,
 * or not at all. Its locks end with it, whoever ends it.
 */
export async function inTransaction<Result>(
  locks: RowLocks,
  pass: Passage,
  work: (take: (row: string) => Promise<void>) => Promise<Thought<Result>>,
): Promise<Result> {
  const transaction = { hasEnded: false };
  const held: string[] = [];
  const end = (): void => {
    if (transaction.hasEnded) return;
    transaction.hasEnded = true;
    for (const row of held) locks.leave(row, transaction);
  };
  const take = async (row: string): Promise<void> => {
    if (held.includes(row)) return;
    held.push(row);
    await locks.take(row, transaction);
    if (!transaction.hasEnded) return;
    locks.leave(row, transaction);
    throw connectionLost();
  };
  try {
    await pass('begin', end);
    const { result, commit } = await work(take);
    await pass('commit', end);
    if (transaction.hasEnded) throw connectionLost();
    commit();
    end();
    await pass('answer', end);
    return result;
  } finally {
    end();
  }
}

/** One statement that is its own transaction. */
export async function statement<Result>(
  pass: Passage,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  await pass('statement', nobody);
  const result = await work();
  await pass('answer', nobody);
  return result;
}

/** One statement that changes nothing. */
export async function look<Result>(pass: Passage, work: () => Result): Promise<Result> {
  await pass('statement', nobody);
  return work();
}

function nobody(): void {
  // A statement holds nothing that somebody could take away from it.
}

/** Row ids as decimal strings, each once, by their number. */
export function inLockOrder(ids: readonly string[]): string[] {
  return [...new Set(ids)].toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1));
}
