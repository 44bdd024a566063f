/** Given a deduction, when something happens, then it waits for a person, goes on, or has its case changed. */
import { describe, expect, test } from '@jest/globals';
import { advance, type Advance, type Attempt, type Input } from './advance.ts';
import type { Answer, Deduction, Policies } from './deduction.ts';
import type { Order } from './order.ts';
import { Points } from './points.ts';
import {
  acted,
  asked,
  at,
  deduction,
  done,
  found,
  inWords,
  legs,
  misconfigured,
  notFound,
  notSent,
  policiesWith,
  rejected,
  settlement,
  unknown,
} from './testing/samples.ts';

const under = policiesWith({ failuresMax: 3 });
const mute = policiesWith({ query: 'none', idempotency: 'none' });

function run(
  before: Deduction,
  input: Input,
  now: Date,
  policies: Policies = under,
  order: Partial<Order> = {},
) {
  const state = settlement([before], {
    status: before.goal === 'undo' ? 'compensating' : 'settling',
    ...order,
  });
  return advance(state, [input], { now, policiesOf: () => policies, random: () => 0.5, wakeAfterMs: 5_000 });
}
const delivery: Input = { type: 'delivery', deductionId: '1' };
const retry: Input = { type: 'retry', deductionId: '1' };

function only({ settlement: { deductions } }: Advance): Deduction {
  return deductions[0] as Deduction;
}
function attemptOf({ verdicts }: Advance): Attempt {
  const [verdict] = verdicts;
  if (verdict?.type !== 'call') throw new Error(`no call but ${verdict?.type}`);
  return verdict.attempt;
}
function outcome({ deductionId, token, call, intendedAt }: Attempt, answer: Answer): Input {
  return { type: 'outcome', deductionId, token, call, answer, intendedAt };
}
function answered(before: Deduction, answer: Answer, now = at(1), policies = under): Advance {
  const called = run(before, delivery, now, policies);
  return run(only(called), outcome(attemptOf(called), answer), now, policies);
}
function resolve(
  tookEffect: boolean,
  points: string | typeof asked = asked,
  late?: 'deduct' | 'give_back',
): Input {
  const truth = tookEffect
    ? ({ tookEffect, points: new Points(points), remoteId: undefined } as const)
    : ({ tookEffect } as const);
  return { type: 'resolve', deductionId: '1', leg: 'points', truth, late };
}
const held = { type: 'held', leg: 'points', cause: 'attempts_used_up' } as const;

describe('the last failure of the budget', () => {
  const result = answered(deduction({ failures: 2 }), acted(notSent));
  test('opens a case at once, says so, and stops calling', () => {
    expect(result.verdicts).toEqual([{ type: 'stuck' }]);
    expect(only(result).attention).toEqual(held);
    expect(result.cases).toMatchObject([{ type: 'held', cause: 'attempts_used_up', isAgain: false }]);
    expect(result.messages).toMatchObject([{ type: 'needs_attention', cause: 'attempts_used_up' }]);
  });
  test('is the last: no delivery calls any more', () => {
    const later = run(only(result), delivery, at(99_999));
    expect([later.verdicts, later.cases, later.messages]).toEqual([[{ type: 'release' }], [], []]);
  });
});

describe('a retry', () => {
  const waiting = deduction({ failures: 3, attention: held, notBefore: at(900) });
  const retried = run(waiting, retry, at(10));
  test('grants a fresh budget and takes effect through a message', () => {
    expect(only(retried)).toMatchObject({
      failures: 0,
      notBefore: undefined,
      attention: { type: 'retried' },
    });
    expect(retried.messages).toMatchObject([{ type: 'deduction_due', availableAt: undefined }]);
  });
  test('that works ends the case', () => {
    const worked = answered(only(retried), acted(done()), at(11));
    expect(worked.cases).toEqual([{ type: 'recovered', deductionId: '1', leg: 'points' }]);
    expect(only(worked).attention).toBeUndefined();
  });
  test('that uses up its budget, too, is the same case again', () => {
    const again = answered({ ...only(retried), failures: 2 }, acted(notSent), at(11));
    expect(again.cases).toMatchObject([{ type: 'held', isAgain: true }]);
    expect(only(again).attention).toEqual(held);
  });
  test('that leads to trouble of the other leg ends the first case, for only one leg is waited for', () => {
    const attention = { ...held, type: 'retried' } as const;
    const undoing = deduction({ goal: 'undo', points: legs.applied, quota: legs.applied, attention });
    const refused = answered(undoing, acted(rejected), at(11));
    expect(only(refused).attention).toMatchObject({ type: 'held', leg: 'quota' });
    expect(refused.cases).toMatchObject([
      { type: 'recovered', leg: 'points' },
      { type: 'held', leg: 'quota', cause: 'give_back_refused', isAgain: false },
    ]);
  });
  test('of a refused refund sends it once more under the same key', () => {
    const attention = { type: 'held', leg: 'points', cause: 'give_back_refused' } as const;
    const refused = deduction({ goal: 'undo', quota: legs.void, points: legs['undo refused'], attention });
    const called = run(only(run(refused, retry, at(10))), delivery, at(11));
    expect(attemptOf(called)).toMatchObject({ call: { action: 'give_back' }, key: `${'A'.repeat(26)}PR` });
  });
  test.each(['another_amount', 'late_truth'] as const)(
    'is refused after %s: it could move points twice',
    (cause) => {
      const points = { ...legs['undo refused'], reason: 'another_amount' } as const;
      const attention = { type: 'held', leg: 'points', cause } as const;
      const result = run(deduction({ goal: 'undo', quota: legs.void, points, attention }), retry, at(10));
      expect(result.verdicts).toMatchObject([{ type: 'refused' }]);
    },
  );
});

describe('while a case is open', () => {
  const doubt = { type: 'held', leg: 'points', cause: 'attempts_used_up' } as const;
  const waiting = deduction({ failures: 3, points: legs['in doubt, not found'], attention: doubt });
  test('an operator may look up, and what is proven moves on through a message', () => {
    const looking = run(
      waiting,
      { type: 'look_up', deductionId: '1', leg: 'points', late: undefined },
      at(40),
    );
    const { token, call, intendedAt } = attemptOf(looking);
    expect(call).toEqual({ leg: 'points', action: 'find_deduct' });
    const input = { type: 'looked_up', deductionId: '1', token, call, intendedAt } as const;
    const proven = run(only(looking), { ...input, answer: found(done()) }, at(41));
    expect([inWords(only(proven).points), only(proven).attention]).toEqual(['applied 50', undefined]);
    expect(proven.verdicts).toEqual([{ type: 'release' }]);
    expect(proven.messages.map(({ type }) => type)).toEqual(['deduction_due']);
    const unproven = run(
      only(looking),
      { ...input, answer: { type: 'found_out', outcome: unknown } },
      at(41),
    );
    expect(only(unproven)).toMatchObject({ points: waiting.points, attention: doubt, lease: undefined });
  });
  test('cancelling frees what was never sent', () => {
    const idle = deduction({ failures: 3, attention: held });
    const cancelled = run(idle, { type: 'cancel' }, at(10));
    expect(cancelled.cases).toEqual([{ type: 'recovered', deductionId: '1', leg: 'points' }]);
    expect(cancelled.settlement.order.status).toBe('cancelled');
  });
});

describe('what an operator states', () => {
  const attention = { type: 'held', leg: 'points', cause: 'doubt' } as const;
  const waiting = deduction({ points: legs['in doubt'], attention, attempts: 4 });
  test('"it took effect" lets the order go on, under a new token', () => {
    const result = run(waiting, resolve(true), at(10), mute);
    expect(only(result)).toMatchObject({ points: { state: 'applied' }, attempts: 5, attention: undefined });
    expect(result.messages.map(({ type }) => type)).toEqual(['deduction_due']);
  });
  test('"it did not" sends it again going forward, and is the end going back', () => {
    expect(inWords(only(run(waiting, resolve(false), at(10), mute)).points)).toBe('idle');
    const back = { ...waiting, goal: 'undo', quota: legs.void } as const;
    const result = run(back, resolve(false), at(10), mute);
    expect(result.settlement.order.status).toBe('cancelled');
  });
  test('"another amount" turns the order and gives back exactly that', () => {
    const result = run(waiting, resolve(true, '20'), at(10), mute);
    expect(result.settlement.order).toMatchObject({
      status: 'compensating',
      reason: { code: 'another_amount' },
    });
    expect(attemptOf(run(only(result), delivery, at(11), mute)).points.toFixed()).toBe('20');
  });
  test('is refused where nothing was sent, where it is settled, and where more would come back than was taken', () => {
    const back = deduction({ goal: 'undo', quota: legs.void, points: legs['undo refused'] });
    for (const [before, input] of [
      [deduction(), resolve(true)],
      [deduction({ points: legs.applied }), resolve(true)],
      [back, resolve(true, '50.01')],
    ] as const) {
      expect(run(before, input, at(10)).verdicts).toMatchObject([{ type: 'refused' }]);
    }
  });
  test('"it was given back" ends what the remote refused', () => {
    const back = deduction({ goal: 'undo', quota: legs.void, points: legs['undo refused'] });
    expect(run(back, resolve(true), at(10)).settlement.order.status).toBe('cancelled');
  });
});

describe('late truth', () => {
  const stale = { type: 'outcome', deductionId: '1', token: 1, intendedAt: at(0) } as const;
  const late = { ...stale, call: { leg: 'points', action: 'deduct' }, answer: acted(done()) } as const;
  test.each(['void', 'refused'] as const)('opens a case and leaves the %s leg as it is', (state) => {
    const before = deduction({ goal: 'undo', points: legs[state], quota: legs.void, attempts: 3 });
    const result = run(before, late, at(50));
    expect(result.verdicts).toEqual([{ type: 'stale' }]);
    expect(result.cases).toMatchObject([{ type: 'late_truth', points: asked }]);
    expect(only(result)).toEqual(before);
  });
  test('holds a leg that would be taken a second time', () => {
    const result = run(deduction({ attempts: 3 }), late, at(50));
    expect(only(result).attention).toMatchObject({ type: 'held', cause: 'late_truth' });
  });
  test('is what a person says it is: the points have to go back', () => {
    const before = deduction({ goal: 'undo', points: legs.void, quota: legs.void, attempts: 3 });
    const result = run(before, resolve(true, '50', 'deduct'), at(60));
    expect(result.verdicts).toMatchObject([{ type: 'accepted', correction: { points: asked } }]);
    expect(only(result).points).toEqual(legs.void);
  });
  test('ends the late look, which would find the same effect again', () => {
    const lateCheck = { at: at(90), from: at(0), until: at(90) };
    const before = deduction({ goal: 'undo', points: legs.void, quota: legs.void, attempts: 3, lateCheck });
    expect(only(run(before, late, at(50))).lateCheck).toBeUndefined();
  });
  test('is no reason to give back once more where it is about giving back', () => {
    const before = deduction({ goal: 'undo', points: legs.undone, quota: legs.void, attempts: 3 });
    const result = run(before, resolve(true, asked, 'give_back'), at(60));
    expect(result.verdicts).toEqual([{ type: 'accepted', correction: undefined }]);
    expect(only(result).points).toEqual(legs.undone);
    expect(run(before, resolve(true, '20', 'give_back'), at(60)).verdicts).toMatchObject([
      { type: 'refused' },
    ]);
    expect(run(before, resolve(false, asked, 'give_back'), at(60)).verdicts).toMatchObject([
      { type: 'refused' },
    ]);
  });
  test.each([
    ['agrees', deduction({ points: legs.applied, quota: legs.applied }), acted(done())],
    ['was undone since', deduction({ goal: 'undo', points: legs.undone, quota: legs.void }), acted(done())],
    ['proves no effect', deduction({ goal: 'undo', points: legs.void, quota: legs.void }), acted(rejected)],
  ])('is none where it %s', (_, before, answer) => {
    expect(run({ ...before, attempts: 3 }, { ...late, answer }, at(50)).cases).toEqual([]);
  });
});

test('late truth in the midst of a retry takes its place', () => {
  const retried = deduction({ attempts: 3, attention: { ...held, type: 'retried' } });
  const late = { type: 'outcome', deductionId: '1', token: 1, intendedAt: at(0) } as const;
  const call = { leg: 'points', action: 'deduct' } as const;
  const result = run(retried, { ...late, call, answer: acted(done()) }, at(50));
  expect(only(result).attention).toEqual({ type: 'held', leg: 'points', cause: 'late_truth' });
});

test('late truth is none where all that is under the key is about to be given back', () => {
  const doubt = { state: 'in_doubt', firstSentAt: at(20), quietAt: at(40), asked: 'not_yet' } as const;
  const undoing = deduction({ goal: 'undo', points: legs.applied, quota: doubt, attempts: 3 });
  const late = { type: 'outcome', deductionId: '1', token: 1, intendedAt: at(0) } as const;
  const call = { leg: 'quota', action: 'deduct' } as const;
  const result = run(undoing, { ...late, call, answer: acted(done()) }, at(50));
  expect(result.verdicts).toEqual([{ type: 'stale' }]);
  expect(result.cases).toEqual([]);
  expect(only(result)).toEqual(undoing);
});

describe('a remote that refuses our set-up', () => {
  const refused = answered(deduction({ failures: 2 }), acted(misconfigured));
  test('is one case for all who wait, and they go on trying', () => {
    expect(refused.cases).toMatchObject([{ type: 'misconfigured', code: 'authentication' }]);
    expect(refused.verdicts).toEqual([{ type: 'release' }]);
    expect(refused.messages.map(({ type }) => type)).toEqual(['deduction_due']);
  });
  test('lets a deduction go with the first answer that is about something else', () => {
    const before = { ...only(refused), notBefore: undefined };
    const result = answered(before, acted(done()), at(99));
    expect(result.cases).toMatchObject([{ type: 'configured', channel: 'airmiles', code: 'authentication' }]);
    expect(only(result).attention).toBeUndefined();
  });
  test('is no help to a retry, whose own case stays', () => {
    const retried = deduction({ attention: { ...held, type: 'retried' } });
    const result = answered(retried, acted(misconfigured));
    expect(result.cases).toMatchObject([{ type: 'held', cause: 'attempts_used_up', isAgain: true }]);
  });
  test('is let go by a deduction that is cancelled', () => {
    expect(run(only(refused), { type: 'cancel' }, at(99)).cases).toMatchObject([{ type: 'configured' }]);
  });
});

test('a message that crashed its workers up to the limit holds its deduction, and a finished one is left alone', () => {
  const gaveUp: Input = { type: 'gave_up', deductionId: '1', cause: 'crash_loop' };
  const result = run(deduction({ points: legs.applied }), gaveUp, at(10));
  expect(only(result).attention).toEqual({ type: 'held', leg: 'quota', cause: 'crash_loop' });
  expect(result.cases).toMatchObject([{ type: 'held', leg: 'quota' }]);
  const finished = deduction({ points: legs.applied, quota: legs.applied });
  expect(run(finished, gaveUp, at(10)).verdicts).toEqual([{ type: 'release' }]);
});

describe('a deduction whose remote is away for too long', () => {
  const away: Input = { type: 'gave_up', deductionId: '1', cause: 'remote_away' };
  const inDoubt = deduction({ points: legs['in doubt'] });
  const given = run(inDoubt, away, at(10));
  const isOpen = { admit: () => ({ type: 'hold', until: at(60) }) as const };

  test('waits for a person, to be looked at as soon as the remote may be called', () => {
    expect(given.cases).toMatchObject([
      { type: 'held', leg: 'points', cause: 'remote_away', isAgain: false },
    ]);
    expect(given.messages).toMatchObject([{ type: 'needs_attention', cause: 'remote_away' }]);
    expect(only(given)).toMatchObject({
      attention: { type: 'held', leg: 'points', cause: 'remote_away' },
      wakeBy: at(10),
    });
    expect(run(only(given), away, at(11)).cases).toEqual([]);
  });

  test('keeps its case while the remote may not be called', () => {
    const facts = { now: at(20), policiesOf: () => under, random: () => 0.5, wakeAfterMs: 5_000, ...isOpen };
    const result = advance(settlement([only(given)], { status: 'settling' }), [delivery], facts);
    expect(result.cases).toEqual([]);
    expect(only(result)).toEqual({ ...only(given), wakeBy: at(60) });
  });

  test('goes on by itself once the remote is back, and its case ends with what is proven', () => {
    const called = run(only(given), delivery, at(20));
    expect(called.cases).toEqual([]);
    const result = run(only(called), outcome(attemptOf(called), found(done())), at(21));
    expect(result.cases).toMatchObject([{ type: 'recovered', leg: 'points' }]);
    expect(only(result).attention).toBeUndefined();
  });

  test('waits on after a probe that nobody heard, and no try of its own is spent', () => {
    const called = run(only(given), delivery, at(20));
    const probed = { ...outcome(attemptOf(called), { type: 'found_out', outcome: unknown }), isProbe: true };
    const result = run(only(called), probed, at(21));
    expect(result.cases).toMatchObject([{ type: 'held', cause: 'remote_away', isAgain: true }]);
    expect(only(result)).toMatchObject({ attention: only(given).attention, failures: inDoubt.failures });
    expect(result.messages).toEqual([]);
  });

  test('is looked at as soon as before after a look-up that told nothing', () => {
    const looking = run(
      only(given),
      { type: 'look_up', deductionId: '1', leg: 'points', late: undefined },
      at(20),
    );
    const { token, call, intendedAt } = attemptOf(looking);
    const answer = { type: 'found_out', outcome: unknown } as const;
    const told = { type: 'looked_up', deductionId: '1', token, call, intendedAt, answer } as const;
    const result = run(only(looking), told, at(21));
    expect(only(result)).toMatchObject({ attention: only(given).attention, wakeBy: at(21) });
  });

  test('ends its retry when the remote is still away', () => {
    const retried = run(only(given), retry, at(20));
    expect(run(only(retried), away, at(25)).cases).toMatchObject([{ type: 'held', isAgain: true }]);
  });

  test('has no case any more when the remote never saw the call', () => {
    const final = policiesWith({ notFoundFinalAfterMs: 0 });
    const called = run(only(given), delivery, at(20), final);
    const result = run(only(called), outcome(attemptOf(called), notFound), at(21), final);
    expect(result.cases).toMatchObject([{ type: 'recovered' }]);
  });
});

test('a doubt that a turned order can settle by itself has no case any more', () => {
  const policies = policiesWith({}, { query: 'none', idempotency: 'none', fencesUnknownKeys: true });
  const before = deduction({ points: legs.applied, quota: legs['in doubt'] });
  const stuck = run(before, delivery, at(10), policies);
  expect(stuck.cases).toMatchObject([{ type: 'held', leg: 'quota', cause: 'doubt' }]);
  const turned = run(only(stuck), { type: 'cancel' }, at(11), policies);
  const result = run(only(turned), delivery, at(12), policies);
  expect(result.cases).toEqual([{ type: 'recovered', deductionId: '1', leg: 'quota' }]);
  expect(attemptOf(result).call).toEqual({ leg: 'quota', action: 'give_back' });
});

test('a look-up that finds nothing yet is no proof', () => {
  const before = deduction({ points: legs['in doubt'], attention: held, failures: 3 });
  const looking = run(before, { type: 'look_up', deductionId: '1', leg: 'points', late: undefined }, at(12));
  const { token, call, intendedAt } = attemptOf(looking);
  const result = run(
    only(looking),
    { type: 'looked_up', deductionId: '1', token, call, intendedAt, answer: notFound },
    at(13),
  );
  expect(only(result)).toMatchObject({ points: legs['in doubt'], attention: held });
});

describe('points that have to go back to a channel without reversal', () => {
  const noReversal = policiesWith({ failuresMax: 3, reversal: 'none' });
  const applied = deduction({ goal: 'undo', points: legs.applied, quota: legs.void });
  const waiting = run(applied, delivery, at(1), noReversal);

  test('wait for a person at once, and nobody calls for them', () => {
    expect(waiting.verdicts).toEqual([{ type: 'stuck' }]);
    expect(only(waiting).attention).toEqual({ type: 'held', leg: 'points', cause: 'cannot_give_back' });
    expect(waiting.cases).toMatchObject([{ type: 'held', cause: 'cannot_give_back' }]);
  });
  test('are given back when a person says that they were', () => {
    const resolved = run(only(waiting), resolve(true), at(2), noReversal);
    expect(inWords(only(resolved).points)).toBe('undone 50');
    expect(resolved.settlement.order.status).toBe('cancelled');
  });
  test('wait again after a retry', () => {
    const retried = run(only(waiting), retry, at(2), noReversal);
    const again = run(only(retried), delivery, at(3), noReversal);
    expect(again.cases).toMatchObject([{ type: 'held', cause: 'cannot_give_back', isAgain: true }]);
  });
  test('are given back by a call once the channel has learnt it', () => {
    const freed = run(only(waiting), delivery, at(2), under);
    expect(freed.verdicts).toMatchObject([{ type: 'call', attempt: { call: { action: 'give_back' } } }]);
    expect(freed.cases).toMatchObject([{ type: 'recovered' }]);
  });
});
