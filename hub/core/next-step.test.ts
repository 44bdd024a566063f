import { describe, expect, test } from '@jest/globals';
import type { Deduction, Goal, Policies } from './deduction.ts';
import { legStates, type Leg } from './leg.ts';
import { nextStep } from './next-step.ts';
import type { Stage } from './stage.ts';
import {
  at,
  deduction,
  legs,
  legSamples,
  policies,
  policiesWith,
  type LegSample,
} from './testing/samples.ts';

const late = at(40);

function stepInWords(
  subject: Deduction,
  under: Policies = policies,
  now = late,
  stage: Stage = 'deduct',
): string {
  try {
    const step = nextStep(subject, stage, under, now);
    switch (step.type) {
      case 'call':
        return `${step.call.action} ${step.call.leg}`;
      case 'wait':
        return `wait until ${(step.until.getTime() - at(0).getTime()) / 1_000} s`;
      case 'rest':
      case 'stuck':
        return step.type;
    }
  } catch {
    return 'cannot happen';
  }
}

function ofPoints(points: Leg, goal: Goal): Deduction {
  return deduction({ goal, points, quota: goal === 'undo' ? legs.void : legs.idle });
}

/** For the points leg at a time when "not found" is final: [goal settle, goal undo]. */
const table: Readonly<Record<LegSample, readonly [string, string]>> = {
  idle: ['deduct points', 'cannot happen'],
  sent: ['wait until 10 s', 'wait until 10 s'],
  'sent again': ['wait until 10 s', 'wait until 10 s'],
  pending: ['find_deduct points', 'find_deduct points'],
  'in doubt': ['find_deduct points', 'find_deduct points'],
  'in doubt, not found': ['deduct points', 'find_deduct points'],
  'in doubt, no answer': ['find_deduct points', 'find_deduct points'],
  held: ['deduct quota', 'release points'],
  'confirm sent': ['wait until 10 s', 'wait until 10 s'],
  'confirm sent again': ['wait until 10 s', 'wait until 10 s'],
  'confirm pending': ['find_confirm points', 'find_confirm points'],
  'confirm in doubt': ['find_confirm points', 'find_confirm points'],
  'confirm in doubt, not found': ['confirm points', 'find_confirm points'],
  'confirm in doubt, no answer': ['find_confirm points', 'find_confirm points'],
  'confirm refused': ['stuck', 'release points'],
  'confirmed another amount': ['stuck', 'stuck'],
  applied: ['deduct quota', 'give_back points'],
  refused: ['rest', 'rest'],
  void: ['rest', 'rest'],
  'undo sent': ['cannot happen', 'wait until 10 s'],
  'undo sent again': ['cannot happen', 'wait until 10 s'],
  'fence sent': ['cannot happen', 'wait until 10 s'],
  'undo pending': ['cannot happen', 'find_give_back points'],
  'undo in doubt': ['cannot happen', 'find_give_back points'],
  'undo in doubt, not found': ['cannot happen', 'give_back points'],
  'undo in doubt, no answer': ['cannot happen', 'find_give_back points'],
  'fence in doubt': ['cannot happen', 'find_give_back points'],
  undone: ['cannot happen', 'rest'],
  'undo refused': ['cannot happen', 'stuck'],
};

test('every state of a leg has its step under both goals', () => {
  const is = Object.fromEntries(
    legSamples.map((sample) => [
      sample,
      [stepInWords(ofPoints(legs[sample], 'settle')), stepInWords(ofPoints(legs[sample], 'undo'))],
    ]),
  );
  expect(is).toEqual(table);
  expect(new Set(legSamples.map((sample) => legs[sample].state))).toEqual(new Set(legStates));
});

/** For the quota leg, whose remote fences unknown keys, after points were applied. */
const quotaTable: Readonly<Partial<Record<LegSample, readonly [string, string]>>> = {
  idle: ['deduct quota', 'cannot happen'],
  pending: ['find_deduct quota', 'find_deduct quota'],
  'in doubt': ['find_deduct quota', 'give_back quota'],
  'in doubt, not found': ['deduct quota', 'give_back quota'],
  'in doubt, no answer': ['find_deduct quota', 'give_back quota'],
  applied: ['rest', 'give_back quota'],
  refused: ['rest', 'give_back points'],
  void: ['rest', 'give_back points'],
  'fence in doubt': ['cannot happen', 'find_give_back quota'],
  undone: ['cannot happen', 'give_back points'],
  'undo refused': ['cannot happen', 'stuck'],
};

test.each(Object.entries(quotaTable))('a quota leg that is %s has its step', (sample, expected) => {
  const quota = legs[sample as LegSample];
  const points = legs.applied;
  expect([
    stepInWords(deduction({ goal: 'settle', points, quota })),
    stepInWords(deduction({ goal: 'undo', points, quota })),
  ]).toEqual(expected);
});

test.each(legSamples.filter((sample) => !['refused', 'void', 'undone'].includes(sample)))(
  'points are not given back while quota is %s',
  (sample) => {
    const subject = deduction({ goal: 'undo', points: legs.applied, quota: legs[sample] });
    expect(stepInWords(subject)).not.toMatch(/points/);
  },
);

test.each(legSamples.filter((sample) => sample !== 'applied' && sample !== 'held'))(
  'quota is not touched going forward while points are %s',
  (sample) => {
    expect(stepInWords(deduction({ goal: 'settle', points: legs[sample] }))).not.toMatch(/quota/);
  },
);

/** For a deduction that holds: what it does in each stage going forward, and undoing. */
const holdTable: Readonly<Partial<Record<LegSample, readonly [string, string, string, string]>>> = {
  idle: ['hold points', 'rest', 'rest', 'cannot happen'],
  'in doubt': ['find_deduct points', 'find_deduct points', 'find_deduct points', 'find_deduct points'],
  'in doubt, not found': ['hold points', 'hold points', 'hold points', 'find_deduct points'],
  held: ['rest', 'rest', 'confirm points', 'release points'],
  applied: ['rest', 'rest', 'rest', 'give_back points'],
  'undo in doubt, not found': ['cannot happen', 'cannot happen', 'cannot happen', 'release points'],
};

test.each(Object.entries(holdTable))('a hold that is %s has its step in each stage', (sample, expected) => {
  const points = legs[sample as LegSample];
  const settling = deduction({ holds: true, points, quota: legs.applied });
  expect([
    ...(['hold', 'deduct', 'confirm'] as const).map((stage) => stepInWords(settling, policies, late, stage)),
    stepInWords(deduction({ holds: true, goal: 'undo', points, quota: legs.void })),
  ]).toEqual(expected);
});

test('a deduction that does not hold begins in its own stage', () => {
  const steps = (['hold', 'deduct', 'confirm'] as const).map((stage) =>
    stepInWords(deduction(), policies, late, stage),
  );
  expect(steps).toEqual(['rest', 'deduct points', 'rest']);
});

test('where releasing bars a late hold, a hold in doubt is released at once', () => {
  const doubtful = deduction({ holds: true, goal: 'undo', points: legs['in doubt'], quota: legs.void });
  expect(stepInWords(doubtful, policiesWith({ releaseBarsHold: true }))).toBe('release points');
  expect(stepInWords({ ...doubtful, holds: false }, policiesWith({ releaseBarsHold: true }))).toBe(
    'find_deduct points',
  );
});

describe('in doubt, where the remote cannot be asked', () => {
  const keyed = policiesWith({ query: 'none' });
  const nothing = policiesWith({ query: 'none', idempotency: 'none' });

  test.each(['in doubt', 'in doubt, not found', 'in doubt, no answer'] as const)(
    'a leg %s is sent again under its key, under both goals',
    (sample) => {
      expect(stepInWords(ofPoints(legs[sample], 'settle'), keyed)).toBe('deduct points');
      expect(stepInWords(ofPoints(legs[sample], 'undo'), keyed)).toBe('deduct points');
    },
  );
  test('giving back is sent again under its key', () => {
    expect(stepInWords(ofPoints(legs['undo in doubt'], 'undo'), keyed)).toBe('give_back points');
  });
  test.each(['in doubt', 'pending'] as const)('without idempotency a leg %s needs a person', (sample) => {
    expect(stepInWords(ofPoints(legs[sample], 'settle'), nothing)).toBe('stuck');
    expect(stepInWords(ofPoints(legs[sample], 'undo'), nothing)).toBe('stuck');
  });
  test.each(['undo in doubt', 'undo pending'] as const)(
    'without idempotency a leg %s needs a person',
    (sample) => {
      expect(stepInWords(ofPoints(legs[sample], 'undo'), nothing)).toBe('stuck');
    },
  );
});

describe('not found', () => {
  const unkeyed = policiesWith({ idempotency: 'none' });
  const settle = ofPoints(legs['in doubt, not found'], 'settle');
  const undo = ofPoints(legs['in doubt, not found'], 'undo');
  const undoing = ofPoints(legs['undo in doubt, not found'], 'undo');

  test('nothing is sent again without idempotency: the look-up that counts is waited for', () => {
    expect(stepInWords(settle, unkeyed, at(29))).toBe('wait until 30 s');
    expect(stepInWords(settle, unkeyed, at(30))).toBe('find_deduct points');
    expect(stepInWords(undoing, unkeyed, at(29))).toBe('wait until 30 s');
    expect(stepInWords(undoing, unkeyed, at(30))).toBe('find_give_back points');
  });
  test('nothing is sent forward again under the goal undo', () => {
    expect(stepInWords(undo, policies, at(29))).toBe('wait until 30 s');
    expect(stepInWords(undo, policies, at(30))).toBe('find_deduct points');
  });
  test('after many failures the sure way is taken, for each resend puts it off', () => {
    expect(stepInWords({ ...settle, failures: 6 }, policies, at(20))).toBe('deduct points');
    expect(stepInWords({ ...settle, failures: 7 }, policies, at(20))).toBe('wait until 30 s');
    expect(stepInWords({ ...undoing, failures: 7 }, policies, at(20))).toBe('wait until 30 s');
  });
});

describe('retention of keys', () => {
  const retaining = policiesWith({ idempotencyRetentionMs: 100_000 });
  const unasked = policiesWith({ idempotencyRetentionMs: 100_000, query: 'none' });
  const settle = ofPoints(legs['in doubt, not found'], 'settle');

  test('a key is sent again within four fifths of its retention, counted from the first intent', () => {
    expect(stepInWords(settle, retaining, at(79.999))).toBe('deduct points');
    expect(stepInWords(ofPoints(legs['in doubt'], 'settle'), unasked, at(79.999))).toBe('deduct points');
    expect(stepInWords(ofPoints(legs['in doubt'], 'settle'), unasked, at(80))).toBe('stuck');
    expect(stepInWords(ofPoints(legs['undo in doubt'], 'undo'), unasked, at(80))).toBe('stuck');
  });
  test('after it, not found proves nothing any more and a person is needed', () => {
    expect(stepInWords(settle, retaining, at(80))).toBe('stuck');
    expect(stepInWords(ofPoints(legs['in doubt, not found'], 'undo'), retaining, at(80))).toBe('stuck');
    expect(stepInWords(ofPoints(legs['undo in doubt, not found'], 'undo'), retaining, at(80))).toBe('stuck');
  });
  test('a remote that was not asked yet is asked all the same', () => {
    expect(stepInWords(ofPoints(legs['in doubt'], 'settle'), retaining, at(9_000))).toBe(
      'find_deduct points',
    );
  });
});

describe('a pause', () => {
  test('no call is made before it is over', () => {
    const paused = deduction({ notBefore: at(41) });
    expect(stepInWords(paused, policies, at(40))).toBe('wait until 41 s');
    expect(stepInWords(paused, policies, at(41))).toBe('deduct points');
  });
  test('the longer of two waits counts', () => {
    const paused = { ...ofPoints(legs['in doubt, not found'], 'undo'), notBefore: at(35) };
    expect(stepInWords(paused, policies, at(20))).toBe('wait until 35 s');
    expect(stepInWords({ ...paused, notBefore: at(25) }, policies, at(20))).toBe('wait until 30 s');
  });
  test('what needs no call is not held up', () => {
    expect(stepInWords(deduction({ points: legs.refused, notBefore: at(99) }))).toBe('rest');
    expect(stepInWords({ ...ofPoints(legs['undo refused'], 'undo'), notBefore: at(99) })).toBe('stuck');
  });
});
