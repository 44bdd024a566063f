import { describe, expect, test } from '@jest/globals';
import { advance, type Advance, type Input } from './advance.ts';
import { toUndo, type Deduction } from './deduction.ts';
import { resolveLeg } from './operator.ts';
import { cancelOrder, decideOrder, type Settlement } from './order.ts';
import { isConfirming, outlives, stageOf } from './stage.ts';
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
} from './testing/samples.ts';

const ready = { points: legs.held, quota: legs.applied };
/** One that holds. */
function holding(changes: Partial<Deduction> = {}): Deduction {
  return deduction({ holds: true, ...changes });
}
/** One that deducts, of another channel. */
function deducting(changes: Partial<Deduction> = {}): Deduction {
  return deduction({ id: '2', channel: 'telco', ...changes });
}
const both = { points: legs.applied, quota: legs.applied };

function step(before: Settlement, input: Input, seconds = 20): Advance {
  return advance(before, [input], {
    now: at(seconds),
    policiesOf: () => policies,
    random: () => 0.5,
    wakeAfterMs: 30_000,
  });
}

describe('the stage of an order', () => {
  test.each([
    ['hold', [holding(), deducting()]],
    ['hold', [holding({ points: legs.held }), deducting()]],
    ['hold', [holding({ ...ready, quota: legs['in doubt'] }), deducting(both)]],
    ['deduct', [holding(ready), deducting()]],
    ['deduct', [holding(ready), deducting({ points: legs.applied, quota: legs.sent })]],
    ['deduct', [deducting()]],
    ['confirm', [holding(ready), deducting(both)]],
    ['confirm', [holding({ ...ready, points: legs['confirm in doubt'] }), deducting(both)]],
    ['hold', [holding({ ...ready, points: { ...legs.held, points: done('30').points } }), deducting()]],
  ] as const)('is %s', (stage, deductions) => expect(stageOf(deductions)).toBe(stage));

  test('takes no notice of refunds', () => {
    const refund = { refundId: 'r', originalKeyBase: 'A'.repeat(26) };
    const line = deducting({ refund, goal: 'undo', points: legs['undo sent'], quota: legs.void });
    expect(stageOf([holding(ready), line])).toBe('confirm');
    expect(isConfirming([holding(ready), { ...line, holds: true, points: legs.applied }])).toBe(false);
  });

  test('that comes wakes those whose turn it is, in the transaction that brings it', () => {
    const sent = { points: legs.held, quota: legs.sent, attempts: 1, lease: { token: 1, until: at(30) } };
    const before = settlement([holding(sent), deducting({ wakeBy: undefined })]);
    const answered: Input = {
      type: 'outcome',
      deductionId: '1',
      token: 1,
      call: { leg: 'quota', action: 'deduct' },
      answer: acted(done()),
      intendedAt: at(10),
    };
    const after = step(before, answered);
    expect(after.verdicts).toEqual([{ type: 'release' }]);
    expect(after.messages).toMatchObject([{ type: 'deduction_due', deductionId: '2' }]);
    const [, woken] = after.settlement.deductions;
    expect(woken?.wakeBy).toEqual(at(50));
    expect(step(after.settlement, { type: 'delivery', deductionId: '2' }).verdicts).toMatchObject([
      { type: 'call', attempt: { call: { leg: 'points', action: 'deduct' } } },
    ]);
  });
});

describe('a confirmation', () => {
  const delivered: Input = { type: 'delivery', deductionId: '1' };

  test('names the hold by its key and its id, and has a key of its own', () => {
    const { verdicts } = step(settlement([holding(ready)]), delivered);
    const [verdict] = verdicts;
    expect(verdict).toMatchObject({
      type: 'call',
      attempt: { call: { action: 'confirm' }, isHold: true, originalRemoteId: 'T-1', points: asked },
    });
    const { key, originalKey } = verdict?.type === 'call' ? verdict.attempt : {};
    expect([key, originalKey]).toEqual([`${'A'.repeat(26)}PC`, `${'A'.repeat(26)}PD`]);
  });

  test.each([
    'confirm sent',
    'confirm pending',
    'confirm in doubt',
    'confirmed another amount',
    'applied',
  ] as const)('that may be there (%s) lets neither the mall nor the deadline turn the order', (sample) => {
    const before = settlement([holding({ ...ready, points: legs[sample] }), holding({ ...ready, id: '2' })]);
    expect(cancelOrder(before)).toBe(before);
    expect(decideOrder(before, at(2_000_000)).order.status).toBe('settling');
  });

  test('that is not there yet does', () => {
    const before = settlement([holding(ready), deducting(both)]);
    expect(cancelOrder(before).order.status).toBe('compensating');
    expect(decideOrder(before, at(2_000_000)).order.reason).toEqual({ code: 'deadline_passed' });
  });

  test('that is refused turns an order of which nothing is confirmed, and what is held is released', () => {
    const turned = decideOrder(
      settlement([holding({ ...ready, points: legs['confirm refused'] }), deducting(both)]),
      at(20),
    );
    expect(turned.order).toMatchObject({
      status: 'compensating',
      reason: { code: 'hold_expired', channel: 'airmiles', leg: 'points' },
    });
    const [first] = turned.deductions;
    const released = step(
      settlement([{ ...(first as Deduction), quota: legs.void }], turned.order),
      delivered,
    );
    expect(released.verdicts).toMatchObject([{ type: 'call', attempt: { call: { action: 'release' } } }]);
  });

  test('that is refused beside another is a case, which ends when the other is refused, too', () => {
    const refused = holding({ ...ready, points: legs['confirm refused'] });
    const other = holding({
      ...ready,
      id: '2',
      channel: 'telco',
      points: legs['confirm sent'],
      attempts: 4,
      lease: { token: 4, until: at(30) },
    });
    const waiting = step(settlement([refused, other]), delivered);
    expect(waiting.cases).toMatchObject([{ type: 'held', leg: 'points', cause: 'confirm_refused' }]);
    const turned = step(waiting.settlement, {
      type: 'outcome',
      deductionId: '2',
      token: 4,
      call: { leg: 'points', action: 'confirm' },
      answer: acted(rejected),
      intendedAt: at(10),
    });
    expect(turned.settlement.order.status).toBe('compensating');
    const freed = step(turned.settlement, delivered);
    expect(freed.cases).toMatchObject([{ type: 'recovered', deductionId: '1', leg: 'points' }]);
  });

  test('that never will be turns the order when a person says so', () => {
    const refused = holding({ ...ready, points: legs['confirm refused'] });
    const before = settlement([refused, holding({ ...both, id: '2', channel: 'telco' })]);
    const stated = step(before, {
      type: 'resolve',
      deductionId: '1',
      leg: 'points',
      truth: { tookEffect: false },
      late: undefined,
    });
    expect(stated.settlement.order).toMatchObject({
      status: 'compensating',
      reason: { code: 'hold_expired' },
    });
    expect(stated.settlement.deductions.map(({ goal, points }) => [goal, points.state])).toEqual([
      ['undo', 'held'],
      ['undo', 'applied'],
    ]);
  });
});

test.each(['hold_expired', 'hold_released'] as const)(
  'a hold that is over (%s) when it is to be released has given its points back',
  (reason) => {
    const released = holding({
      goal: 'undo',
      points: legs['undo sent'],
      quota: legs.void,
      attempts: 2,
      lease: { token: 2, until: at(30) },
    });
    const told: Input = {
      type: 'outcome',
      deductionId: '1',
      token: 2,
      call: { leg: 'points', action: 'release' },
      answer: acted({ ...rejected, reason }),
      intendedAt: at(10),
    };
    const before = settlement([released], { status: 'compensating', reason: { code: 'cancelled_by_mall' } });
    const after = step(before, told).settlement;
    expect(after.deductions[0]?.points).toEqual({ state: 'undone', points: asked });
    expect(after.order.status).toBe('cancelled');
  },
);

test('a late hold that a person confirms is released, a late confirmation given back', () => {
  const statement = {
    goal: 'undo',
    isHold: true,
    truth: { tookEffect: true, points: asked, remoteId: 'T-9' },
    isLate: true,
    now: at(40),
  } as const;
  expect(resolveLeg(legs.void, { ...statement, direction: 'deduct' })).toMatchObject({
    type: 'correction',
    taken: { isHeld: true },
  });
  expect(resolveLeg(legs.undone, { ...statement, direction: 'confirm' })).toMatchObject({
    type: 'correction',
    taken: { isHeld: false },
  });
});

test('points are held only where no hold ends before its order and its confirmation', () => {
  expect([outlives(1_200_000, 900_000), outlives(1_199_999, 900_000), outlives(0, 1)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('what holds nothing is void as soon as it is undone', () => {
  const nothing = { ...legs.held, points: done('0').points };
  expect(toUndo(holding({ points: nothing })).points).toEqual({ state: 'void' });
});
