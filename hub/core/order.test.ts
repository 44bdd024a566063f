import { describe, expect, test } from '@jest/globals';
import { isClear } from './leg.ts';
import { cancelOrder, decideOrder } from './order.ts';
import { Points } from './points.ts';
import { correctionIdOf } from './refund.ts';
import { asked, at, deduction, legs, legSamples, settlement } from './testing/samples.ts';

const settled = deduction({ id: '1', points: legs.applied, quota: legs.applied });
const waiting = deduction({ id: '2', channel: 'bankplus' });
const refused = deduction({ id: '3', channel: 'coffeeclub', points: legs.refused });
const less = { ...legs.applied, points: new Points('49.99') };

describe('an order that is settling', () => {
  test('is settled when every leg is applied with exactly the points asked for', () => {
    const { order } = decideOrder(settlement([settled, { ...settled, id: '2' }]), at(0));
    expect(order).toMatchObject({ status: 'settled', reason: undefined });
  });
  test('points of equal value are equal whatever their digits', () => {
    const written = { ...settled, asked: new Points('50.0000') };
    expect(decideOrder(settlement([written]), at(0)).order.status).toBe('settled');
  });
  test.each(legSamples.filter((sample) => sample !== 'applied' && sample !== 'refused'))(
    'goes on while a leg is %s',
    (sample) => {
      const before = settlement([settled, deduction({ id: '2', points: legs.applied, quota: legs[sample] })]);
      expect(decideOrder(before, at(0))).toBe(before);
    },
  );
  test('turns every deduction to undo when one leg is refused, and remembers why', () => {
    const { order, deductions } = decideOrder(settlement([settled, waiting, refused]), at(0));
    expect(order).toMatchObject({
      status: 'compensating',
      reason: { code: 'insufficient_points', channel: 'coffeeclub', leg: 'points' },
    });
    expect(deductions.map(({ goal }) => goal)).toEqual(['undo', 'undo', 'undo']);
  });
  test.each([
    ['points', deduction({ points: less })],
    ['quota', deduction({ points: legs.applied, quota: less })],
  ] as const)('compensates when %s of another amount were taken', (leg, one) => {
    const { order, deductions } = decideOrder(settlement([one]), at(0));
    expect(order).toMatchObject({ status: 'compensating', reason: { code: 'another_amount', leg } });
    expect(deductions[0]?.[leg]).toEqual(less);
  });
  test('a deduction that took nothing leaves nothing to give back', () => {
    const nothing = { ...legs.applied, points: new Points('0') };
    const { order, deductions } = decideOrder(settlement([deduction({ points: nothing })]), at(0));
    expect(order).toMatchObject({ status: 'cancelled', reason: { code: 'another_amount' } });
    expect(deductions[0]).toMatchObject({ points: { state: 'void' }, quota: { state: 'void' } });
  });
  test('is cancelled at once when nothing had taken effect anywhere', () => {
    const { order, deductions } = decideOrder(settlement([waiting, refused]), at(0));
    expect(order.status).toBe('cancelled');
    expect(deductions[0]).toMatchObject({ points: { state: 'void' }, quota: { state: 'void' } });
  });
  test.each(legSamples.filter((sample) => /^(applied|undo)/.test(sample)))(
    'is not kept from settling by a correction whose points are %s',
    (sample) => {
      const refund = { refundId: correctionIdOf('1'), originalKeyBase: settled.keyBase };
      const correction = deduction({ id: '2', goal: 'undo', points: legs[sample], quota: legs.void, refund });
      expect(decideOrder(settlement([settled, correction]), at(0)).order.status).toBe('settled');
      expect(decideOrder(settlement([waiting, correction]), at(0)).order.status).toBe('settling');
    },
  );
  test('turning forgets the pause and the failures of going forward', () => {
    const paused = { ...settled, failures: 4, notBefore: at(99) };
    expect(decideOrder(settlement([paused, refused]), at(0)).deductions[0]).toMatchObject({
      failures: 0,
      notBefore: undefined,
    });
  });
});

describe('an order that is compensating', () => {
  const reason = { code: 'insufficient_points', channel: 'coffeeclub', leg: 'points' } as const;
  const compensating = { status: 'compensating', reason } as const;

  test.each(legSamples)('is cancelled only when every leg is clear; one is %s', (sample) => {
    const one = deduction({ goal: 'undo', points: legs[sample], quota: legs.void });
    const gone = deduction({ id: '2', goal: 'undo', points: legs.undone, quota: legs.undone });
    const { order } = decideOrder(settlement([gone, one], compensating), at(0));
    expect(order).toMatchObject({
      status: isClear(legs[sample]) ? 'cancelled' : 'compensating',
      reason,
    });
  });
  test('never settles again, whatever was applied', () => {
    expect(decideOrder(settlement([settled], compensating), at(0)).order.status).toBe('compensating');
  });
  test('keeps its first reason', () => {
    const another = deduction({ goal: 'undo', points: { ...legs.refused, reason: 'member_blocked' } });
    expect(
      decideOrder(settlement([{ ...another, quota: legs.void }], compensating), at(0)).order.reason,
    ).toBe(reason);
  });
});

test.each(['settled', 'cancelled'] as const)('an order that is %s is never rewritten', (status) => {
  const before = settlement([refused, deduction({ points: less, asked })], { status });
  expect(decideOrder(before, at(0))).toBe(before);
});

test.each(legSamples)('deciding twice decides nothing more; one leg is %s', (sample) => {
  const points = legs[sample];
  const once = decideOrder(settlement([settled, deduction({ id: '2', points })]), at(0));
  expect(decideOrder(once, at(0))).toEqual(once);
});

describe('an order past its deadline', () => {
  test('turns to undo, whatever it still waits for', () => {
    const before = settlement([settled, waiting], { deadlineAt: at(60) });
    expect(decideOrder(before, at(59.999))).toBe(before);
    const { order, deductions } = decideOrder(before, at(60));
    expect(order).toMatchObject({ status: 'compensating', reason: { code: 'deadline_passed' } });
    expect(deductions.map(({ goal }) => goal)).toEqual(['undo', 'undo']);
  });
  test('is settled all the same if its last leg was applied in time to be seen now', () => {
    expect(decideOrder(settlement([settled], { deadlineAt: at(60) }), at(61)).order.status).toBe('settled');
  });
  test('names the refusal rather than the time when both are true', () => {
    const { order } = decideOrder(settlement([refused], { deadlineAt: at(60) }), at(61));
    expect(order.reason).toEqual({ code: 'insufficient_points', channel: 'coffeeclub', leg: 'points' });
  });
});

describe('cancelling', () => {
  test('an order of which nothing was sent ends it at once, and a late forward step finds it void', () => {
    const { order, deductions } = cancelOrder(settlement([waiting]));
    expect(order).toMatchObject({ status: 'cancelled', reason: { code: 'cancelled_by_mall' } });
    expect(deductions[0]).toMatchObject({ goal: 'undo', points: legs.void, quota: legs.void });
  });
  test('an order that has taken something turns it to undo', () => {
    const { order } = cancelOrder(settlement([waiting, deduction({ points: legs.sent })]));
    expect(order).toMatchObject({ status: 'compensating', reason: { code: 'cancelled_by_mall' } });
  });
  test.each(['compensating', 'cancelled', 'settled'] as const)(
    'an order that is %s changes nothing',
    (status) => {
      const before = settlement([settled], { status });
      expect(cancelOrder(before)).toBe(before);
    },
  );
});
