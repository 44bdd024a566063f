import { describe, expect, test } from '@jest/globals';
import { advance, type Advance, type Attempt, type Input } from './advance.ts';
import type { Answer, Deduction } from './deduction.ts';
import type { Settlement } from './order.ts';
import { Points } from './points.ts';
import {
  acted,
  asked,
  at,
  deduction,
  done,
  inWords,
  legs,
  notFound,
  notSent,
  policies,
  policiesWith,
  rejected,
  settlement,
  unknown,
} from './testing/samples.ts';

const wakeAfterMs = 5_000;

function run(before: Settlement, inputs: readonly Input[], now: Date, under = policies): Advance {
  return advance(before, inputs, { now, policiesOf: () => under, random: () => 0.5, wakeAfterMs });
}

function delivery(deductionId = '1'): Input {
  return { type: 'delivery', deductionId };
}

/** The attempt that an input led to. */
function attemptOf({ verdicts }: Advance, index = 0): Attempt {
  const verdict = verdicts[index];
  if (verdict?.type !== 'call') throw new Error(`no call but ${verdict?.type}`);
  return verdict.attempt;
}

function outcome({ deductionId, token, call, intendedAt }: Attempt, answer: Answer): Input {
  return { type: 'outcome', deductionId, token, call, answer, intendedAt };
}

function only({ settlement: { deductions } }: Advance): Deduction {
  const [one] = deductions;
  if (one === undefined || deductions.length !== 1) throw new Error('not one deduction');
  return one;
}

/** `one` with its points applied and a call to take its quota under way. */
function takingQuota(id: string): Deduction {
  const before = deduction({ id, channel: `channel-${id}`, points: legs.applied, attempts: 1 });
  const [taken] = run(settlement([before]), [delivery(id)], at(0)).settlement.deductions;
  return taken as Deduction;
}

function quotaOutcome(id: string, answer: Answer): Input {
  const call = { leg: 'quota', action: 'deduct' } as const;
  return { type: 'outcome', deductionId: id, token: 2, call, answer, intendedAt: at(0) };
}

describe('a delivery', () => {
  test('takes the lease, writes the intent down and says what to call', () => {
    const result = run(settlement([deduction()]), [delivery()], at(0));
    expect(only(result)).toMatchObject({
      points: { state: 'sent', quietAt: at(10) },
      lease: { token: 1, until: at(11) },
      wakeBy: at(11),
    });
    expect(attemptOf(result)).toMatchObject({
      token: 1,
      call: { leg: 'points', action: 'deduct' },
      key: `${'A'.repeat(26)}PD`,
      points: asked,
      intendedAt: at(0),
      sendBy: at(5),
    });
  });
  test('that finds the lease taken is dropped and changes nothing', () => {
    const { settlement: taken } = run(settlement([deduction()]), [delivery()], at(0));
    const result = run(taken, [delivery(), delivery()], at(10.999));
    expect(result.settlement).toEqual(taken);
    expect(result.verdicts).toEqual([{ type: 'release' }, { type: 'release' }]);
    expect(result.messages).toEqual([]);
  });
  test('that finds the lease expired takes over in doubt, under a token of its own', () => {
    const { settlement: taken } = run(settlement([deduction()]), [delivery()], at(0));
    const result = run(taken, [delivery()], at(11));
    expect(inWords(only(result).points)).toBe('in_doubt, not_yet');
    expect(attemptOf(result)).toMatchObject({ token: 2, call: { action: 'find_deduct' } });
  });
  test('that finds a pause does not append another message, and leaves it to the sweeper if the first was lost', () => {
    const paused = deduction({ notBefore: at(8) });
    const result = run(settlement([paused]), [delivery()], at(0));
    expect(result.messages).toEqual([]);
    expect(only(result).wakeBy).toEqual(at(13));
  });
  test('of a finished deduction does nothing and clears its wake-up', () => {
    const finished = deduction({ points: legs.applied, quota: legs.applied, wakeBy: at(3) });
    const ended = settlement([finished, deduction({ id: '2', points: legs.sent })]);
    const result = run(ended, [delivery()], at(4));
    expect(result.verdicts).toEqual([{ type: 'release' }]);
    expect(result.settlement.deductions[0]?.wakeBy).toBeUndefined();
  });
  test('of a deduction that cannot move says so and looks again', () => {
    const stuck = deduction({ points: legs['in doubt'] });
    const under = policiesWith({ query: 'none', idempotency: 'none' });
    const result = run(settlement([stuck]), [delivery()], at(0), under);
    expect(result.verdicts).toEqual([{ type: 'stuck' }]);
    expect(only(result).wakeBy).toEqual(at(3_600));
  });
  test('of no known deduction is harmless', () => {
    const before = settlement([deduction()]);
    const result = run(before, [delivery('99')], at(0));
    expect(result).toEqual({
      settlement: before,
      verdicts: [{ type: 'unknown' }],
      messages: [],
      cases: [],
      heard: [],
    });
  });
});

describe('an outcome', () => {
  const first = run(settlement([deduction()]), [delivery()], at(0));

  test('leads straight to the next call', () => {
    const result = run(first.settlement, [outcome(attemptOf(first), acted(done()))], at(1));
    expect(attemptOf(result)).toMatchObject({
      token: 2,
      call: { leg: 'quota', action: 'deduct' },
      key: `${'A'.repeat(26)}QD`,
    });
  });
  test('that needs a pause appends its own wake-up, with the sweeper behind it', () => {
    const result = run(first.settlement, [outcome(attemptOf(first), acted(notSent))], at(1));
    expect(result.messages).toMatchObject([
      { type: 'deduction_due', deductionId: '1', availableAt: at(1.5) },
    ]);
    expect(only(result)).toMatchObject({ notBefore: at(1.5), wakeBy: at(6.5), lease: undefined });
  });
  test('under a stale token is evidence and changes nothing', () => {
    const taken = run(first.settlement, [delivery()], at(11));
    const result = run(taken.settlement, [outcome(attemptOf(first), acted(done()))], at(12));
    expect(result).toEqual({
      settlement: taken.settlement,
      verdicts: [{ type: 'stale' }],
      messages: [],
      cases: [],
      heard: [],
    });
  });
  test('that comes twice counts once', () => {
    const answer = outcome(attemptOf(first), acted(done()));
    const result = run(first.settlement, [answer, answer], at(1));
    expect(result.verdicts.map(({ type }) => type)).toEqual(['call', 'stale']);
  });
  test('after the lease ended still counts while nobody took over', () => {
    const result = run(first.settlement, [outcome(attemptOf(first), acted(done()))], at(500));
    expect(inWords(only(result).points)).toBe('applied 50');
  });
  test('of a retry that was not sent leaves the doubt of the first request', () => {
    const doubt = deduction({ points: legs['in doubt, not found'] });
    const retried = run(settlement([doubt]), [delivery()], at(12));
    const result = run(retried.settlement, [outcome(attemptOf(retried), acted(notSent))], at(13));
    expect(inWords(only(result).points)).toBe('in_doubt, not_yet');
  });
});

describe('two workers', () => {
  const both = settlement([takingQuota('1'), takingQuota('2')]);

  test('that record the last two deductions in one batch settle the order, once', () => {
    const inputs = [quotaOutcome('1', acted(done())), quotaOutcome('2', acted(done()))];
    const { settlement: after, messages, verdicts } = run(both, inputs, at(1));
    expect(after.order.status).toBe('settled');
    expect(messages.map(({ type }) => type)).toEqual(['order_ended']);
    expect(verdicts.map(({ type }) => type)).toEqual(['release', 'release']);
    expect(after.deductions.map(({ wakeBy }) => wakeBy)).toEqual([undefined, undefined]);
    expect(run(after, [...inputs, delivery('1')], at(2)).messages).toEqual([]);
  });
  test('that record them one after the other settle it with the second', () => {
    const one = run(both, [quotaOutcome('1', acted(done()))], at(1));
    expect(one.settlement.order.status).toBe('settling');
    const two = run(one.settlement, [quotaOutcome('2', acted(done()))], at(2));
    expect(two.settlement.order.status).toBe('settled');
  });
});

describe('a refusal', () => {
  const idle = deduction({ id: '2', channel: 'idle' });
  const ready = deduction({ id: '3', channel: 'ready', points: legs.applied, quota: legs.applied });
  const calling = takingQuota('4');
  const paused = deduction({
    id: '5',
    channel: 'paused',
    points: legs['in doubt, not found'],
    notBefore: at(60),
  });
  const before = settlement([takingQuota('1'), idle, { ...ready, wakeBy: undefined }, calling, paused]);
  const turned = run(before, [quotaOutcome('1', acted(rejected))], at(1));

  test('turns every deduction', () => {
    expect(turned.settlement.order).toMatchObject({ status: 'compensating', reason: { leg: 'quota' } });
    expect(turned.settlement.deductions.map(({ goal }) => goal)).toEqual(Array(5).fill('undo'));
  });
  test('wakes exactly those that have something to do and that nobody is calling for', () => {
    expect(turned.messages).toMatchObject([
      { deductionId: '3', availableAt: undefined },
      { deductionId: '5', availableAt: at(30) },
    ]);
    expect(turned.settlement.deductions.map(({ wakeBy }) => wakeBy)).toEqual([
      at(12),
      undefined,
      at(6),
      at(11),
      at(35),
    ]);
  });
  test('goes on at once with its own deduction', () => {
    expect(attemptOf(turned)).toMatchObject({
      call: { leg: 'points', action: 'give_back' },
      key: `${'A'.repeat(26)}PR`,
      originalKey: `${'A'.repeat(26)}PD`,
      originalRemoteId: 'T-1',
      points: asked,
    });
  });
  test('is seen by a call under way in its own outcome: what was taken is given back', () => {
    const result = run(turned.settlement, [quotaOutcome('4', acted(done()))], at(2));
    expect(attemptOf(result)).toMatchObject({ call: { leg: 'quota', action: 'give_back' } });
  });
  test('bars a forward step that comes later', () => {
    const result = run(turned.settlement, [delivery('2')], at(2));
    expect(result.verdicts).toEqual([{ type: 'release' }]);
    expect(result.settlement.deductions[1]).toMatchObject({ points: { state: 'void' } });
  });
  test('where nothing took effect cancels at once, once', () => {
    const first = run(settlement([deduction(), idle]), [delivery()], at(0));
    const result = run(first.settlement, [outcome(attemptOf(first), acted(rejected))], at(1));
    expect(result.settlement.order.status).toBe('cancelled');
    expect(result.messages).toMatchObject([{ type: 'order_ended', order: { status: 'cancelled' } }]);
    expect(result.settlement.deductions.map(({ wakeBy }) => wakeBy)).toEqual([undefined, undefined]);
  });
});

describe('giving back', () => {
  test('returns exactly what was taken, not what was asked for', () => {
    const first = run(settlement([deduction()]), [delivery()], at(0));
    const result = run(first.settlement, [outcome(attemptOf(first), acted(done('49.5')))], at(1));
    expect(attemptOf(result)).toMatchObject({
      call: { action: 'give_back' },
      points: new Points('49.5'),
    });
  });
  test('of what may never have been taken names its key, so that a fence bars a late request', () => {
    const doubt = deduction({ goal: 'undo', points: legs.applied, quota: legs['in doubt'] });
    const order = { status: 'compensating' } as const;
    const result = run(settlement([doubt], order), [delivery()], at(0));
    expect(attemptOf(result)).toMatchObject({
      call: { leg: 'quota', action: 'give_back' },
      originalKey: `${'A'.repeat(26)}QD`,
      originalRemoteId: undefined,
    });
  });
});

test('a remote that swallows every request is called ever more seldom', () => {
  const before = settlement([deduction()]);
  let result = run(before, [delivery()], at(0));
  let now = at(0);
  let calls = 0;
  while (now < at(3_600) && calls < 1_000) {
    const [verdict] = result.verdicts;
    if (verdict?.type === 'call') {
      calls += 1;
      const { attempt } = verdict;
      const answer = attempt.call.action === 'deduct' ? acted(unknown) : notFound;
      result = run(result.settlement, [outcome(attempt, answer)], now);
    } else {
      const [message] = result.messages;
      now = message?.type === 'deduction_due' && message.availableAt ? message.availableAt : at(1e6);
      result = run(result.settlement, [delivery()], now);
    }
  }
  // Half of the longest pause is 30 s, and each pause is between two calls.
  expect(calls).toBeLessThan(2 * (3_600 / 30) + 20);
});
