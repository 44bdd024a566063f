import type { CallContext, ChannelAdapter, Portal } from '@points-hub/adapters';
import type { Attempt } from '../core/advance.ts';
import type { Answer } from '../core/deduction.ts';

/** Everything outside that a deduction's calls go to. */
export interface Remotes {
  readonly portal: Portal;
  channel(id: string): ChannelAdapter;
}

/** Makes the one remote call of an attempt. */
export async function callRemote(
  remotes: Remotes,
  attempt: Attempt,
  orderId: string,
  context: CallContext,
): Promise<Answer> {
  const { call, channel, key, points, memberRef } = attempt;
  const toChannel = call.leg === 'points';
  switch (call.action) {
    case 'deduct':
      return acted(
        toChannel
          ? await remotes.channel(channel).deduct({ key, orderId, memberRef, points }, context)
          : await remotes.portal.deduct({ key, orderId, channel, points }, context),
      );
    case 'give_back': {
      const { originalKey, originalRemoteId } = attempt;
      if (originalKey === undefined) throw new Error('giving back needs the key of what was taken');
      return acted(
        toChannel
          ? await remotes
              .channel(channel)
              .refund({ key, orderId, memberRef, points, originalKey, originalRemoteId }, context)
          : await remotes.portal.giveBack({ key, orderId, channel, points, originalKey }, context),
      );
    }
    case 'find_deduct':
    case 'find_give_back':
      return {
        type: 'found_out',
        outcome: toChannel
          ? await remotes.channel(channel).query(key, memberRef, context)
          : await remotes.portal.find(key, context),
      };
  }
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
