import { describe, expect, test } from '@jest/globals';
import { caseAction, hasMovedOn, type CaseFacts } from './case-policy.ts';
import { at, legs, legSamples } from './testing/samples.ts';

const limits = { failuresMax: 3, pendingMaxMs: 60_000 };
const call = { type: 'call', call: { leg: 'points', action: 'deduct' } } as const;

function facts(changes: Partial<CaseFacts> = {}): CaseFacts {
  const { step = call, leg = legs.idle, failures = 0, retriedAt, now = at(30) } = changes;
  return { step, leg, failures, isMisconfigured: changes.isMisconfigured ?? false, retriedAt, now };
}

describe('tries in a row that met trouble', () => {
  test('go on below the limit and end at it', () => {
    expect(caseAction(limits, facts({ failures: 2 }))).toEqual({ type: 'go_on' });
    expect(caseAction(limits, facts({ failures: 3 }))).toEqual({ type: 'hold', cause: 'attempts_used_up' });
  });
  test('do not count where the remote refuses our set-up: that is one case for all', () => {
    expect(caseAction(limits, facts({ failures: 30, isMisconfigured: true }))).toEqual({ type: 'go_on' });
  });
  test('do not count against waiting until a look-up is final, which costs no call', () => {
    const step = { type: 'wait', until: at(99) } as const;
    expect(caseAction(limits, facts({ failures: 30, step, leg: legs['in doubt'] }))).toEqual({
      type: 'go_on',
    });
  });
});

describe('what a remote accepted', () => {
  const find = { type: 'call', call: { leg: 'points', action: 'find_deduct' } } as const;
  test.each([legs.pending, legs['undo pending']])('is asked for until it takes too long: $state', (leg) => {
    expect(caseAction(limits, facts({ step: find, leg, now: at(59.999) }))).toEqual({ type: 'go_on' });
    const tooLong = { type: 'hold', cause: 'pending_too_long' };
    expect(caseAction(limits, facts({ step: find, leg, now: at(60) }))).toEqual(tooLong);
  });
  test('is waited for where it cannot be asked for', () => {
    const stuck = facts({ step: { type: 'stuck' }, leg: legs.pending });
    expect(caseAction(limits, stuck)).toEqual({ type: 'wait', until: at(60) });
    expect(caseAction(limits, { ...stuck, now: at(60) })).toEqual({
      type: 'hold',
      cause: 'pending_too_long',
    });
  });
  test('is looked at every hour where nobody knows how long it may take', () => {
    const stuck = facts({ step: { type: 'stuck' }, leg: legs.pending, now: at(7_000_000) });
    const until = at(7_000_000 + 3_600);
    expect(caseAction({ ...limits, pendingMaxMs: Infinity }, stuck)).toEqual({ type: 'wait', until });
  });
  test('has all its time again after a retry', () => {
    const retried = facts({ step: find, leg: legs.pending, retriedAt: at(50), now: at(100) });
    expect(caseAction(limits, retried)).toEqual({ type: 'go_on' });
  });
});

test.each([
  [legs['in doubt, not found'], 'doubt'],
  [legs['undo in doubt'], 'doubt'],
  [legs['undo refused'], 'give_back_refused'],
  [{ ...legs['undo refused'], reason: 'another_amount' }, 'another_amount'],
] as const)('a leg that nothing moves waits for a person: %j', (leg, cause) => {
  expect(caseAction(limits, facts({ step: { type: 'stuck' }, leg }))).toEqual({ type: 'hold', cause });
});

describe('a case ends by itself', () => {
  test.each([
    ['doubt', 'in doubt', 'applied'],
    ['doubt', 'in doubt', 'idle'],
    ['doubt', 'undo in doubt', 'applied'],
    ['attempts_used_up', 'idle', 'void'],
    ['attempts_used_up', 'sent', 'applied'],
    ['attempts_used_up', 'sent', 'pending'],
    ['attempts_used_up', 'undo sent', 'undone'],
    ['give_back_refused', 'undo refused', 'undone'],
  ] as const)('%s, when what was %s is %s', (cause, before, after) => {
    expect(hasMovedOn(cause, legs[before], legs[after])).toBe(true);
  });
  test.each([
    ['attempts_used_up', 'idle', 'sent'],
    ['attempts_used_up', 'sent', 'idle'],
    ['attempts_used_up', 'undo sent', 'applied'],
    ['attempts_used_up', 'undo in doubt', 'applied'],
    ['give_back_refused', 'undo refused', 'applied'],
  ] as const)('%s does not, when what was %s is %s', (cause, before, after) => {
    expect(hasMovedOn(cause, legs[before], legs[after])).toBe(false);
  });
  test('late truth never does', () => {
    for (const before of legSamples) {
      for (const after of legSamples) expect(hasMovedOn('late_truth', legs[before], legs[after])).toBe(false);
    }
  });
});
