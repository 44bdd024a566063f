/**
 * Looks for one operation of ours in a channel's lists: the member's recent transactions, or the statement. What is
 * found is proof at any time; "not found" is said only of a window that was read whole.
 */
import type { Decimal } from 'decimal.js';

import type { ScanTerms, StatementTerms } from '../capabilities.ts';
import type {
  CallContext,
  Evidence,
  Misconfigured,
  NotSent,
  ScanOutcome,
  Sought,
  StatementOutcome,
  Unknown,
} from '../contract.ts';
import { wholeDays, type Window } from './day-window.ts';

/** By how much a channel's clock may differ from ours where its description does not say. */
export const CLOCK_SKEW_DEFAULT_MS = 300_000;

/** A completed transaction as lists show it. */
export interface ListedTransaction {
  readonly transactionId: string;
  readonly kind: 'deduction' | 'refund';
  readonly points: Decimal;
  readonly atMs: number;
  /** What stands where our key would stand; absent on others' transactions. */
  readonly marker: string | undefined;
}

/** What comes after a page: nothing, the page at a cursor, or what cannot be asked for. */
export type Rest =
  | { readonly type: 'none' }
  | { readonly type: 'at'; readonly cursor: string }
  | { readonly type: 'out_of_reach' };

/** One page of a list, every line of it read. */
export interface TransactionPage {
  readonly type: 'page';
  readonly transactions: readonly ListedTransaction[];
  /** Lines on the page, those that are no transactions of points included. */
  readonly linesCount: number;
  readonly rest: Rest;
  /** Of a statement: nothing older is added any more; absent where its terms alone say so. */
  readonly completeUntilMs: number | undefined;
  readonly evidence: Evidence;
}
/** The channel knows no such member, so there is nothing of his. */
export interface Nobody {
  readonly type: 'nobody';
  readonly evidence: Evidence;
}

/** Where the next page begins: what the one before says, and how much was read. */
export interface PageStart {
  readonly cursor: string | undefined;
  /** From 1. */
  readonly number: number;
  /** Lines of the pages before. */
  readonly linesRead: number;
}

export type PageRead = TransactionPage | Nobody | Unknown | NotSent | Misconfigured;

/** Asks for one page; `window` is in the channel's time, with room for what its clock may differ by. */
export type ReadPage = (start: PageStart, window: Window, context: CallContext) => Promise<PageRead>;

/** A scan back to the beginning of the window, the newest first. */
export async function scanForOperation(
  readPage: ReadPage,
  sought: Sought,
  { scan, clockSkewMs }: { readonly scan: ScanTerms; readonly clockSkewMs: number },
  context: CallContext,
): Promise<ScanOutcome> {
  const window = skewed(sought, clockSkewMs);
  const reading = await readList(
    (start, within) => readPage(start, window, within),
    scan.pagesMax,
    sought,
    context,
    (page, before) => {
      const times = [
        ...(before === undefined ? [] : [before.atMs]),
        ...page.transactions.map(({ atMs }) => atMs),
      ];
      // Where they are in another order, an older one may hide behind a younger.
      if (times.some((atMs, index) => index > 0 && atMs > (times[index - 1] ?? 0))) return 'disordered';
      return (times.at(-1) ?? Infinity) < window.fromMs ? 'enough' : 'more';
    },
  );
  if (reading.type === 'nobody') return { type: 'not_found', evidence: reading.evidence };
  if (reading.type !== 'read') return reading;
  return outcomeOf(reading, sought) ?? { type: 'not_found', evidence: reading.evidence };
}

/** The statement of every period that the window touches. */
export async function readStatement(
  readPage: ReadPage,
  sought: Sought,
  { statement, clockSkewMs }: { readonly statement: StatementTerms; readonly clockSkewMs: number },
  context: CallContext,
): Promise<StatementOutcome> {
  const touched = skewed(sought, clockSkewMs);
  const window = statement.period === 'day' ? wholeDays(touched, statement.zone) : touched;
  const begunMs = Date.now();
  const reading = await readList(
    (start, within) => readPage(start, window, within),
    statement.pagesMax,
    sought,
    context,
    () => 'more',
  );
  if (reading.type === 'nobody') return unmapped(reading.evidence, 'a member refused in a statement');
  if (reading.type !== 'read') return reading;
  const outcome = outcomeOf(reading, sought);
  if (outcome !== undefined) return outcome;
  const readyAt = new Date(window.toMs + statement.availableAfterMs);
  const isClosed = reading.completeUntilMs >= window.toMs && begunMs >= readyAt.getTime();
  return isClosed
    ? { type: 'not_found', evidence: reading.evidence }
    : { type: 'open', readyAt, evidence: reading.evidence };
}

function skewed({ from, until }: Sought, clockSkewMs: number): Window {
  return { fromMs: from.getTime() - clockSkewMs, toMs: until.getTime() + clockSkewMs };
}

interface Read {
  readonly type: 'read';
  readonly transactions: readonly ListedTransaction[];
  /** Whether all of the window was read. */
  readonly isWhole: boolean;
  readonly completeUntilMs: number;
  readonly evidence: Evidence;
}

/** Reads page after page within the one deadline. Only the first asks `maySend`: nothing here has an effect. */
async function readList(
  readPage: (start: PageStart, context: CallContext) => Promise<PageRead>,
  pagesMax: number,
  { from }: Sought,
  context: CallContext,
  judge: (page: TransactionPage, before: ListedTransaction | undefined) => 'enough' | 'more' | 'disordered',
): Promise<Read | Nobody | Unknown | NotSent | Misconfigured> {
  const endsMs = performance.now() + context.deadlineMs;
  const transactions: ListedTransaction[] = [];
  let completeUntilMs = Infinity;
  let start: PageStart = { cursor: undefined, number: 1, linesRead: 0 };
  let evidence: Evidence = {};
  for (let pages = 1; pages <= pagesMax; pages += 1) {
    const answer = await readPage(start, {
      ...context,
      deadlineMs: Math.max(1, Math.floor(endsMs - performance.now())),
      maySend: pages === 1 ? context.maySend : () => performance.now() < endsMs,
    });
    if (answer.type !== 'page') return answer;
    const page = { ...answer, transactions: besides(answer.transactions, transactions) };
    const judgement = judge(page, transactions.at(-1));
    if (judgement === 'disordered') return unmapped(withoutAnswer(page.evidence), 'not the newest first');
    transactions.push(...page.transactions);
    completeUntilMs = Math.min(completeUntilMs, page.completeUntilMs ?? Infinity);
    const detail = `${pages} pages, ${transactions.length} transactions, since ${from.toISOString()}`;
    evidence = { ...withoutAnswer(page.evidence), detail };
    if (judgement === 'enough' || page.rest.type === 'none') {
      return { type: 'read', transactions, isWhole: true, completeUntilMs, evidence };
    }
    if (page.rest.type === 'out_of_reach') break;
    start = { cursor: page.rest.cursor, number: pages + 1, linesRead: start.linesRead + page.linesCount };
  }
  return { type: 'read', transactions, isWhole: false, completeUntilMs, evidence };
}

/** Lines that a younger one has pushed from the page before onto this one are read once. */
function besides(
  lines: readonly ListedTransaction[],
  read: readonly ListedTransaction[],
): readonly ListedTransaction[] {
  const known = new Set(read.map(({ transactionId }) => transactionId));
  return lines.filter(({ transactionId }) => !known.has(transactionId));
}

/** What was read of our operation; undefined where a window that was read whole has nothing of it. */
function outcomeOf(
  { transactions, isWhole, evidence }: Read,
  { key, kind, remoteId, besides }: Sought,
): ScanOutcome | undefined {
  const ours = transactions.filter(
    (one) => one.transactionId !== besides && (one.marker === key || one.transactionId === remoteId),
  );
  const [first] = ours;
  if (first === undefined) return isWhole ? undefined : { type: 'incomplete', evidence };
  if (ours.length > 1) return { type: 'unknown', cause: 'several_effects', evidence };
  if (first.kind !== kind) return unmapped(evidence, `our marker on a ${first.kind}`);
  const { points, transactionId } = first;
  const shown = { ...evidence, remoteId: transactionId };
  return {
    type: 'found',
    outcome: { type: 'done', points, remoteId: transactionId, replayed: true, evidence: shown },
  };
}

/** Lists name other people. */
export function withoutAnswer(evidence: Evidence): Evidence {
  const { answer: _answer, ...rest } = evidence;
  return rest;
}

export function unmapped(evidence: Evidence, detail: string): Unknown {
  return { type: 'unknown', cause: 'unmapped_answer', evidence: { ...evidence, detail } };
}
