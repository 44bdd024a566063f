/** A case in words: its error in a form that is equal for equal trouble, and what to do about it. */
import { directionOfAction, directions, type Direction } from '../core/action.ts';
import type { LegCaseCause } from '../core/attention.ts';
import type { CaseChange, Told } from '../core/case.ts';
import type { Deduction } from '../core/deduction.ts';
import type { Leg } from '../core/leg.ts';
import { directionOf } from '../core/operator.ts';
import { describeAnswer } from './remote-call.ts';

export type Suggestion = 'query' | 'retry' | 'resolve' | 'fix_set_up' | 'ask_engineering';

/** Begins every fingerprint, so that cases can be grouped anew when the rule changes. */
const fingerprintVersion = 'v1';

/** Groups cases: channel, operation and error. The portal is one remote for all channels. */
export function fingerprintOf(channel: string, operation: string, error: string): string {
  const remote = operation.startsWith('quota.') ? 'portal' : channel;
  return [fingerprintVersion, remote, operation, error].join(' ').slice(0, 300);
}

/** Which operation of a leg is concerned, e.g. `points.give_back`. */
export function operationOf(change: Extract<CaseChange, { readonly deduction: Deduction }>): string {
  const { leg, deduction } = change;
  const direction =
    change.type === 'held' ? directionOf(deduction[leg], deduction.goal) : directionOfCall(change.told);
  return `${leg}.${direction}`;
}

/** The direction of an operation as `operationOf` words it. */
export function directionInWords(operation: string | null): Direction {
  return directions.find((direction) => operation?.endsWith(`.${direction}`) === true) ?? 'deduct';
}

function directionOfCall({ call }: Told): Direction {
  return directionOfAction(call.action);
}

/** Cause, outcome and the remote's own code, without ids and numbers. At most 200 characters. */
export function errorOf(cause: string, told: Told | undefined, leg: Leg): string {
  const parts = told === undefined ? [cause, legInWords(leg)] : [cause, ...answerInWords(told)];
  return parts
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, 200);
}

function answerInWords({ answer }: Told): string[] {
  const { outcome, cause = '' } = describeAnswer(answer);
  const { evidence } = answer.outcome.type === 'found' ? answer.outcome.outcome : answer.outcome;
  const status = evidence.httpStatus === undefined ? '' : `HTTP ${evidence.httpStatus}`;
  return [outcome, cause, status, normalised(evidence.remoteCode ?? '')];
}

function legInWords(leg: Leg): string {
  switch (leg.state) {
    case 'in_doubt':
    case 'confirm_in_doubt':
    case 'undo_in_doubt':
      return `${leg.state} ${leg.asked}`;
    case 'refused':
    case 'confirm_refused':
    case 'undo_refused':
      return `${leg.state} ${leg.reason}`;
    case 'idle':
    case 'sent':
    case 'pending':
    case 'held':
    case 'confirm_sent':
    case 'confirm_pending':
    case 'applied':
    case 'void':
    case 'undo_sent':
    case 'undo_pending':
    case 'undone':
      return leg.state;
  }
}

/** A remote's code or words with every run of digits, and what looks like an id, made equal. */
function normalised(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '#')
    .replaceAll(/\d+/g, '#')
    .slice(0, 64);
}

/** The first thing to try. */
export function suggestionFor(cause: LegCaseCause, leg: Leg): Suggestion {
  switch (cause) {
    case 'doubt':
    case 'pending_too_long':
    case 'late_truth':
    case 'remote_away':
      return 'query';
    case 'attempts_used_up':
      return leg.state === 'idle' || leg.state === 'held' || leg.state === 'applied' ? 'retry' : 'query';
    case 'confirm_refused':
    case 'give_back_refused':
    case 'cannot_give_back':
    case 'another_amount':
      return 'resolve';
    case 'crash_loop':
      return 'ask_engineering';
  }
}
