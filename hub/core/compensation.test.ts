import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  planCompensation,
  verdictOf,
  verificationOf,
  type AboutCase,
  type CompensationAsk,
  type CompensationPlan,
} from './compensation.ts';
import type { Deduction } from './deduction.ts';
import type { OrderStatus } from './order.ts';
import { Points } from './points.ts';
import { endedRefunds } from './refund.ts';
import { asked, deduction, legs, legSamples, settlement } from './testing/samples.ts';

const settled = deduction({ points: legs.applied, quota: legs.applied });
const doubtful = deduction({ points: legs['in doubt'] });
const stuck = deduction({ goal: 'undo', points: legs['undo refused'], quota: legs.void });
const doubt: AboutCase = { cause: 'doubt', points: asked };
const late: AboutCase = { cause: 'late_truth', points: new Points('12') };

/** What gives back one leg alone, as a compensation does. */
function line(points: string, id: string, changes: Partial<Deduction> = {}): Deduction {
  const moved = new Points(points);
  const refund = { refundId: id, originalKeyBase: settled.keyBase };
  const legOf = { state: 'applied', points: moved, remoteId: undefined } as const;
  return deduction({ id, asked: moved, refund, goal: 'undo', points: legOf, quota: legs.void, ...changes });
}

function plan(
  of: Deduction,
  ask: Partial<CompensationAsk>,
  {
    about,
    lines = [],
    status = 'settled',
    parts = true,
  }: {
    readonly about?: AboutCase;
    readonly lines?: readonly Deduction[];
    readonly status?: OrderStatus;
    readonly parts?: boolean;
  } = {},
): CompensationPlan {
  const wanted = {
    deductionId: of.id,
    leg: 'points',
    kind: 'refund_points',
    points: undefined,
    remoteId: undefined,
    ...ask,
  } as const;
  return planCompensation(settlement([of, ...lines], { status }), wanted, about, () =>
    parts ? 'parts' : 'whole',
  );
}

describe('a refund', () => {
  const points = new Points('20');

  test('of a settled order gives back what is left of the leg, and of this leg alone', () => {
    expect(plan(settled, { points })).toMatchObject({ type: 'give_back', remoteId: 'T-1' });
    const lines = [line('40', 'a')];
    expect(plan(settled, { points }, { lines })).toEqual({ type: 'exceeds', left: new Points('10') });
    const quota = { kind: 'return_quota', leg: 'quota', points } as const;
    expect(plan(settled, quota, { lines })).toMatchObject({ type: 'give_back' });
  });

  test('that a channel refused, or that is in doubt, counts as given back', () => {
    const refused = line('40', 'a', { points: { state: 'undo_refused', taken: undefined, reason: 'other' } });
    expect(plan(settled, { points }, { lines: [refused] })).toMatchObject({ type: 'exceeds' });
    const undone = line('40', 'a', { points: { state: 'undone', points: new Points('40') } });
    expect(plan(settled, { points }, { lines: [undone] })).toMatchObject({ type: 'exceeds' });
  });

  test('of a part is refused where the channel gives back only the whole', () => {
    expect(plan(settled, { points }, { parts: false }).type).toBe('refused');
    expect(plan(settled, { points: asked }, { parts: false }).type).toBe('give_back');
  });

  test.each(['settling', 'compensating', 'cancelled'] as const)(
    'of an order that is %s is refused',
    (status) => {
      expect(plan(doubtful, { points }, { status }).type).toBe('refused');
    },
  );

  test('of what late truth showed gives back no more than it showed', () => {
    const closed = deduction({ goal: 'undo', points: legs.void, quota: legs.void });
    const inLate = { about: late, status: 'cancelled' } as const;
    expect(plan(closed, { points: new Points('12') }, inLate)).toMatchObject({ type: 'state', isLate: true });
    expect(plan(closed, { points: new Points('12.01') }, inLate)).toMatchObject({ type: 'exceeds' });
  });
});

test('however many refunds are planned one after the other, they never exceed what was taken', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 6_000 }), { maxLength: 20 }), (cents) => {
      const lines: Deduction[] = [];
      for (const [index, wanted] of cents.entries()) {
        const planned = plan(settled, { points: new Points(wanted).dividedBy(100) }, { lines });
        if (planned.type === 'give_back') lines.push(line(planned.points.toFixed(), `line-${index}`));
      }
      const sum = lines.reduce((total, one) => total.plus(one.asked), new Points(0));
      expect(sum.lessThanOrEqualTo(asked)).toBe(true);
    }),
  );
});

test.each([
  ['done going forward: it took effect', doubtful, 'mark_done', true],
  ['undone going forward: it did not', doubtful, 'mark_undone', false],
  ['undone going back: giving back took effect', stuck, 'mark_undone', true],
  ['done going back: giving back did not', stuck, 'mark_done', false],
] as const)('a leg is marked %s', (_, of, kind, tookEffect) => {
  expect(plan(of, { kind }, { about: doubt, status: 'compensating' })).toMatchObject({
    type: 'state',
    truth: { tookEffect },
    points: asked,
  });
});

test('a mark of more than was asked for is refused, and so is one without a case', () => {
  const more = { kind: 'mark_done', points: asked.plus('0.01') } as const;
  expect(plan(doubtful, more, { about: doubt })).toEqual({ type: 'exceeds', left: asked });
  expect(plan(doubtful, { kind: 'mark_done' }).type).toBe('refused');
});

test.each(legSamples)('a leg that is %s is verified once it is at rest, and never before', (name) => {
  const leg = legs[name];
  const goal = leg.state === 'applied' || leg.state === 'refused' ? 'settle' : 'undo';
  const isAtRest = ['applied', 'refused', 'void', 'undone'].includes(leg.state);
  expect(verificationOf(deduction({ goal, points: leg }), 'points', false).type).toBe(
    isAtRest ? 'ask' : 'wait',
  );
});

test('what the remote answers confirms, contradicts, or says nothing', () => {
  const ask = { type: 'ask', action: 'find_deduct', expected: asked, isByHand: false } as const;
  expect(verdictOf(ask, { type: 'done', points: asked })).toBe('confirmed');
  expect(verdictOf(ask, { type: 'done', points: new Points('1') })).toBe('contradicted');
  expect(verdictOf(ask, { type: 'absent' })).toBe('contradicted');
  expect(verdictOf(ask, { type: 'nothing' })).toBe('ask_again');
  expect(verdictOf({ ...ask, expected: undefined }, { type: 'absent' })).toBe('confirmed');
  expect(verdictOf({ ...ask, expected: undefined }, { type: 'done', points: asked })).toBe('contradicted');
  expect(verdictOf({ ...ask, isByHand: true }, { type: 'absent' })).toBe('unconfirmed');
});

test('what gave back quota alone is no refund that the mall hears of', () => {
  const nothing = { state: 'undone', points: new Points(0) } as const;
  const given = { state: 'undone', points: new Points('20') } as const;
  const quotaOnly = line('20', 'a', { points: nothing });
  const before = settlement([settled, { ...quotaOnly, quota: legs.applied }], { status: 'settled' });
  const after = settlement([settled, { ...quotaOnly, quota: given }], { status: 'settled' });
  expect(endedRefunds(before, after)).toEqual([]);
  const pointsOnly = settlement([settled, line('20', 'a', { points: given })], { status: 'settled' });
  const open = settlement([settled, line('20', 'a')], { status: 'settled' });
  expect(endedRefunds(open, pointsOnly)).toMatchObject([{ refundId: 'a', lines: [{ channel: 'airmiles' }] }]);
});
