/** From an answer to one page of transactions, by the description's rules. Pure; never throws. */
import {
  concludeTrouble,
  entryFacts,
  matches,
  unmapped,
  type AnswerFacts,
  type PlacedRule,
} from './answer-reading.ts';
import type { ListRule, PageRule } from './answer-schema.ts';
import { scalarText, type JsonValue } from '../lossless-json.ts';
import {
  withoutAnswer,
  type ListedTransaction,
  type PageRead,
  type PageStart,
  type Rest,
} from '../look-ups/search.ts';
import { valueAt, type Path } from './path.ts';
import { holds } from './predicate.ts';
import { instantIn, listIn, pointsIn, remoteIdIn } from './value.ts';

/** How the page was asked for. */
export interface PageAsked {
  readonly start: PageStart;
  readonly pageSize: number;
  /** Whether the request says by `{skip}` or `{page}` which page it is. */
  readonly isCounted: boolean;
}

export function readPageAnswer(
  rules: readonly PlacedRule<ListRule>[],
  facts: AnswerFacts,
  asked: PageAsked,
): PageRead {
  const placed = rules.find(({ rule }) => matches(rule.when, facts));
  if (placed === undefined) return unmapped(facts);
  const { rule } = placed;
  switch (rule.then) {
    case 'page':
      return readPage(rule, facts, asked);
    case 'not_found':
      return asked.start.number === 1
        ? { type: 'nobody', evidence: facts.evidence }
        : unmapped(facts, 'the list ended in an answer that is no list');
    case 'rejected':
      return unmapped(facts, 'a refusal in answer to a list');
    case 'misconfigured':
    case 'not_sent':
    case 'unknown': {
      const trouble = concludeTrouble(rule, facts);
      return trouble.type === 'rejected' ? unmapped(facts) : trouble;
    }
  }
}

function readPage(rule: PageRule, whole: AnswerFacts, asked: PageAsked): PageRead {
  // Lists name other people.
  const facts = { ...whole, evidence: withoutAnswer(whole.evidence) };
  const items = listIn(rule.items, facts.view);
  if (items === undefined) return unmapped(facts, 'the answer has no list in items');
  const transactions: ListedTransaction[] = [];
  for (const item of items) {
    const entry = entryFacts(item, facts);
    if (rule.skip !== undefined && holds(rule.skip, entry.view, facts.variables)) continue;
    const transaction = readEntry(rule.entry, entry);
    if (transaction === undefined) return unmapped(facts, 'a line that cannot be read');
    transactions.push(transaction);
  }
  const completeUntil =
    rule.completeUntil === undefined ? undefined : instantIn(rule.completeUntil, facts.view, facts.zone);
  return {
    type: 'page',
    transactions,
    linesCount: items.length,
    rest: restOf(rule, items, facts, asked),
    // Where it should be said and is not, the statement goes nowhere.
    completeUntilMs: rule.completeUntil === undefined ? undefined : (completeUntil?.getTime() ?? -Infinity),
    evidence: facts.evidence,
  };
}

function restOf(
  { next, more }: PageRule,
  items: readonly JsonValue[],
  { view, variables }: AnswerFacts,
  { start, pageSize, isCounted }: PageAsked,
): Rest {
  if (next !== undefined) {
    const cursor = scalarText(valueAt(next, view)) ?? '';
    return cursor === '' ? { type: 'none' } : { type: 'at', cursor };
  }
  const hasMore = more === undefined ? items.length >= pageSize : holds(more, view, variables);
  if (!hasMore) return { type: 'none' };
  return isCounted ? { type: 'at', cursor: String(start.number + 1) } : { type: 'out_of_reach' };
}

function readEntry(entry: PageRule['entry'], facts: AnswerFacts): ListedTransaction | undefined {
  const { view, scale, zone } = facts;
  const transactionId = remoteIdIn(entry.id, view);
  const kind = kindOf(entry.kind, facts);
  const points = pointsIn(entry.points, view, scale);
  const at = instantIn(entry.at, view, zone);
  if (transactionId === undefined || kind === undefined || points === undefined || at === undefined)
    return undefined;
  const marker = scalarText(valueAt(entry.marker, view));
  return { transactionId, kind, points, atMs: at.getTime(), marker };
}

function kindOf(
  kind: PageRule['entry']['kind'],
  { view, variables }: AnswerFacts,
): ListedTransaction['kind'] | undefined {
  if ('sign' in kind) return signedKind(kind.sign, view);
  const isDeduction = holds(kind.deduction, view, variables);
  const isRefund = holds(kind.refund, view, variables);
  if (isDeduction === isRefund) return undefined;
  return isDeduction ? 'deduction' : 'refund';
}

function signedKind(path: Path, view: AnswerFacts['view']): ListedTransaction['kind'] | undefined {
  const text = scalarText(valueAt(path, view));
  if (text === undefined || !/^-?\d*\.?\d*[1-9]/.test(text)) return undefined;
  return text.startsWith('-') ? 'deduction' : 'refund';
}
