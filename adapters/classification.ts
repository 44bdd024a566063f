/**
 * From one HTTP exchange to one outcome, by table. An answer counts for what it says only where the table maps its
 * code and the code came with its status; whatever is not mapped is `unknown`. Nothing is refused or done by default.
 */
import type {
  Evidence,
  Misconfigured,
  MisconfigurationCode,
  NotSent,
  Rejected,
  RejectionReason,
  Unknown,
  UnknownCause,
} from './contract.ts';
import { readRetryAfterMs } from './http/retry-after.ts';
import type { HttpAnswer, HttpExchange, HttpLost, HttpNotSent } from './http/transport.ts';
import { maskEvidence, type Masker } from './masking.ts';

/** What an error answer proves, and the one HTTP status it comes with. */
export type CodeMeaning =
  | { readonly status: number; readonly type: 'rejected'; readonly reason: RejectionReason }
  | { readonly status: number; readonly type: 'misconfigured'; readonly code: MisconfigurationCode }
  | { readonly status: number; readonly type: 'unknown'; readonly cause: UnknownCause }
  | { readonly status: number; readonly type: 'not_found' };

/** By the remote's `code`. */
export type CodeTable = ReadonlyMap<string, CodeMeaning>;

/** What the classification knows besides the exchange; the same facts give the same outcome. */
export interface CallFacts {
  readonly request: { readonly method: string; readonly path: string };
  readonly masker: Masker;
  readonly codes: CodeTable;
  /** The field of an answer that holds the remote's id. */
  readonly idField: string;
  /** For `Retry-After` as a date. */
  readonly now: Date;
}

/** An answer with status 200 or 202 and a JSON object: the caller says what must be in it. */
export interface SuccessAnswer {
  readonly type: 'success';
  readonly status: 200 | 202;
  readonly body: Readonly<Record<string, unknown>>;
  readonly evidence: Evidence;
}

/** The remote says, by its documented code, that it knows no such thing. */
export interface NotFoundAnswer {
  readonly type: 'not_found';
  readonly evidence: Evidence;
}

/** Sorts an exchange as far as that is possible without knowing what was asked for. */
export function classifyExchange(
  exchange: HttpExchange,
  facts: CallFacts,
): SuccessAnswer | NotFoundAnswer | Rejected | Unknown | NotSent | Misconfigured {
  switch (exchange.type) {
    case 'not_sent':
    case 'lost':
      return classifyTrouble(exchange, facts);
    case 'answer':
      return classifyAnswer(exchange, facts);
  }
}

/** An exchange without an answer: certainly not sent, or in doubt. */
export function classifyTrouble(
  trouble: HttpNotSent | HttpLost,
  { request, masker }: Pick<CallFacts, 'request' | 'masker'>,
): NotSent | Unknown {
  const { detail, elapsedMs } = trouble;
  switch (trouble.type) {
    case 'not_sent':
      return {
        type: 'not_sent',
        cause: trouble.cause,
        evidence: maskEvidence({ request, detail, elapsedMs }, masker),
      };
    case 'lost': {
      const httpStatus = trouble.status === undefined ? {} : { httpStatus: trouble.status };
      const evidence = maskEvidence({ request, detail, elapsedMs, ...httpStatus }, masker);
      return { type: 'unknown', cause: causeOfLoss(trouble.cause), evidence };
    }
  }
}

function classifyAnswer(
  answer: HttpAnswer,
  facts: CallFacts,
): SuccessAnswer | NotFoundAnswer | Rejected | Unknown | NotSent | Misconfigured {
  const body = readObject(answer.body);
  const evidence = evidenceOf(answer, facts, body);
  // The statuses that mean the same whatever the body says, and whoever on the way said it.
  if (answer.status === 429) {
    const retryAfterMs = readRetryAfterMs(answer.headers['retry-after'], facts.now);
    return {
      type: 'not_sent',
      cause: 'rate_limited',
      evidence,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  if (answer.status === 401) return { type: 'misconfigured', code: 'authentication', evidence };
  if (answer.status >= 500) return { type: 'unknown', cause: 'server_error', evidence };
  if (body === undefined) return { type: 'unknown', cause: 'unreadable_answer', evidence };
  if (answer.status === 200 || answer.status === 202)
    return { type: 'success', status: answer.status, body, evidence };

  const meaning = facts.codes.get(String(body['code']));
  if (meaning === undefined || meaning.status !== answer.status) {
    return { type: 'unknown', cause: 'unmapped_answer', evidence };
  }
  switch (meaning.type) {
    case 'rejected':
      return { type: 'rejected', reason: meaning.reason, evidence };
    case 'misconfigured':
      return { type: 'misconfigured', code: meaning.code, evidence };
    case 'unknown':
      return { type: 'unknown', cause: meaning.cause, evidence };
    case 'not_found':
      return { type: 'not_found', evidence };
  }
}

function causeOfLoss(cause: HttpLost['cause']): UnknownCause {
  switch (cause) {
    case 'timeout':
    case 'connection_lost':
      return cause;
    case 'too_large':
      return 'unreadable_answer';
  }
}

function evidenceOf(
  answer: HttpAnswer,
  { request, masker, idField }: CallFacts,
  body?: Readonly<Record<string, unknown>>,
): Evidence {
  const code = body?.['code'];
  const id = readRemoteId(body?.[idField]);
  return maskEvidence(
    {
      httpStatus: answer.status,
      ...(typeof code === 'string' ? { remoteCode: code } : {}),
      ...(id === undefined ? {} : { remoteId: id }),
      request,
      answer: answer.body,
      elapsedMs: answer.elapsedMs,
    },
    masker,
  );
}

/** JSON text as an object; undefined for anything else. */
export function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The remote's id as it can be stored and shown: 1 to 128 characters of printable ASCII. */
export function readRemoteId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x20-\x7e]{1,128}$/.test(value) ? value : undefined;
}
