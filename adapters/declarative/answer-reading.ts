/** From an answer to the outcome of what was asked for, by the description's rules. Pure; never throws. */
import type {
  BalanceOutcome,
  Evidence,
  Misconfigured,
  NotSent,
  Outcome,
  QueryOutcome,
  Rejected,
  Unknown,
} from '../contract.ts';
import { readRetryAfterMs } from '../http/retry-after.ts';
import { scalarText, writeJson, type JsonValue } from '../lossless-json.ts';
import { maskEvidence, type Masker } from '../masking.ts';
import type {
  BalanceRule,
  ItemRule,
  ListedRule,
  OperationRule,
  QueryRule,
  SharedRule,
  When,
} from './answer-schema.ts';
import { valueAt, type AnswerView } from './path.ts';
import { holds, type TextVariables } from './predicate.ts';
import { instantIn, listIn, pointsIn, remoteIdIn } from './value.ts';

/** What rules are held against. */
export interface AnswerFacts {
  readonly status: number;
  readonly view: AnswerView;
  readonly variables: TextVariables;
  readonly evidence: Evidence;
  readonly masker: Masker;
  readonly scale: number;
  readonly zone: string;
  readonly now: Date;
}

/** A rule, and whether it stands in a shared list. */
export interface PlacedRule<Rule> {
  readonly rule: Exclude<Rule, { readonly then: 'see' }> | SharedRule;
  readonly isShared: boolean;
}

/** Puts the rules of shared lists where they are referred to. */
export function placeRules<Rule extends { readonly then: string }>(
  rules: readonly (Rule | { readonly then: 'see'; readonly answers: string })[],
  shared: Readonly<Record<string, readonly SharedRule[]>>,
): readonly PlacedRule<Rule>[] {
  return rules.flatMap((rule): PlacedRule<Rule>[] => {
    if (rule.then === 'see' && 'answers' in rule) {
      const list = Object.hasOwn(shared, rule.answers) ? (shared[rule.answers] ?? []) : [];
      return list.map((one) => ({ rule: one, isShared: true }));
    }
    return [{ rule: rule as PlacedRule<Rule>['rule'], isShared: false }];
  });
}

export function readOperationAnswer(
  rules: readonly PlacedRule<OperationRule>[],
  facts: AnswerFacts,
): Outcome {
  const placed = rules.find(({ rule }) => matches(rule.when, facts));
  if (placed === undefined) return unmapped(facts);
  return conclude(placed.rule, facts);
}

/** One page of a list in which the operation is looked for. */
export interface ListedPage {
  readonly type: 'listed';
  /** What each entry that matches says. */
  readonly found: readonly QueryOutcome[];
  readonly next: string | undefined;
  readonly evidence: Evidence;
}

export function readQueryAnswer(
  rules: readonly PlacedRule<QueryRule>[],
  facts: AnswerFacts,
): QueryOutcome | ListedPage {
  const placed = rules.find(({ rule }) => matches(rule.when, facts));
  if (placed === undefined) return unmapped(facts);
  const { rule, isShared } = placed;
  switch (rule.then) {
    case 'not_found':
      return { type: 'not_found', evidence: facts.evidence };
    case 'listed':
      return readList(rule, facts);
    case 'done':
    case 'pending':
    case 'rejected':
    case 'misconfigured':
    case 'not_sent':
    case 'unknown': {
      const outcome = conclude(rule, facts);
      // A shared rule tells how requests are refused; what became of the operation only a rule of its own can tell.
      if (outcome.type === 'rejected' && isShared) return unmapped(facts, 'a refusal in answer to a look-up');
      return foundOr(outcome);
    }
  }
}

export function readBalanceAnswer(
  rules: readonly PlacedRule<BalanceRule>[],
  facts: AnswerFacts,
): BalanceOutcome {
  const placed = rules.find(({ rule }) => matches(rule.when, facts));
  if (placed === undefined) return unmapped(facts);
  const { rule } = placed;
  if (rule.then !== 'balance') return concludeTrouble(rule, facts);
  const points = pointsIn(rule.points, facts.view, facts.scale);
  if (points === undefined) return { type: 'unknown', cause: 'missing_echo', evidence: facts.evidence };
  const asOf = rule.asOf === undefined ? facts.now : instantIn(rule.asOf, facts.view, facts.zone);
  return asOf === undefined
    ? unmapped(facts, 'the answer has no instant in asOf')
    : { type: 'balance', points, asOf };
}

function foundOr(outcome: Outcome): QueryOutcome {
  switch (outcome.type) {
    case 'done':
    case 'rejected':
    case 'pending':
      return { type: 'found', outcome };
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return outcome;
  }
}

function readList(rule: ListedRule, facts: AnswerFacts): QueryOutcome | ListedPage {
  const items = listIn(rule.items, facts.view);
  if (items === undefined) return unmapped(facts, 'the answer has no list in items');
  const found = items
    .map((item) => entryFacts(item, facts))
    .filter((itemFacts) => holds(rule.match, itemFacts.view, facts.variables))
    .map((itemFacts): QueryOutcome => {
      const itemRule = rule.item.find(({ when }) => matches(when, itemFacts));
      return itemRule === undefined ? unmapped(itemFacts) : foundOr(conclude(itemRule, itemFacts));
    });
  const next = rule.next === undefined ? undefined : scalarText(valueAt(rule.next, facts.view));
  const { answer: _, ...evidence } = facts.evidence;
  return { type: 'listed', found, next: next === '' ? undefined : next, evidence };
}

/** The entry by itself, in its evidence, too: a page may hold what other members did. */
export function entryFacts(item: JsonValue, facts: AnswerFacts): AnswerFacts {
  const { evidence, masker, view } = facts;
  return {
    ...facts,
    view: { body: item, headers: view.headers, isEmpty: false },
    evidence: maskEvidence({ ...evidence, answer: writeJson(item) }, masker),
  };
}

/** A body's predicate speaks of JSON, or of no body at all; a page of HTML is neither, whatever the predicate denies. */
export function matches({ statuses, body }: When, { status, view, variables }: AnswerFacts): boolean {
  if (statuses !== undefined && !statuses.some(({ from, to }) => status >= from && status <= to))
    return false;
  if (body === undefined) return true;
  return (view.body !== undefined || view.isEmpty) && holds(body, view, variables);
}

function conclude(
  rule: ItemRule | Exclude<OperationRule, { readonly then: 'see' }> | SharedRule,
  facts: AnswerFacts,
): Outcome {
  const { evidence, view, variables } = facts;
  switch (rule.then) {
    case 'done': {
      const points = rule.points === undefined ? undefined : pointsIn(rule.points, view, facts.scale);
      if (points === undefined) return { type: 'unknown', cause: 'missing_echo', evidence };
      const remoteId = remoteIdIn(rule.remoteId, view);
      const replayed = rule.replayed !== undefined && holds(rule.replayed, view, variables);
      return { type: 'done', points, remoteId, replayed, evidence: withId(facts, remoteId) };
    }
    case 'pending': {
      const remoteId = remoteIdIn(rule.remoteId, view);
      const asked = rule.pollAfter === undefined ? undefined : scalarText(valueAt(rule.pollAfter, view));
      const pollAfterMs =
        asked !== undefined && /^[1-9]\d{0,6}$/.test(asked)
          ? Math.min(Number(asked), 3_600_000)
          : rule.pollAfterMs;
      return { type: 'pending', remoteId, pollAfterMs, evidence: withId(facts, remoteId) };
    }
    case 'rejected':
    case 'misconfigured':
    case 'not_sent':
    case 'unknown':
      return concludeTrouble(rule, facts);
  }
}

export function concludeTrouble(
  rule: Extract<
    SharedRule | BalanceRule,
    { readonly then: 'rejected' | 'misconfigured' | 'not_sent' | 'unknown' }
  >,
  facts: AnswerFacts,
): Rejected | Misconfigured | NotSent | Unknown {
  const { evidence, view } = facts;
  switch (rule.then) {
    case 'rejected': {
      const { reason } = rule;
      if (typeof reason === 'string') return { type: 'rejected', reason, evidence };
      const code = scalarText(valueAt(reason.of, view));
      const meaning = code !== undefined && Object.hasOwn(reason.is, code) ? reason.is[code] : undefined;
      return meaning === undefined
        ? unmapped(facts, 'a refusal for a reason that is not described')
        : { type: 'rejected', reason: meaning, evidence };
    }
    case 'misconfigured':
      return { type: 'misconfigured', code: rule.code, evidence };
    case 'not_sent': {
      const retryAfterMs = readRetryAfterMs(view.headers['retry-after'], facts.now);
      return {
        type: 'not_sent',
        cause: 'rate_limited',
        evidence,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    }
    case 'unknown':
      return { type: 'unknown', cause: rule.cause, evidence };
  }
}

function withId({ evidence, masker }: AnswerFacts, remoteId: string | undefined): Evidence {
  return remoteId === undefined ? evidence : maskEvidence({ ...evidence, remoteId }, masker);
}

/** Nothing is done, refused or not there by default. */
export function unmapped(facts: AnswerFacts, detail?: string): Unknown {
  const { status, view, evidence } = facts;
  const cause =
    status >= 500 ? 'server_error' : view.body === undefined ? 'unreadable_answer' : 'unmapped_answer';
  return {
    type: 'unknown',
    cause,
    evidence: { ...evidence, detail: detail ?? 'no rule matches this answer' },
  };
}
