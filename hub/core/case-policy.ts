/** When a deduction stops trying and waits for a person: one small function from (limits, facts) to a named action. */
import type { CaseLimits, LegCaseCause } from './attention.ts';
import type { Leg } from './leg.ts';
import type { Step } from './next-step.ts';

export interface CaseFacts {
  /** What would be next if there were no pause. */
  readonly step: Step;
  /** The leg whose turn it is. */
  readonly leg: Leg;
  readonly failures: number;
  /** The remote refuses our set-up: one case for all who wait for it, and none of their own. */
  readonly isMisconfigured: boolean;
  /** When an operator last granted a fresh budget. */
  readonly retriedAt: Date | undefined;
  readonly now: Date;
}

export type CaseAction =
  | { readonly type: 'go_on' }
  /** Nothing can be asked; the remote may still report by itself until then. */
  | { readonly type: 'wait'; readonly until: Date }
  | { readonly type: 'hold'; readonly cause: LegCaseCause };

const goOn: CaseAction = { type: 'go_on' };

export function caseAction(limits: CaseLimits, facts: CaseFacts): CaseAction {
  switch (facts.step.type) {
    case 'rest':
    case 'wait':
      return goOn;
    case 'call': {
      if (facts.failures >= limits.failuresMax && !facts.isMisconfigured) return hold('attempts_used_up');
      const until = pendingUntil(limits, facts);
      return until !== undefined && facts.now >= until ? hold('pending_too_long') : goOn;
    }
    case 'stuck': {
      const until = pendingUntil(limits, facts);
      if (until !== undefined) {
        return facts.now >= until ? hold('pending_too_long') : { type: 'wait', until };
      }
      return hold(causeOf(facts.leg));
    }
  }
}

/** Until when a pending leg is waited for; undefined for any other. */
function pendingUntil({ pendingMaxMs }: CaseLimits, { leg, retriedAt }: CaseFacts): Date | undefined {
  if (leg.state !== 'pending' && leg.state !== 'confirm_pending' && leg.state !== 'undo_pending')
    return undefined;
  const since = Math.max(leg.firstSentAt.getTime(), retriedAt?.getTime() ?? 0);
  return new Date(since + pendingMaxMs);
}

function causeOf(leg: Leg): LegCaseCause {
  if (leg.state === 'applied') return 'cannot_give_back';
  if (leg.state !== 'undo_refused' && leg.state !== 'confirm_refused') return 'doubt';
  if (leg.reason === 'another_amount') return 'another_amount';
  return leg.state === 'undo_refused' ? 'give_back_refused' : 'confirm_refused';
}

function hold(cause: LegCaseCause): CaseAction {
  return { type: 'hold', cause };
}

/**
 * Whether what happened to a leg settles the case about it. A try that came to nothing does not, and late truth is
 * for a person to judge.
 */
export function hasMovedOn(cause: LegCaseCause, before: Leg, after: Leg): boolean {
  if (cause === 'late_truth' || before.state === after.state) return false;
  const isAboutDoubt = cause === 'doubt' || cause === 'remote_away';
  switch (after.state) {
    case 'refused':
    case 'void':
    case 'undone':
      return true;
    case 'applied':
      return isForward(before) || isConfirming(before) || (before.state === 'undo_in_doubt' && isAboutDoubt);
    case 'held':
      if (isForward(before)) return true;
      return (before.state === 'confirm_in_doubt' || before.state === 'undo_in_doubt') && isAboutDoubt;
    case 'idle':
      return before.state === 'in_doubt' && isAboutDoubt;
    case 'pending':
    case 'confirm_pending':
    case 'undo_pending':
      return true;
    case 'sent':
    case 'in_doubt':
    case 'confirm_sent':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'undo_sent':
    case 'undo_in_doubt':
    case 'undo_refused':
      return false;
  }
}

function isConfirming({ state }: Leg): boolean {
  return state === 'held' || state.startsWith('confirm_');
}

function isForward({ state }: Leg): boolean {
  return state === 'idle' || state === 'sent' || state === 'pending' || state === 'in_doubt';
}
