/** A request for compensation before it is stored. */
import type { Decimal } from 'decimal.js';
import type { CompensationKind, CompensationPlan } from '../../core/compensation.ts';
import { writePoints } from '../../core/points.ts';
import { HubError } from '../../errors.ts';
import type { Compensation, NewCompensation } from '../../store/compensations.ts';
import type { Caller } from '../caller.ts';
import { refused } from '../wish.ts';

/** What is wanted, and why. */
export interface CompensationWish {
  readonly kind: CompensationKind;
  readonly points: Decimal | undefined;
  readonly remoteId: string | undefined;
  readonly reasonCode: string;
  readonly reason: string;
  readonly evidence: string;
}

/** A request that nobody decides upon is over then. */
const lastsMs = 24 * 3_600_000;

/** @throws HubError HUB_COMPENSATION_EXCEEDS, HUB_OPERATION_REFUSED */
export function met(plan: CompensationPlan): Extract<CompensationPlan, { type: 'give_back' | 'state' }> {
  switch (plan.type) {
    case 'give_back':
    case 'state':
      return plan;
    case 'exceeds':
      throw new HubError('HUB_COMPENSATION_EXCEEDS', `only ${writePoints(plan.left)} are left`);
    case 'refused':
      throw refused(plan.reason);
  }
}

/** @param ofCase the leg that a case is about, which a mark is about, too */
export function legOf(kind: CompensationKind, ofCase: Compensation['leg']): Compensation['leg'] {
  switch (kind) {
    case 'refund_points':
      return 'points';
    case 'return_quota':
      return 'quota';
    case 'mark_done':
    case 'mark_undone':
      return ofCase;
  }
}

export function newOf(
  { points, ...wish }: CompensationWish,
  subject: Pick<NewCompensation, 'caseId' | 'orderRowId' | 'deductionId' | 'channel' | 'leg'>,
  { name: requestedBy }: Caller,
  requestKey: string | undefined,
): NewCompensation {
  return { ...wish, ...subject, points: points && writePoints(points), requestedBy, requestKey, lastsMs };
}

/** The id of the request that came before under the same key. @throws HubError HUB_COMPENSATION_CONFLICT */
export function sameRequest(before: Compensation, wanted: NewCompensation): string {
  const isSame =
    before.deductionId === wanted.deductionId &&
    before.kind === wanted.kind &&
    before.points === (wanted.points ?? null) &&
    before.reason === wanted.reason &&
    before.reasonCode === wanted.reasonCode &&
    before.evidence === wanted.evidence;
  if (isSame) return before.id;
  throw new HubError('HUB_COMPENSATION_CONFLICT', `the key belongs to compensation ${before.id}`);
}
