/**
 * Looks for one operation of ours in a channel's lists: the member's recent transactions, or the statement. What is
 * found is proof at any time; "not found" is said only of a window that was read whole.
 */
import type { Marker, ScanTerms, StatementTerms } from '../capabilities.ts';
import { classifyExchange } from '../classification.ts';
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
import { callRemote, type RemoteSettings } from '../remote-call.ts';
import { wholeDays } from './day-window.ts';
import { readTransactionPage, type ListedTransaction, type TransactionPage } from './transaction-page.ts';

/** A scan back to the beginning of the window, the newest first. */
export async function scanForOperation(
  remote: RemoteSettings,
  sought: Sought,
  {
    scan,
    marker,
    clockSkewMs,
  }: { readonly scan: ScanTerms; readonly marker: Marker; readonly clockSkewMs: number },
  context: CallContext,
): Promise<ScanOutcome> {
  const sinceMs = sought.from.getTime() - clockSkewMs;
  const member = encodeURIComponent(sought.memberRef.toWellFormed());
  const list: List = {
    path: `/v1/members/${member}/transactions`,
    shownPath: '/v1/members/{member}/transactions',
    query: { limit: String(scan.pageSize) },
    pagesMax: scan.pagesMax,
  };
  const reading = await readList(remote, list, sought, context, (page, before) => {
    const times = [
      ...(before === undefined ? [] : [before.atMs]),
      ...page.transactions.map(({ atMs }) => atMs),
    ];
    // Where they are in another order, an older one may hide behind a younger.
    if (times.some((atMs, index) => index > 0 && atMs > (times[index - 1] ?? 0))) return 'disordered';
    return (times.at(-1) ?? Infinity) < sinceMs ? 'enough' : 'more';
  });
  if (reading.type === 'nobody') return { type: 'not_found', evidence: reading.evidence };
  if (reading.type !== 'read') return reading;
  return outcomeOf(reading, sought, marker) ?? { type: 'not_found', evidence: reading.evidence };
}

/** The statement of every period that the window touches. */
export async function readStatement(
  remote: RemoteSettings,
  sought: Sought,
  {
    statement,
    marker,
    clockSkewMs,
  }: {
    readonly statement: StatementTerms;
    readonly marker: Marker;
    readonly clockSkewMs: number;
  },
  context: CallContext,
): Promise<StatementOutcome> {
  const window = {
    fromMs: sought.from.getTime() - clockSkewMs,
    toMs: sought.until.getTime() + clockSkewMs,
  };
  const { fromMs, toMs } = statement.period === 'day' ? wholeDays(window, statement.zone) : window;
  const query = {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    limit: String(statement.pageSize),
  };
  const begunMs = Date.now();
  const list: List = { path: '/v1/transactions', query, pagesMax: statement.pagesMax };
  const reading = await readList(remote, list, sought, context, () => 'more');
  if (reading.type === 'nobody') return unmapped(reading.evidence, 'a member refused in a statement');
  if (reading.type !== 'read') return reading;
  const outcome = outcomeOf(reading, sought, marker);
  if (outcome !== undefined) return outcome;
  const readyAt = new Date(toMs + statement.availableAfterMs);
  const isClosed = reading.completeUntilMs >= toMs && begunMs >= readyAt.getTime();
  return isClosed
    ? { type: 'not_found', evidence: reading.evidence }
    : { type: 'open', readyAt, evidence: reading.evidence };
}

interface List {
  readonly path: string;
  readonly shownPath?: string;
  readonly query: Readonly<Record<string, string>>;
  readonly pagesMax: number;
}

interface Read {
  readonly type: 'read';
  readonly transactions: readonly ListedTransaction[];
  /** Whether all of the window was read. */
  readonly isWhole: boolean;
  readonly completeUntilMs: number;
  readonly evidence: Evidence;
}
/** The channel knows no such member, so there is nothing of his. */
interface Nobody {
  readonly type: 'nobody';
  readonly evidence: Evidence;
}

/** Reads page after page within the one deadline. Only the first asks `maySend`: nothing here has an effect. */
async function readList(
  remote: RemoteSettings,
  { path, shownPath = path, query, pagesMax }: List,
  { memberRef, from }: Sought,
  context: CallContext,
  judge: (page: TransactionPage, before: ListedTransaction | undefined) => 'enough' | 'more' | 'disordered',
): Promise<Read | Nobody | Unknown | NotSent | Misconfigured> {
  const endsMs = performance.now() + context.deadlineMs;
  const transactions: ListedTransaction[] = [];
  let completeUntilMs = Infinity;
  let cursor: string | undefined;
  let evidence: Evidence = { request: { method: 'GET', path: shownPath } };
  for (let pages = 1; pages <= pagesMax; pages += 1) {
    const parameters = new URLSearchParams({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    const { exchange, facts } = await callRemote(
      remote,
      { method: 'GET', path: `${path}?${parameters.toString()}`, shownPath, personal: [memberRef] },
      {
        ...context,
        deadlineMs: Math.max(1, Math.floor(endsMs - performance.now())),
        maySend: pages === 1 ? context.maySend : () => performance.now() < endsMs,
      },
    );
    const answer = classifyExchange(exchange, facts);
    switch (answer.type) {
      case 'success':
        break;
      case 'rejected':
        if (answer.reason === 'member_unknown') return { type: 'nobody', evidence: answer.evidence };
        return unmapped(answer.evidence, 'a refusal in answer to a list');
      case 'not_found':
        return unmapped(answer.evidence, 'a look-up answer to a list');
      case 'unknown':
      case 'not_sent':
      case 'misconfigured':
        return answer;
    }
    const page = answer.status === 200 ? readTransactionPage(answer.body) : undefined;
    if (page === undefined) return unmapped(withoutAnswer(answer.evidence), 'a page that cannot be read');
    const judgement = judge(page, transactions.at(-1));
    if (judgement === 'disordered') return unmapped(withoutAnswer(answer.evidence), 'not the newest first');
    transactions.push(...page.transactions);
    completeUntilMs = Math.min(completeUntilMs, page.completeUntilMs ?? -Infinity);
    const detail = `${pages} pages, ${transactions.length} transactions, since ${from.toISOString()}`;
    evidence = { ...withoutAnswer(answer.evidence), detail };
    if (judgement === 'enough' || page.nextCursor === undefined) {
      return { type: 'read', transactions, isWhole: true, completeUntilMs, evidence };
    }
    cursor = page.nextCursor;
  }
  return { type: 'read', transactions, isWhole: false, completeUntilMs, evidence };
}

/** What was read of our operation; undefined where a window that was read whole has nothing of it. */
function outcomeOf(
  { transactions, isWhole, evidence }: Read,
  { key, kind, remoteId, besides }: Sought,
  marker: Marker,
): ScanOutcome | undefined {
  const ours = transactions.filter(
    (one) => one.transactionId !== besides && (one[marker] === key || one.transactionId === remoteId),
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
function withoutAnswer(evidence: Evidence): Evidence {
  const { answer: _answer, ...rest } = evidence;
  return rest;
}

function unmapped(evidence: Evidence, detail: string): Unknown {
  return { type: 'unknown', cause: 'unmapped_answer', evidence: { ...evidence, detail } };
}
