/** From a sorted answer to the outcome of what was asked: an operation, a look-up by key, an amount to spend. */
import { classifyExchange, readRemoteId, type CallFacts, type SuccessAnswer } from './classification.ts';
import type {
  Balance,
  BalanceOutcome,
  Done,
  Evidence,
  Outcome,
  Pending,
  QueryOutcome,
  Rejected,
  Unknown,
} from './contract.ts';
import type { HttpExchange } from './http/transport.ts';
import { readPoints } from './points-text.ts';

/** The fields that an answer must echo as they were sent. */
export type ExpectedEcho = Readonly<Record<string, string>> & { readonly key: string };

/** The outcome of a forward or reverse operation. */
export function classifyOperation(exchange: HttpExchange, expected: ExpectedEcho, facts: CallFacts): Outcome {
  const answer = classifyExchange(exchange, facts);
  switch (answer.type) {
    case 'success':
      return readOperation(answer, expected, facts);
    case 'not_found':
      return unmapped(answer.evidence, 'a look-up answer to an operation');
    case 'rejected':
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return answer;
  }
}

/** The outcome of a look-up. A refusal counts only as the recorded state of that key, not as an answer to the look-up. */
export function classifyQuery(
  exchange: HttpExchange,
  expected: ExpectedEcho,
  facts: CallFacts,
): QueryOutcome {
  const answer = classifyExchange(exchange, facts);
  switch (answer.type) {
    case 'success': {
      const outcome = readOperation(answer, expected, facts);
      return outcome.type === 'unknown' ? outcome : { type: 'found', outcome };
    }
    case 'rejected':
      return unmapped(answer.evidence, 'a refusal in answer to a look-up');
    case 'not_found':
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return answer;
  }
}

/** The outcome of asking what is there to spend, in the answer's `field`. */
export function classifyAvailable(exchange: HttpExchange, field: string, facts: CallFacts): BalanceOutcome {
  const answer = classifyExchange(exchange, facts);
  switch (answer.type) {
    case 'success':
      return readAvailable(answer, field);
    case 'not_found':
      return unmapped(answer.evidence, 'a look-up answer to another question');
    case 'rejected':
    case 'unknown':
    case 'not_sent':
    case 'misconfigured':
      return answer;
  }
}

/**
 * Reads an operation's record: `completed` needs its `points`, and every field of `expected` must be echoed as sent,
 * so that an answer meant for somebody else proves nothing here. A 202 is about the future: it can only say `accepted`,
 * for which the echoed key is enough, since nothing is concluded from it.
 */
function readOperation(
  answer: SuccessAnswer,
  expected: ExpectedEcho,
  facts: CallFacts,
): Done | Rejected | Pending | Unknown {
  const { status, body, evidence } = answer;
  if (status === 202 && body['status'] !== 'accepted')
    return unmapped(evidence, 'a 202 that is not accepted');
  const echoed = status === 202 ? { key: expected.key } : expected;
  const stranger = Object.entries(echoed).find(([field, value]) => body[field] !== value);
  if (stranger !== undefined)
    return unmapped(evidence, `the answer has another ${stranger[0]} than the request`);
  return readRecord(body, evidence, facts);
}

/** Reads what an operation's record says of it, whoever the record came by. */
export function readRecord(
  body: Readonly<Record<string, unknown>>,
  evidence: Evidence,
  { codes, idField }: Pick<CallFacts, 'codes' | 'idField'>,
): Done | Rejected | Pending | Unknown {
  const remoteId = readRemoteId(body[idField]);
  switch (body['status']) {
    case 'completed': {
      const points = readPoints(body['points']);
      if (points === undefined) return { type: 'unknown', cause: 'missing_echo', evidence };
      return { type: 'done', points, remoteId, replayed: body['replayed'] === true, evidence };
    }
    case 'accepted':
      return { type: 'pending', remoteId, pollAfterMs: readPollAfterMs(body['pollAfterMs']), evidence };
    case 'refused': {
      const meaning = codes.get(String(body['code']));
      if (meaning?.type !== 'rejected') return unmapped(evidence, 'refused without a known code');
      return { type: 'rejected', reason: meaning.reason, evidence };
    }
    // Not a `default` for known states: the value is the remote's, and anything else proves nothing.
    default:
      return unmapped(evidence, 'the answer has no known status');
  }
}

/** Reads what is available to spend: `field` as points, and `asOf`. */
function readAvailable(answer: SuccessAnswer, field: string): Balance | Unknown {
  const points = readPoints(answer.body[field]);
  const asOf = answer.body['asOf'];
  const asOfMs = typeof asOf === 'string' ? Date.parse(asOf) : Number.NaN;
  if (points === undefined) return { type: 'unknown', cause: 'missing_echo', evidence: answer.evidence };
  if (Number.isNaN(asOfMs)) return unmapped(answer.evidence, 'the answer has no instant in asOf');
  return { type: 'balance', points, asOf: new Date(asOfMs) };
}

/** An answer that is well formed but not what was asked for. */
function unmapped(evidence: Evidence, detail: string): Unknown {
  return { type: 'unknown', cause: 'unmapped_answer', evidence: { ...evidence, detail } };
}

const POLL_AFTER_MS_DEFAULT = 5_000;
const POLL_AFTER_MS_MAX = 3_600_000;

function readPollAfterMs(value: unknown): number {
  return typeof value === 'number' && value >= 1 && value <= POLL_AFTER_MS_MAX
    ? Math.round(value)
    : POLL_AFTER_MS_DEFAULT;
}
