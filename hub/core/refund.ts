/**
 * Refunds after settlement. A refund line is a deduction of its own with the goal undo, whose legs stand where the
 * settled deduction's stand, with the points that go back: so everything that holds for undoing holds for it.
 */
import type { Decimal } from 'decimal.js';
import type { Deduction } from './deduction.ts';
import { isClear } from './leg.ts';
import type { Settlement } from './order.ts';
import { Points } from './points.ts';

/** The id of the refund that gives back what a case found to be in effect beside a closed leg. */
export function correctionIdOf(caseId: string): string {
  return `correction of case ${caseId}`;
}

export function isCorrectionId(refundId: string): boolean {
  return /^correction of case \d+$/.test(refundId);
}

/** The id of the refund that a compensation makes. */
export function compensationRefundIdOf(compensationId: string): string {
  return `compensation ${compensationId}`;
}

/** Whether a refund id has the form of the hub's own; malls may not use it. */
export function isReservedRefundId(refundId: string): boolean {
  return isCorrectionId(refundId) || /^compensation \d+$/.test(refundId);
}

/** What is asked to be given back of one deduction; undefined points: whatever is left. */
export interface RefundAsk {
  readonly channel: string;
  readonly points: Decimal | undefined;
}

/** What will be given back of one deduction. */
export interface RefundLine {
  readonly original: Deduction;
  readonly points: Decimal;
}

/** Why an ask cannot be met; `index` is its place in the request, undefined for the request as a whole. */
export type RefundRefusal =
  | { readonly code: 'not_settled'; readonly index: undefined }
  | { readonly code: 'nothing_left'; readonly index: number | undefined }
  | { readonly code: 'not_in_order'; readonly index: number }
  | { readonly code: 'exceeds'; readonly index: number; readonly left: Decimal }
  | { readonly code: 'whole_only'; readonly index: number; readonly whole: Decimal }
  | { readonly code: 'nothing_back'; readonly index: number | undefined };

/** What a channel gives back: any part of what it took, only the whole, or nothing. */
export type GivesBack = 'parts' | 'whole' | 'nothing';

export type RefundPlan =
  | { readonly type: 'planned'; readonly lines: readonly RefundLine[] }
  | { readonly type: 'refused'; readonly refusals: readonly RefundRefusal[] };

/**
 * What a refund comes to, given the order as it is now. The caller holds the order's lock, so the sum of all refunds,
 * those in doubt and those refused by a remote included, never exceeds what was deducted.
 *
 * @param asks undefined: everything that is left of every deduction
 * @param givesBack what a channel gives back
 */
export function planRefund(
  settlement: Settlement,
  asks: readonly RefundAsk[] | undefined,
  givesBack: (channel: string) => GivesBack,
): RefundPlan {
  if (settlement.order.status !== 'settled') return refused([{ code: 'not_settled', index: undefined }]);
  const originals = settlement.deductions.filter(({ refund }) => refund === undefined);
  const left = (original: Deduction): Decimal =>
    original.asked.minus(askedBack(settlement, original.channel));

  if (asks === undefined) {
    const lines = originals
      .map((original): RefundLine => ({ original, points: left(original) }))
      .filter(({ points }) => points.greaterThan(0));
    if (lines.length === 0) return refused([{ code: 'nothing_left', index: undefined }]);
    return lines.some(({ original }) => givesBack(original.channel) === 'nothing')
      ? refused([{ code: 'nothing_back', index: undefined }])
      : { type: 'planned', lines };
  }
  const refusals: RefundRefusal[] = [];
  const lines = asks.flatMap(({ channel, points: wanted }, index): RefundLine[] => {
    const original = originals.find((deduction) => deduction.channel === channel);
    const refuse = (refusal: RefundRefusal): [] => {
      refusals.push(refusal);
      return [];
    };
    if (original === undefined) return refuse({ code: 'not_in_order', index });
    if (givesBack(channel) === 'nothing') return refuse({ code: 'nothing_back', index });
    const rest = left(original);
    if (rest.isZero()) return refuse({ code: 'nothing_left', index });
    const points = wanted ?? rest;
    if (points.greaterThan(rest)) return refuse({ code: 'exceeds', index, left: rest });
    if (!points.equals(original.asked) && givesBack(channel) === 'whole') {
      return refuse({ code: 'whole_only', index, whole: original.asked });
    }
    return [{ original, points }];
  });
  return refusals.length > 0 ? refused(refusals) : { type: 'planned', lines };
}

/**
 * Points of all refund lines of a channel in this order, whatever became of them. Corrections give back what was in
 * effect beside the deduction, so they take nothing off its rest.
 */
function askedBack({ deductions }: Settlement, channel: string): Decimal {
  return deductions
    .filter(
      ({ refund, channel: of }) => refund !== undefined && of === channel && !isCorrectionId(refund.refundId),
    )
    .reduce((sum, { asked }) => sum.plus(asked), new Points(0));
}

function refused(refusals: readonly RefundRefusal[]): RefundPlan {
  return { type: 'refused', refusals };
}

/** One refund whose last line was proven given back by what happened from `before` to `after`. */
export interface EndedRefund {
  readonly refundId: string;
  readonly lines: readonly { readonly channel: string; readonly points: Decimal }[];
}

/** The refunds that ended from `before` to `after`; each ends once. */
export function endedRefunds(before: Settlement, after: Settlement): EndedRefund[] {
  const open = [...linesByRefund(before)].filter(([, lines]) => !lines.every(isGivenBack));
  const now = linesByRefund(after);
  return open.flatMap(([refundId]): EndedRefund[] => {
    const lines = now.get(refundId) ?? [];
    if (!lines.every(isGivenBack)) return [];
    // What gives back quota alone returns nothing to the user.
    const toUser = lines.filter(({ points }) => points.state !== 'undone' || !points.points.isZero());
    if (toUser.length === 0) return [];
    return [{ refundId, lines: toUser.map(({ channel, asked }) => ({ channel, points: asked })) }];
  });
}

function linesByRefund({ deductions }: Settlement): Map<string, Deduction[]> {
  const lines = deductions.filter(({ refund }) => refund !== undefined);
  return Map.groupBy(lines, ({ refund }) => refund?.refundId ?? '');
}

function isGivenBack({ points, quota }: Deduction): boolean {
  return isClear(points) && isClear(quota);
}
