import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { advance, type AdvanceFacts } from './advance.ts';
import type { Deduction } from './deduction.ts';
import { Points } from './points.ts';
import {
  correctionIdOf,
  hasCorrection,
  planRefund,
  type GivesBack,
  type RefundAsk,
  type RefundPlan,
} from './refund.ts';
import {
  acted,
  asked,
  at,
  deduction,
  done,
  legs,
  policies,
  rejected,
  settlement,
  unknown,
} from './testing/samples.ts';

const taken = deduction({ id: '1', channel: 'airmiles', points: legs.applied, quota: legs.applied });
const other = deduction({ id: '2', channel: 'bankplus', points: legs.applied, quota: legs.applied });
const always = (): GivesBack => 'parts';

/** A line of a refund of `taken`, or what it has become. */
function line(points: string, changes: Partial<Deduction> = {}, refundId = 'r-1'): Deduction {
  const moved = new Points(points);
  return deduction({
    id: `line-${refundId}`,
    channel: 'airmiles',
    asked: moved,
    keyBase: 'B'.repeat(26),
    refund: { refundId, originalKeyBase: taken.keyBase },
    goal: 'undo',
    points: { state: 'applied', points: moved, remoteId: 'T-1' },
    quota: { state: 'applied', points: moved, remoteId: undefined },
    ...changes,
  });
}

function plan(
  asks: readonly RefundAsk[] | undefined,
  lines: readonly Deduction[] = [],
  parts = always,
): RefundPlan {
  return planRefund(settlement([taken, other, ...lines], { status: 'settled' }), asks, parts);
}

function inShort(planned: RefundPlan): unknown {
  return planned.type === 'planned'
    ? planned.lines.map(({ original, points }) => [original.channel, points.toFixed()])
    : planned.refusals.map(({ code }) => code);
}

const ask = (channel: string, points?: string): RefundAsk => ({
  channel,
  points: points === undefined ? undefined : new Points(points),
});

describe('a refund', () => {
  test('without further words is of everything that is left', () => {
    expect(inShort(plan(undefined))).toEqual([
      ['airmiles', '50'],
      ['bankplus', '50'],
    ]);
    expect(inShort(plan(undefined, [line('20')]))).toEqual([
      ['airmiles', '30'],
      ['bankplus', '50'],
    ]);
  });
  test('of one deduction is of what is asked for, or of what is left', () => {
    expect(inShort(plan([ask('airmiles', '12.5')]))).toEqual([['airmiles', '12.5']]);
    expect(inShort(plan([ask('airmiles')], [line('20')]))).toEqual([['airmiles', '30']]);
  });
  test.each(['settling', 'compensating', 'cancelled'] as const)(
    'of an order that is %s is refused',
    (status) => {
      const refused = planRefund(settlement([taken], { status }), undefined, always);
      expect(inShort(refused)).toEqual(['not_settled']);
    },
  );
  test('of more than is left is refused, whatever became of the refunds before', () => {
    expect(inShort(plan([ask('airmiles', '50.01')]))).toEqual(['exceeds']);
    expect(inShort(plan([ask('airmiles', '30.01')], [line('20')]))).toEqual(['exceeds']);
    const doubtful = line('20', { points: legs['undo in doubt'] });
    expect(inShort(plan([ask('airmiles', '30.01')], [doubtful]))).toEqual(['exceeds']);
    const refused = line('20', { points: legs['undo refused'] });
    expect(inShort(plan([ask('airmiles', '30.01')], [refused]))).toEqual(['exceeds']);
    const undone = line('50', { points: legs.undone, quota: legs.undone });
    expect(inShort(plan([ask('airmiles')], [undone]))).toEqual(['nothing_left']);
  });
  test('counts no correction of what was in effect beside the deduction', () => {
    const corrected = line('50', {}, correctionIdOf('17'));
    expect(inShort(plan([ask('airmiles', '50')], [corrected]))).toEqual([['airmiles', '50']]);
    expect(inShort(plan(undefined, [corrected, line('20')]))).toEqual([
      ['airmiles', '30'],
      ['bankplus', '50'],
    ]);
  });
  test('at a channel that gives nothing back is refused', () => {
    const nothing = (): GivesBack => 'nothing';
    expect(inShort(plan([ask('airmiles', '50')], [], nothing))).toEqual(['nothing_back']);
    expect(inShort(plan(undefined, [], nothing))).toEqual(['nothing_back']);
  });
  test('of a channel that the order does not use is refused', () => {
    expect(inShort(plan([ask('fuelcard', '1')]))).toEqual(['not_in_order']);
  });
  test('of a part is refused where the channel gives back only the whole', () => {
    const never = (): GivesBack => 'whole';
    expect(inShort(plan([ask('airmiles', '12.5')], [], never))).toEqual(['whole_only']);
    expect(inShort(plan([ask('airmiles', '50')], [], never))).toEqual([['airmiles', '50']]);
    expect(inShort(plan(undefined, [], never))).toHaveLength(2);
  });
  test('tells every fault at once', () => {
    expect(inShort(plan([ask('airmiles', '51'), ask('fuelcard')]))).toEqual(['exceeds', 'not_in_order']);
  });
});

test('however many refunds are asked for, all together never exceed what was taken', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 6_000 }), { maxLength: 20 }), (cents) => {
      const lines: Deduction[] = [];
      for (const [index, wanted] of cents.entries()) {
        const planned = plan([ask('airmiles', new Points(wanted).dividedBy(100).toFixed())], lines);
        if (planned.type === 'planned')
          lines.push(line(planned.lines[0]?.points.toFixed() ?? '0', {}, `r-${index}`));
      }
      const sum = lines.reduce((total, one) => total.plus(one.asked), new Points(0));
      expect(sum.lessThanOrEqualTo(asked)).toBe(true);
    }),
  );
});

describe('a line of a refund', () => {
  const facts: AdvanceFacts = {
    now: at(100),
    policiesOf: () => policies,
    random: () => 0.5,
    wakeAfterMs: 5_000,
  };

  /** Delivers and answers until nothing is called any more. */
  function driven(answers: readonly Parameters<typeof acted>[0][]) {
    let state = settlement([taken, line('20')], { status: 'settled' });
    const calls: unknown[] = [];
    const events: unknown[] = [];
    let result = advance(state, [{ type: 'delivery', deductionId: 'line-r-1' }], facts);
    for (const answer of answers) {
      state = result.settlement;
      const [verdict] = result.verdicts;
      if (verdict?.type !== 'call') throw new Error(`no call but ${verdict?.type}`);
      const { call, token, key, originalKey, points, intendedAt } = verdict.attempt;
      calls.push([call.leg, call.action, points.toFixed(), key.slice(0, 1), originalKey?.slice(0, 1)]);
      const input = {
        type: 'outcome',
        deductionId: 'line-r-1',
        token,
        call,
        answer: acted(answer),
        intendedAt,
      } as const;
      result = advance(state, [input], facts);
      events.push(...result.messages.filter(({ type }) => type !== 'deduction_due'));
    }
    return { calls, events, after: result.settlement };
  }

  test('gives quota back first, then points, under keys of its own, against the keys of the deduction', () => {
    const { calls, events, after } = driven([done('20'), done('20')]);
    expect(calls).toEqual([
      ['quota', 'give_back', '20', 'B', 'A'],
      ['points', 'give_back', '20', 'B', 'A'],
    ]);
    expect(events).toMatchObject([
      { type: 'order_refunded', refund: { refundId: 'r-1', lines: [{ channel: 'airmiles' }] } },
    ]);
    expect(after.order.status).toBe('settled');
    expect(after.deductions[0]).toBe(taken);
  });

  test('that is refused or in doubt ends nothing; a refused one needs a person', () => {
    expect(driven([done('20'), rejected]).events).toMatchObject([
      { type: 'needs_attention', leg: 'points', cause: 'give_back_refused' },
    ]);
    expect(driven([unknown]).events).toEqual([]);
  });
});

test('a correction of a leg is known by what it gives back, whatever became of it', () => {
  const correction = (changes: Partial<Deduction>): Deduction => line('50', changes, correctionIdOf('7'));
  const ofPoints = correction({ points: legs.undone, quota: legs.void });
  const ofQuota = correction({ points: { state: 'undone', points: new Points(0) }, quota: legs.undone });
  const among = (lines: readonly Deduction[]) =>
    settlement([taken, other, ...lines], { status: 'cancelled' });
  expect(hasCorrection(among([ofPoints]), taken, 'points')).toBe(true);
  expect(hasCorrection(among([ofPoints]), taken, 'quota')).toBe(false);
  expect(hasCorrection(among([ofQuota]), taken, 'quota')).toBe(true);
  expect(hasCorrection(among([ofQuota]), taken, 'points')).toBe(false);
  expect(hasCorrection(among([ofPoints]), { ...other, keyBase: 'C'.repeat(26) }, 'points')).toBe(false);
  expect(hasCorrection(among([line('50', { quota: legs.void })]), taken, 'points')).toBe(false);
});
