import { describe, expect, test } from '@jest/globals';
import type { Admission } from './admission.ts';
import { advance, type Advance, type Input } from './advance.ts';
import type { Deduction } from './deduction.ts';
import { at, deduction, legs, policies, settlement, unknown, acted } from './testing/samples.ts';

function run(before: Deduction, input: Input, admission: Admission, deadlineSeconds = 1_000): Advance {
  return advance(settlement([before], { deadlineAt: at(deadlineSeconds) }), [input], {
    now: at(2),
    policiesOf: () => policies,
    random: () => 0.5,
    wakeAfterMs: 5_000,
    admit: () => admission,
  });
}

const delivery: Input = { type: 'delivery', deductionId: '1' };
const hold: Admission = { type: 'hold', until: at(60) };
const queue: Admission = { type: 'queue', until: at(3) };

describe('a deduction that may not call now', () => {
  test.each([
    ['that is idle', {}],
    ['in doubt', { points: legs['in doubt'], failures: 3, attempts: 4 }],
    ['to be undone', { goal: 'undo', points: legs.applied, quota: legs.void, attempts: 2 }],
  ] as const)('loses nothing by waiting for its remote: %s', (_which, changes) => {
    const before = deduction(changes);
    const { settlement: after, verdicts, messages } = run(before, delivery, hold);
    expect(after.deductions).toEqual([{ ...before, wakeBy: at(60) }]);
    expect([verdicts, messages]).toEqual([[{ type: 'release' }], []]);
  });

  test('waits for its turn with a message that brings it back', () => {
    const before = deduction();
    const { settlement: after, verdicts, messages } = run(before, delivery, queue);
    expect(after.deductions).toEqual([{ ...before, wakeBy: at(8) }]);
    expect(verdicts).toEqual([{ type: 'release' }]);
    expect(messages).toMatchObject([{ type: 'deduction_due', deductionId: '1', availableAt: at(3) }]);
  });

  test('records the outcome of the call that it made before', () => {
    const before = deduction({ points: legs.sent, attempts: 1, lease: { token: 1, until: at(11) } });
    const call = { leg: 'points', action: 'deduct' } as const;
    const answer = acted(unknown);
    const input: Input = { type: 'outcome', deductionId: '1', token: 1, call, answer, intendedAt: at(0) };
    const { settlement: after, messages } = run(before, input, hold);
    expect(after.deductions).toMatchObject([{ points: { state: 'in_doubt' }, failures: 1, wakeBy: at(60) }]);
    expect(after.deductions[0]?.lease).toBeUndefined();
    expect(messages).toEqual([]);
  });

  test.each([
    ['cancel', { type: 'cancel' }],
    ['deadline', { type: 'deadline' }],
  ] as const)('ends by a %s without any call, if nothing was ever sent', (_name, input) => {
    const { settlement: after } = run(deduction(), input, hold, 1);
    expect(after.order.status).toBe('cancelled');
    expect(after.deductions).toMatchObject([{ points: { state: 'void' }, wakeBy: undefined, attempts: 0 }]);
  });
});
