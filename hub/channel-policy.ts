/**
 * Which channels the hub can settle safely: what a channel's file promises has to leave a way out of every doubt. A
 * hub does not start with one that does not.
 */
import type { ChannelDescription } from '@points-hub/adapters';
import { retentionShare } from './core/look-up.ts';
import { confirmMarginMs, outlives } from './core/stage.ts';
import { deadlineSeconds } from './intake/order-request.ts';
import type { GivesBack } from './core/refund.ts';
import { sendWindowMs } from './settlement/policies.ts';

export interface Unsafe {
  /** Of `capabilities`. */
  readonly field: string;
  readonly reason: string;
}

/** What a channel gives back; one without a file promises nothing but the whole. */
export function givesBackOf(channel: Pick<ChannelDescription, 'capabilities'> | undefined): GivesBack {
  if (channel?.capabilities.reversal === 'none') return 'nothing';
  return channel?.capabilities.partialRefund === true ? 'parts' : 'whole';
}

/** Everything that is unsafe about one channel; nothing if it can be settled. */
export function unsafeBy({ capabilities, limits }: ChannelDescription): Unsafe[] {
  const { idempotency, query, scan, statement, hold, notFoundFinalAfterMs, lateEffectCheckMs } = capabilities;
  /** From the first intent until "not found" begins to be proof. */
  const provableFromMs = notFoundFinalAfterMs + sendWindowMs + limits.callTimeoutMs;
  const checkedMs = provableFromMs + lateEffectCheckMs;
  const unsafe: Unsafe[] = [...unsafePairs({ capabilities })];
  if (query === 'by-key' && idempotency.kind === 'key-replays') {
    const isTooSoon = isOver(provableFromMs, idempotency.retentionMs);
    const isListed = scan !== undefined || statement !== undefined;
    // Lists do not show what is held.
    if (isTooSoon && (!isListed || hold !== undefined)) {
      unsafe.push({
        field: 'notFoundFinalAfterMs',
        reason: 'is too close to idempotency.retentionMs: "not found" would never be proof',
      });
    }
  }
  if (scan !== undefined && isOver(query === 'by-key' ? provableFromMs : checkedMs, scan.reachMs)) {
    unsafe.push({
      field: 'scan.reachMs',
      reason: `is too short for notFoundFinalAfterMs and lateEffectCheckMs: a scan would come too late`,
    });
  }
  if (statement !== undefined) {
    const periodMs = statement.period === 'day' ? dayMs : 0;
    if (isOver(checkedMs + periodMs + statement.availableAfterMs, statement.retentionMs)) {
      unsafe.push({
        field: 'statement.retentionMs',
        reason: 'is too short: a statement would be gone before it can be read as proof',
      });
    }
  }
  const shortestHoldMs = deadlineSeconds.default * 1_000 + confirmMarginMs;
  if (hold !== undefined && !outlives(hold.expiresAfterMs, deadlineSeconds.default * 1_000)) {
    unsafe.push({
      field: 'hold.expiresAfterMs',
      reason: `is under ${shortestHoldMs}: a hold has to outlive an order's deadline and its confirmation`,
    });
  }
  return unsafe;
}

/** What cannot be together, whatever the times are. */
function* unsafePairs({ capabilities }: Pick<ChannelDescription, 'capabilities'>): Generator<Unsafe> {
  const { idempotency, echo, query, scan, statement, reversal, partialRefund } = capabilities;
  const cannotBeAsked = query === 'none' && scan === undefined && statement === undefined;
  if (cannotBeAsked && idempotency.kind === 'none') {
    yield {
      field: 'query',
      reason: 'is "none" without idempotency, scan or statement: a lost answer could never be found out',
    };
  }
  if (cannotBeAsked && idempotency.kind === 'key-replays' && !idempotency.remembersRejections) {
    yield {
      field: 'query',
      reason:
        'is "none" and refusals are forgotten, without scan or statement: a refused resend would prove nothing',
    };
  }
  if (echo === 'none' && query === 'none' && scan === undefined) {
    yield {
      field: 'echo',
      reason: 'is "none" without query or scan: no success could be told from another amount in time',
    };
  }
  if (reversal === 'none' && partialRefund) {
    yield { field: 'partialRefund', reason: 'is true, and reversal is "none": nothing can be given back' };
  }
}

const dayMs = 86_400_000;

/** Whether what takes so long may come after the channel has forgotten. */
function isOver(neededMs: number, remembersMs: number | 'forever'): boolean {
  return remembersMs !== 'forever' && neededMs >= remembersMs * retentionShare;
}
