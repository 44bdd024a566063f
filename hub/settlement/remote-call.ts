import type {
  CallContext,
  ChannelAdapter,
  HoldInquiry,
  Misconfigured,
  Portal,
  Sought,
  Unknown,
} from '@points-hub/adapters';
import { directionOfAction, lookUpOfAction, type Direction } from '../core/action.ts';
import type { Attempt } from '../core/advance.ts';
import type { Answer } from '../core/deduction.ts';

/** Everything outside that a deduction's calls go to. */
export interface Remotes {
  readonly portal: Portal;
  /** Undefined for a channel that this process has no file of. */
  channel(id: string): ChannelAdapter | undefined;
}

/**
 * Makes the one remote call of an attempt. Never throws: an adapter that does has broken its contract, and what it
 * threw says nothing about what the remote did.
 */
export async function callRemote(
  remotes: Remotes,
  attempt: Attempt,
  orderId: string,
  context: CallContext,
): Promise<Answer> {
  try {
    return attempt.call.leg === 'points'
      ? await callChannel(remotes.channel(attempt.channel), attempt, orderId, context)
      : await callPortal(remotes.portal, attempt, orderId, context);
  } catch (error) {
    const detail = `the adapter threw: ${String(error)}`.slice(0, detailLengthMax);
    return answerTo(attempt.call, { type: 'unknown', cause: 'unmapped_answer', evidence: { detail } });
  }
}

const detailLengthMax = 500;

async function callChannel(
  channel: ChannelAdapter | undefined,
  attempt: Attempt,
  orderId: string,
  context: CallContext,
): Promise<Answer> {
  const { call, key, originalKey, originalRemoteId, memberRef, points } = attempt;
  if (channel === undefined) return withoutChannel(call);
  const operation = { key, orderId, memberRef, points };
  const following = () => ({ ...operation, originalKey: keyOf(originalKey), originalRemoteId });
  switch (call.action) {
    case 'deduct':
      return acted(await channel.deduct(operation, context));
    case 'hold':
      return acted(await channel.hold(operation, context));
    case 'confirm':
      return acted(await channel.confirm(following(), context));
    case 'release':
      return acted(await channel.release(following(), context));
    case 'give_back':
      return acted(await channel.refund(following(), context));
    case 'find_deduct':
    case 'find_confirm':
    case 'find_give_back': {
      const outcome = attempt.isHold
        ? await channel.findHold(inquiry(attempt, orderId), context)
        : await channel.query(key, memberRef, context);
      return { type: 'found_out', outcome };
    }
    case 'scan_deduct':
    case 'scan_give_back':
      return { type: 'found_out', outcome: await channel.scan(sought(attempt, orderId), context) };
    case 'statement_deduct':
    case 'statement_give_back':
      return { type: 'found_out', outcome: await channel.statement(sought(attempt, orderId), context) };
  }
}

function inquiry(attempt: Attempt, orderId: string): HoldInquiry {
  const { call, key, originalKey = key, originalRemoteId, memberRef, search } = attempt;
  const about = inquiries[directionOfAction(call.action)];
  return {
    about,
    key,
    originalKey,
    originalRemoteId: originalRemoteId ?? (about === 'hold' ? search?.remoteId : undefined),
    orderId,
    memberRef,
  };
}

const inquiries = {
  deduct: 'hold',
  confirm: 'confirmation',
  give_back: 'release',
} as const satisfies Record<Direction, HoldInquiry['about']>;

function sought({ call, key, memberRef, search }: Attempt, orderId: string): Sought {
  if (search === undefined) throw new Error('a look-up has to know where to look');
  const direction = directionOfAction(call.action);
  return { ...search, key, orderId, memberRef, kind: direction === 'deduct' ? 'deduction' : 'refund' };
}

async function callPortal(
  portal: Portal,
  { call, channel, key, originalKey, points }: Attempt,
  orderId: string,
  context: CallContext,
): Promise<Answer> {
  const operation = { key, orderId, channel, points };
  switch (call.action) {
    case 'deduct':
      return acted(await portal.deduct(operation, context));
    case 'give_back':
      return acted(await portal.giveBack({ ...operation, originalKey: keyOf(originalKey) }, context));
    case 'find_deduct':
    case 'find_give_back':
      return { type: 'found_out', outcome: await portal.find(key, context) };
    case 'hold':
    case 'confirm':
    case 'find_confirm':
    case 'release':
      throw new Error('the portal holds nothing');
    case 'scan_deduct':
    case 'scan_give_back':
    case 'statement_deduct':
    case 'statement_give_back':
      throw new Error('the portal is asked by key');
  }
}

/** A channel whose file was taken away still has deductions: they wait, and settle when the file is back. */
function withoutChannel(call: Attempt['call']): Answer {
  const evidence = { detail: 'this process has no file of the channel' };
  return answerTo(call, { type: 'misconfigured', code: 'not_supported', evidence });
}

function answerTo({ action }: Attempt['call'], outcome: Unknown | Misconfigured): Answer {
  return lookUpOfAction(action) === undefined ? acted(outcome) : { type: 'found_out', outcome };
}

function keyOf(originalKey: string | undefined): string {
  if (originalKey === undefined) throw new Error('giving back needs the key of what was taken');
  return originalKey;
}

function acted(outcome: Extract<Answer, { type: 'acted' }>['outcome']): Answer {
  return { type: 'acted', outcome };
}

/** The words and the evidence of an answer, for its attempt's row. */
export function describeAnswer({ outcome }: Answer): {
  outcome: string;
  cause: string | undefined;
  evidence: object;
} {
  switch (outcome.type) {
    case 'done':
    case 'pending':
    case 'not_found':
    case 'incomplete':
    case 'open':
      return { outcome: outcome.type, cause: undefined, evidence: outcome.evidence };
    case 'rejected':
      return { outcome: outcome.type, cause: outcome.reason, evidence: outcome.evidence };
    case 'unknown':
    case 'not_sent':
      return { outcome: outcome.type, cause: outcome.cause, evidence: outcome.evidence };
    case 'misconfigured':
      return { outcome: outcome.type, cause: outcome.code, evidence: outcome.evidence };
    case 'found': {
      const found = outcome.outcome;
      const cause = found.type === 'rejected' ? found.reason : undefined;
      return { outcome: `found_${found.type}`, cause, evidence: found.evidence };
    }
  }
}
