/** What a person's request to move points or to state a truth comes to, given the order as it is. */
import type { Decimal } from 'decimal.js';
import type { Direction } from './action.ts';
import type { LegCaseCause } from './attention.ts';
import type { Truth } from './case.ts';
import { isHeldFirst, type Action, type Deduction } from './deduction.ts';
import type { Finding } from './evidence.ts';
import type { Leg, LegName } from './leg.ts';
import { directionOf } from './operator.ts';
import type { Settlement } from './order.ts';
import { Points, writePoints } from './points.ts';
import { isCorrectionId, type GivesBack } from './refund.ts';

export type CompensationKind =
  /** The hub gives back points, or quota, of an order that has settled, or what late truth showed to be in effect. */
  | 'refund_points'
  | 'return_quota'
  /** Outside the system the leg came to be in effect, or came not to be: the hub only takes note. */
  | 'mark_done'
  | 'mark_undone';

export interface CompensationAsk {
  readonly deductionId: string;
  readonly leg: LegName;
  readonly kind: CompensationKind;
  /** Undefined for a mark: as many as were asked for, or taken. */
  readonly points: Decimal | undefined;
  readonly remoteId: string | undefined;
}

/** The case that the request is about. */
export interface AboutCase {
  readonly cause: LegCaseCause;
  /** Of the operation that it is about. */
  readonly direction: Direction;
  /** At stake: what contradicting evidence showed. */
  readonly points: Decimal;
}

export type CompensationPlan =
  | { readonly type: 'give_back'; readonly points: Decimal; readonly remoteId: string | undefined }
  /** `late`: about an effect that contradicts the leg, in this direction. */
  | {
      readonly type: 'state';
      readonly truth: Truth;
      readonly late: Direction | undefined;
      readonly points: Decimal;
    }
  | { readonly type: 'exceeds'; readonly left: Decimal }
  | { readonly type: 'refused'; readonly reason: string };

/** The caller holds the order's lock, so that what is left is what is left. */
export function planCompensation(
  settlement: Settlement,
  ask: CompensationAsk,
  about: AboutCase | undefined,
  givesBack: (channel: string) => GivesBack,
): CompensationPlan {
  const deduction = settlement.deductions.find(({ id }) => id === ask.deductionId);
  if (deduction === undefined) return refused('there is no such deduction');
  const late = about?.cause === 'late_truth' ? about : undefined;
  switch (ask.kind) {
    case 'mark_done':
    case 'mark_undone':
      if (about === undefined) return refused('the truth of a leg is stated about a case');
      return planMark(deduction, ask, ask.kind, late);
    case 'refund_points':
    case 'return_quota': {
      const { points = new Points(0), remoteId } = ask;
      if (late?.direction === 'give_back')
        return refused('the case is about what was given back: no more has to go back');
      if (late !== undefined) {
        const truth = { tookEffect: true, points, remoteId } as const;
        return points.greaterThan(late.points)
          ? { type: 'exceeds', left: late.points }
          : { type: 'state', truth, late: late.direction, points };
      }
      return planGiveBack(settlement, deduction, ask.leg, points, givesBack);
    }
  }
}

function planGiveBack(
  settlement: Settlement,
  deduction: Deduction,
  name: LegName,
  points: Decimal,
  givesBack: (channel: string) => GivesBack,
): CompensationPlan {
  if (deduction.refund !== undefined) return refused('a refund is not refunded');
  if (settlement.order.status !== 'settled') {
    return refused('only a settled order is refunded: any other gives back what it took by itself');
  }
  const leg = deduction[name];
  const left = leftOf(settlement, deduction, name);
  if (points.greaterThan(left)) return { type: 'exceeds', left };
  const back = name === 'points' ? givesBack(deduction.channel) : 'parts';
  if (back === 'nothing') return refused('this channel gives nothing back');
  if (back === 'whole' && !points.equals(deduction.asked)) {
    return refused(`this channel gives back only the whole, ${writePoints(deduction.asked)}`);
  }
  return { type: 'give_back', points, remoteId: leg.state === 'applied' ? leg.remoteId : undefined };
}

/**
 * What was taken minus all that was or is to be given back of it, whatever became of that. Corrections give back what
 * was in effect beside it.
 */
function leftOf({ deductions }: Settlement, original: Deduction, name: LegName): Decimal {
  const leg = original[name];
  const taken = leg.state === 'applied' ? leg.points : new Points(0);
  return deductions
    .filter(
      ({ refund, channel }) =>
        refund !== undefined && channel === original.channel && !isCorrectionId(refund.refundId),
    )
    .reduce((left, line) => left.minus(givenBackBy(line[name], line.asked)), taken);
}

function givenBackBy(leg: Leg, asked: Decimal): Decimal {
  switch (leg.state) {
    case 'void':
    case 'refused':
      return new Points(0);
    case 'held':
    case 'applied':
    case 'undone':
      return leg.points;
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
      return leg.taken.points;
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return leg.taken?.points ?? asked;
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
      return asked;
  }
}

/** @param late the case, where it is about late truth */
function planMark(
  deduction: Deduction,
  { leg: name, points, remoteId }: CompensationAsk,
  kind: 'mark_done' | 'mark_undone',
  late: AboutCase | undefined,
): CompensationPlan {
  const leg = deduction[name];
  const direction = late?.direction ?? directionOf(leg, deduction.goal);
  const isForward = direction !== 'give_back';
  const lateEffect = late !== undefined && isForward ? late.points : undefined;
  const usual = lateEffect ?? (direction === 'deduct' ? deduction.asked : takenBy(leg)) ?? deduction.asked;
  const stated = points ?? usual;
  const tookEffect = isForward === (kind === 'mark_done');
  // More than was asked for is given back only where the remote's own answer shows it.
  if (tookEffect && stated.greaterThan(usual)) return { type: 'exceeds', left: usual };
  const truth: Truth = tookEffect ? { tookEffect, points: stated, remoteId } : { tookEffect };
  return { type: 'state', truth, late: late?.direction, points: tookEffect ? stated : usual };
}

function takenBy(leg: Leg): Decimal | undefined {
  if (leg.state === 'applied' || leg.state === 'held') return leg.points;
  return 'taken' in leg ? leg.taken?.points : undefined;
}

function refused(reason: string): CompensationPlan {
  return { type: 'refused', reason };
}

/** What to ask the remote once a compensation has taken effect, and what it should answer. */
export type Verification =
  /** The leg is still on its way. */
  | { readonly type: 'wait' }
  | {
      readonly type: 'ask';
      readonly action: Extract<Action, 'find_deduct' | 'find_confirm' | 'find_give_back'>;
      /** Undefined: nothing. */
      readonly expected: Decimal | undefined;
      /** Whether a remote that knows nothing of it is as it should be: by hand it was done under no key of ours. */
      readonly isByHand: boolean;
    };

/** @param isLine whether the leg is that of a refund that the compensation made */
export function verificationOf(deduction: Deduction, name: LegName, isLine: boolean): Verification {
  const { goal, [name]: leg } = deduction;
  switch (leg.state) {
    case 'applied':
      if (goal === 'undo') return { type: 'wait' };
      return {
        type: 'ask',
        action: isHeldFirst(deduction, name) ? 'find_confirm' : 'find_deduct',
        expected: leg.points,
        isByHand: false,
      };
    case 'void':
    case 'refused':
      return { type: 'ask', action: 'find_deduct', expected: undefined, isByHand: false };
    case 'undone':
      return { type: 'ask', action: 'find_give_back', expected: leg.points, isByHand: !isLine };
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'held':
    case 'confirm_sent':
    case 'confirm_pending':
    case 'confirm_in_doubt':
    case 'confirm_refused':
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return { type: 'wait' };
  }
}

export type Verdict = 'confirmed' | 'contradicted' | 'unconfirmed' | 'ask_again';

export function verdictOf(
  { expected, isByHand }: Extract<Verification, { type: 'ask' }>,
  finding: Finding,
): Verdict {
  switch (finding.type) {
    case 'nothing':
      return 'ask_again';
    case 'done':
      return expected?.equals(finding.points) === true ? 'confirmed' : 'contradicted';
    case 'absent':
      if (expected === undefined) return 'confirmed';
      return isByHand ? 'unconfirmed' : 'contradicted';
  }
}
