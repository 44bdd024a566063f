/** When a deduction stops trying and waits for a person: one small function from (limits, facts) to a named action. */
import { stuckLookMs, type CaseLimits, type LegCaseCause } from './attention.ts';
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
      const untilMs = pendingUntilMs(limits, facts);
      return untilMs !== undefined && facts.now.getTime() >= untilMs ? hold('pending_too_long') : goOn;
    }
    case 'stuck': {
      const untilMs = pendingUntilMs(limits, facts);
      if (untilMs === undefined) return hold(causeOf(facts.leg));
      const nowMs = facts.now.getTime();
      if (nowMs >= untilMs) return hold('pending_too_long');
      // Whoever waits without a limit, for a channel's file to be back, is looked at meanwhile.
      return { type: 'wait', until: new Date(untilMs === Infinity ? nowMs + stuckLookMs : untilMs) };
    }
  }
}

/** Until when a pending leg is waited for, perhaps Infinity; undefined for any other. */
function pendingUntilMs({ pendingMaxMs }: CaseLimits, { leg, retriedAt }: CaseFacts): number | undefined {
  if (leg.state !== 'pending' && leg.state !== 'confirm_pending' && leg.state !== 'undo_pending')
    return undefined;
  const since = Math.max(leg.firstSentAt.getTime(), retriedAt?.getTime() ?? 0);
  return since + pendingMaxMs;
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
