import type { Request, Response } from 'express';
import type { BalanceOutcome, CallContext, RejectionReason } from '@points-hub/adapters';
import type { Decimal } from 'decimal.js';
import { writePoints } from '../core/points.ts';
import { readQuoteRequest, type ChannelRules, type DeductionReading } from '../intake/order-request.ts';
import type { Remotes } from '../settlement/remote-call.ts';
import type { Availability, Quote, QuotedDeduction, Suffices } from './answer-schemas.ts';
import { answerJson } from './answer.ts';
import { parseBody } from './request-body.ts';
import { readTraceparent } from './request-headers.ts';

export interface QuotesOptions {
  readonly channels: ChannelRules;
  readonly remotes: Remotes;
  /** How long one call may take by the remotes' files; a quote waits `quoteMaxMs` at most. */
  readonly callTimeoutMs: { readonly portal: number; channel(id: string): number };
  readonly now: () => Date;
}

/** No call of a quote takes longer, so that one silent channel costs a shopper no more than this. */
export const quoteMaxMs = 2_000;

/** POST /v1/quotes: asks every channel and the portal at once; who does not answer in time is unknown. */
export function quotes(options: QuotesOptions): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const { userId, deductions } = readQuoteRequest(parseBody(request.body), options.channels);
    const traceparent = readTraceparent(request.headers['traceparent']);
    const quote = await quoteOf(userId, deductions, traceparent, options);
    answerJson(response, 200, JSON.stringify(quote));
  };
}

/** Never fails for a remote's sake. */
export async function quoteOf(
  userId: string,
  deductions: readonly DeductionReading[],
  traceparent: string | undefined,
  options: QuotesOptions,
): Promise<Quote> {
  const begun = options.now();
  const quoted = await Promise.all(
    deductions.map((deduction) => quoteDeduction(userId, deduction, traceparent, options)),
  );
  return {
    userId,
    suffices: whole(quoted.map(({ suffices }) => suffices)),
    asOf: oldest(quoted) ?? begun.toISOString(),
    deductions: quoted,
  };
}

async function quoteDeduction(
  userId: string,
  { channel, memberRef, points }: DeductionReading,
  traceparent: string | undefined,
  { remotes, callTimeoutMs, now }: QuotesOptions,
): Promise<QuotedDeduction> {
  const trace = traceparent === undefined ? {} : { traceparent };
  const adapter = remotes.channel(channel);
  if (adapter === undefined) throw new Error(`channel ${channel} has rules and no adapter`);
  const [balance, quota] = await Promise.all([
    ask((bounds) => adapter.balance(memberRef, { ...bounds, ...trace }), {
      deadlineMs: Math.min(callTimeoutMs.channel(channel), quoteMaxMs),
      now,
    }),
    ask((bounds) => remotes.portal.remaining(channel, { ...bounds, ...trace }), {
      deadlineMs: Math.min(callTimeoutMs.portal, quoteMaxMs),
      now,
    }),
  ]);
  const verdict = judge(points, balance, quota);
  return {
    channel,
    points: writePoints(points),
    ...(memberRef === userId ? {} : { memberRef }),
    balance: availabilityAnswer(balance),
    quota: availabilityAnswer(quota),
    ...verdict,
  };
}

type Available =
  | { readonly type: 'known'; readonly points: Decimal; readonly asOf: Date }
  | { readonly type: 'refused'; readonly reason: RejectionReason; readonly asOf: Date }
  | { readonly type: 'unknown'; readonly cause: string };

/** Asks within the bound even an adapter that forgets it, or that throws. */
async function ask(
  call: (bounds: CallContext) => Promise<BalanceOutcome>,
  { deadlineMs, now }: { readonly deadlineMs: number; readonly now: () => Date },
): Promise<Available> {
  const bound = new AbortController();
  const { promise: tooLate, resolve } = Promise.withResolvers<Available>();
  const timer = setTimeout(() => {
    resolve({ type: 'unknown', cause: 'timeout' });
    bound.abort();
  }, deadlineMs);
  try {
    const asked = call({ deadlineMs, maySend: () => !bound.signal.aborted, signal: bound.signal }).then(
      (outcome) => availableBy(outcome, now()),
      (): Available => ({ type: 'unknown', cause: 'adapter_failed' }),
    );
    return await Promise.race([asked, tooLate]);
  } catch {
    // Thrown before it became a promise.
    return { type: 'unknown', cause: 'adapter_failed' };
  } finally {
    clearTimeout(timer);
  }
}

function availableBy(outcome: BalanceOutcome, now: Date): Available {
  switch (outcome.type) {
    case 'balance':
      return { type: 'known', points: outcome.points, asOf: outcome.asOf };
    case 'rejected':
      return isFinalFor(outcome.reason)
        ? { type: 'refused', reason: outcome.reason, asOf: now }
        : { type: 'unknown', cause: outcome.reason };
    case 'unknown':
    case 'not_sent':
      return { type: 'unknown', cause: outcome.cause };
    case 'misconfigured':
      return { type: 'unknown', cause: outcome.code };
  }
}

/** Whether a refused look-up says that nothing can be spent. Any other refusal says nothing about the balance. */
function isFinalFor(reason: RejectionReason): boolean {
  switch (reason) {
    case 'member_unknown':
    case 'member_blocked':
    case 'insufficient_points':
    case 'insufficient_quota':
      return true;
    case 'limit_exceeded':
    case 'original_not_found':
    case 'already_returned':
    case 'exceeds_original':
    case 'key_voided':
    case 'hold_expired':
    case 'hold_released':
    case 'hold_confirmed':
    case 'other':
      return false;
  }
}

function judge(
  points: Decimal,
  balance: Available,
  quota: Available,
): { suffices: Suffices; reason?: string } {
  const reason =
    shortfall(balance, points, 'insufficient_points') ?? shortfall(quota, points, 'insufficient_quota');
  if (reason !== undefined) return { suffices: 'no', reason };
  return { suffices: balance.type === 'known' && quota.type === 'known' ? 'yes' : 'unknown' };
}

/** Why this does not suffice; undefined where it does or is not known. */
function shortfall(available: Available, points: Decimal, reason: RejectionReason): string | undefined {
  switch (available.type) {
    case 'known':
      return available.points.lessThan(points) ? reason : undefined;
    case 'refused':
      return available.reason;
    case 'unknown':
      return undefined;
  }
}

function availabilityAnswer(available: Available): Availability {
  switch (available.type) {
    case 'known':
      return {
        state: 'known',
        points: writePoints(available.points),
        asOf: available.asOf.toISOString(),
      };
    case 'refused':
      return { state: 'refused', reason: available.reason, asOf: available.asOf.toISOString() };
    case 'unknown':
      return { state: 'unknown', cause: available.cause };
  }
}

function whole(parts: readonly Suffices[]): Suffices {
  if (parts.includes('no')) return 'no';
  return parts.includes('unknown') ? 'unknown' : 'yes';
}

function oldest(quoted: readonly QuotedDeduction[]): string | undefined {
  const times = quoted.flatMap(({ balance, quota }) =>
    [balance, quota].flatMap((part) => (part.state === 'unknown' ? [] : [part.asOf])),
  );
  return times.toSorted()[0];
}
