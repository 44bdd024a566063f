import type { Decimal } from 'decimal.js';

import type { Capabilities } from '../capabilities.ts';
import type {
  BalanceOutcome,
  CallContext,
  ChannelAdapter,
  HoldInquiry,
  HoldOperation,
  Misconfigured,
  NotSent,
  Operation,
  Outcome,
  QueryOutcome,
  ReverseOperation,
  ScanOutcome,
  Sought,
  StatementOutcome,
  Unknown,
} from '../contract.ts';
import { parseJson, scalarText } from '../lossless-json.ts';
import { maskEvidence } from '../masking.ts';
import { assertKey, refusalOf } from '../remote-call.ts';
import {
  placeRules,
  readBalanceAnswer,
  readOperationAnswer,
  readQueryAnswer,
  type AnswerFacts,
  type ListedPage,
} from './answer-reading.ts';
import { CLOCK_SKEW_DEFAULT_MS, readStatement, scanForOperation, type ReadPage } from '../look-ups/search.ts';
import { readPageAnswer } from './list-reading.ts';
import type { DeclarativeFields } from './operation-schema.ts';
import { valueAt, type AnswerView } from './path.ts';
import type { RemoteDoor } from './remote-door.ts';
import { buildRequest } from './request-building.ts';
import { requestVariables, type RequestTemplate } from './request-schema.ts';
import { RenderingError, type Variables } from './template.ts';

/** What one declarative channel needs; it takes the door over and closes it. */
export interface DeclarativeChannelOptions {
  readonly channel: string;
  readonly scale: number;
  readonly terms: Pick<Capabilities, 'echo' | 'scan' | 'statement' | 'hold' | 'clockSkewMs'>;
  readonly description: DeclarativeFields;
  /** `values` of the description, with what the environment holds in its place. */
  readonly values: Readonly<Record<string, string>>;
  readonly door: RemoteDoor;
}

/** A longer list is not read to its end, so what is not on these pages is not known to be absent. */
const PAGES_MAX = 20;

type CallEnd = { readonly type: 'facts'; readonly facts: AnswerFacts } | Unknown | NotSent | Misconfigured;

/**
 * The adapter for a channel that its description describes to the end. `docs/describe-a-channel.md` says how.
 *
 * @throws TypeError from a call whose key is not one; never for anything the remote or the network does.
 */
export class DeclarativeChannel implements ChannelAdapter {
  readonly channel: string;
  readonly #options: DeclarativeChannelOptions;

  constructor(options: DeclarativeChannelOptions) {
    this.channel = options.channel;
    this.#options = options;
  }

  async balance(memberRef: string, context: CallContext): Promise<BalanceOutcome> {
    const { operations, answers } = this.#options.description;
    if (operations.balance === undefined) return notDescribed('balance');
    const ended = await this.#call(operations.balance.request, { memberRef }, context);
    if (ended.type !== 'facts') return ended;
    return readBalanceAnswer(placeRules(operations.balance.answers, answers), ended.facts);
  }

  async deduct(operation: Operation, context: CallContext): Promise<Outcome> {
    const { key, orderId, memberRef, points } = operation;
    assertKey(key);
    const { deduct } = this.#options.description.operations;
    return this.#operate(deduct, { key, orderId, memberRef, points }, context);
  }

  refund(operation: ReverseOperation, context: CallContext): Promise<Outcome> {
    return this.#follow('refund', operation, context);
  }

  async hold(operation: Operation, context: CallContext): Promise<Outcome> {
    const { key, orderId, memberRef, points } = operation;
    assertKey(key);
    const { hold: terms } = this.#options.terms;
    const { hold } = this.#options.description.operations;
    if (hold === undefined || terms === undefined) return notDescribed('hold');
    const { expiresAfterMs } = terms;
    const variables = {
      key,
      orderId,
      memberRef,
      points,
      expiresAfterMs: String(expiresAfterMs),
      expiresAfterSeconds: String(Math.ceil(expiresAfterMs / 1_000)),
      expiresAt: new Date(Date.now() + expiresAfterMs),
    };
    return this.#operate(hold, variables, context);
  }

  confirm(operation: HoldOperation, context: CallContext): Promise<Outcome> {
    return this.#follow('confirm', operation, context);
  }

  release(operation: HoldOperation, context: CallContext): Promise<Outcome> {
    return this.#follow('release', operation, context);
  }

  async findHold(asked: HoldInquiry, context: CallContext): Promise<QueryOutcome> {
    assertKey(asked.key);
    assertKey(asked.originalKey);
    return this.#find('queryHold', { ...asked }, context);
  }

  query(key: string, memberRef: string, context: CallContext): Promise<QueryOutcome> {
    assertKey(key);
    return this.#find('query', { key, memberRef }, context);
  }

  async scan(sought: Sought, context: CallContext): Promise<ScanOutcome> {
    assertKey(sought.key);
    const { scan, clockSkewMs = CLOCK_SKEW_DEFAULT_MS } = this.#options.terms;
    const described = this.#options.description.operations.scan;
    if (scan === undefined || described === undefined) return notDescribed('scan');
    const pages = this.#pages(described, scan.pageSize, { memberRef: sought.memberRef });
    // A list that begins where the window does is read whole, in whatever order it is.
    const isBounded = requestVariables(described.request).includes('from');
    return scanForOperation(pages, sought, { scan, clockSkewMs, isBounded }, context);
  }

  async statement(sought: Sought, context: CallContext): Promise<StatementOutcome> {
    assertKey(sought.key);
    const { statement, clockSkewMs = CLOCK_SKEW_DEFAULT_MS } = this.#options.terms;
    const described = this.#options.description.operations.statement;
    if (statement === undefined || described === undefined) return notDescribed('statement');
    const pages = this.#pages(described, statement.pageSize, {});
    return readStatement(pages, sought, { statement, clockSkewMs }, context);
  }

  close(): Promise<void> {
    return this.#options.door.close();
  }

  /** What refers to an earlier operation. */
  async #follow(
    name: 'refund' | 'confirm' | 'release',
    { key, originalKey, originalRemoteId, orderId, memberRef, points }: ReverseOperation,
    context: CallContext,
  ): Promise<Outcome> {
    assertKey(key);
    assertKey(originalKey);
    const described = this.#options.description.operations[name];
    if (described === undefined) return notDescribed(name);
    const variables = { key, originalKey, originalRemoteId, orderId, memberRef, points };
    return this.#operate(described, variables, context);
  }

  /** Reads a look-up by key, over as many pages as the list has that it may be in. */
  async #find(name: 'query' | 'queryHold', about: Variables, context: CallContext): Promise<QueryOutcome> {
    const { operations, answers } = this.#options.description;
    const { [name]: query } = operations;
    if (query === undefined) return notDescribed(name);
    const rules = placeRules(query.answers, answers);
    const startedAtMs = performance.now();
    const found: QueryOutcome[] = [];
    let cursor: string | undefined;
    for (let page = 1; ; page += 1) {
      const deadlineMs = Math.max(1, Math.floor(context.deadlineMs - (performance.now() - startedAtMs)));
      const ended = await this.#call(query.request, { ...about, cursor }, { ...context, deadlineMs });
      if (ended.type !== 'facts') return ended;
      const read = readQueryAnswer(rules, ended.facts);
      if (read.type !== 'listed') return page === 1 ? read : insidePages(read, ended.facts);
      found.push(...read.found);
      if (read.next === undefined) return onlyOne(found, read);
      if (read.next === cursor || page === PAGES_MAX) return doubt(read, 'the list is longer than is read');
      cursor = read.next;
    }
  }

  async #operate(
    operation: NonNullable<DeclarativeFields['operations']['refund']>,
    variables: Variables & { readonly points: Decimal },
    context: CallContext,
  ): Promise<Outcome> {
    const refusal = refusalOf(variables.points);
    if (refusal !== undefined) return refusal;
    const ended = await this.#call(operation.request, variables, context);
    if (ended.type !== 'facts') return ended;
    const { answers } = this.#options.description;
    return this.#asEchoed(readOperationAnswer(placeRules(operation.answers, answers), ended.facts));
  }

  #pages(
    { request, answers }: NonNullable<DeclarativeFields['operations']['scan']>,
    pageSize: number,
    about: Variables,
  ): ReadPage {
    const rules = placeRules(answers, this.#options.description.answers);
    const isCounted = requestVariables(request).some((name) => name === 'skip' || name === 'page');
    return async (start, { fromMs, toMs }, context) => {
      const asked = {
        ...about,
        from: new Date(fromMs),
        to: new Date(toMs),
        pageSize: String(pageSize),
        cursor: start.cursor,
        skip: String(start.linesRead),
        page: String(start.number),
      };
      const ended = await this.#call(request, asked, context);
      if (ended.type !== 'facts') return ended;
      return readPageAnswer(rules, ended.facts, { start, pageSize, isCounted });
    };
  }

  /** Where no success proves an amount, points that stand in one all the same may be those that were asked for. */
  #asEchoed(outcome: Outcome): Outcome {
    if (this.#options.terms.echo === 'points' || outcome.type !== 'done') return outcome;
    return { type: 'unknown', cause: 'missing_echo', evidence: outcome.evidence };
  }

  async #call(template: RequestTemplate, about: Variables, context: CallContext): Promise<CallEnd> {
    const { description, door, scale, values } = this.#options;
    const { zone } = description;
    const now = new Date();
    // A name of two parts is as personal in each of them.
    const member = about['memberRef'];
    const personal = typeof member === 'string' ? [member, ...member.split('/')] : [];
    const request = { method: template.method, path: template.path.shown };
    const configured = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`values.${name}`, value]),
    );
    const variables = { ...configured, ...about, now, traceparent: context.traceparent };
    try {
      const draft = buildRequest(template, { variables, scale, zone });
      const ended = await door.send(draft, { shown: request.path, personal }, context);
      if (ended.type !== 'answered') return ended;
      const { answer, masker } = ended;
      const view: AnswerView = {
        body: parseJson(answer.body),
        headers: answer.headers,
        isEmpty: answer.body === '',
      };
      const code = description.remoteCode && scalarText(valueAt(description.remoteCode, view));
      const evidence = maskEvidence(
        {
          httpStatus: answer.status,
          ...(code === undefined ? {} : { remoteCode: code }),
          request,
          answer: answer.body,
          elapsedMs: answer.elapsedMs,
        },
        masker,
      );
      const texts = Object.fromEntries(
        Object.entries(about).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
      ) as Record<string, string>;
      const facts = {
        status: answer.status,
        view,
        variables: texts,
        evidence,
        masker,
        scale,
        zone,
        now: new Date(),
      };
      return { type: 'facts', facts };
    } catch (error) {
      if (!(error instanceof RenderingError)) throw error;
      const evidence = maskEvidence({ request, detail: error.message }, door.masker(personal));
      return { type: 'misconfigured', code: 'refused_request', evidence };
    }
  }
}

/** The description does not say how, so nothing is sent. */
function notDescribed(operation: string): Misconfigured {
  return {
    type: 'misconfigured',
    code: 'not_supported',
    evidence: { detail: `${operation} is not described` },
  };
}

/** On a later page only trouble is an answer; anything else would be an answer to another question. */
function insidePages(read: QueryOutcome, { evidence }: AnswerFacts): QueryOutcome {
  switch (read.type) {
    case 'found':
    case 'not_found':
      return doubt({ evidence }, 'the list ended in an answer that is no list');
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return read;
  }
}

function onlyOne(found: readonly QueryOutcome[], { evidence }: ListedPage): QueryOutcome {
  const [first, second] = found;
  if (first === undefined) return { type: 'not_found', evidence };
  return second === undefined ? first : doubt({ evidence }, 'the list has the operation more than once');
}

function doubt({ evidence }: { readonly evidence: Unknown['evidence'] }, detail: string): Unknown {
  return { type: 'unknown', cause: 'unmapped_answer', evidence: { ...evidence, detail } };
}
