import { describe, expect, test } from '@jest/globals';
import { advance } from './advance.ts';
import type { Answer, Deduction, LegPolicy } from './deduction.ts';
import type { Advance, Input } from './advance.ts';
import type { Settlement } from './order.ts';
import { nextStep } from './next-step.ts';
import {
  at,
  deduction,
  done,
  found,
  inWords,
  legs,
  notFound,
  pending,
  policiesWith,
  settlement,
  unknown,
} from './testing/samples.ts';

const checkMs = 600_000;
const checked: Partial<LegPolicy> = { lateEffectCheckMs: checkMs };

function step(before: Settlement, input: Input, seconds: number, policy = checked): Advance {
  return advance(before, [input], {
    now: at(seconds),
    policiesOf: () => policiesWith(policy),
    random: () => 0.5,
    wakeAfterMs: 5_000,
  });
}

const deliver: Input = { type: 'delivery', deductionId: '1' };

function answered({ verdicts }: Advance, answer: Answer): Input {
  const [verdict] = verdicts;
  if (verdict?.type !== 'call') throw new Error(`no call: ${verdict?.type}`);
  const { token, call, intendedAt } = verdict.attempt;
  return { type: 'outcome', deductionId: '1', token, call, answer, intendedAt };
}

function only({ settlement: { deductions } }: Advance): Deduction {
  const [first] = deductions;
  if (first === undefined) throw new Error('no deduction');
  return first;
}

/** An order that was undone because nothing was found of its one deduction, at 40 s. */
function voided(policy = checked): Advance {
  const doubtful = deduction({ goal: 'undo', points: legs['in doubt, not found'], quota: legs.void });
  const order = { status: 'compensating', reason: { code: 'cancelled_by_mall' } } as const;
  const asking = step(settlement([doubtful], order), deliver, 40, policy);
  return step(asking.settlement, answered(asking, notFound), 40, policy);
}

/** The late look of that deduction under way. */
function looking(): Advance {
  return step(voided().settlement, deliver, 700);
}

describe('a leg that was given up because nothing was found', () => {
  test('is to be looked at once more, by the sweeper and no message', () => {
    const { settlement: ended, messages } = voided();
    expect(ended.order.status).toBe('cancelled');
    expect(ended.deductions[0]).toMatchObject({
      points: { state: 'void' },
      lateCheck: { at: at(640), from: at(0), until: at(640) },
      wakeBy: at(640),
    });
    expect(messages.filter(({ type }) => type === 'deduction_due')).toEqual([]);
  });
  test('is left alone for ever where the channel wants no late look', () => {
    expect(only(voided({ lateEffectCheckMs: 0 }))).toMatchObject({ lateCheck: undefined, wakeBy: undefined });
  });
  test('is not looked at before its time', () => {
    const early = step(voided().settlement, deliver, 639);
    expect(early.verdicts).toEqual([{ type: 'release' }]);
    expect(only(early).wakeBy).toEqual(at(640));
  });
  test('is looked at under the lease, in the first way that there is, over all that could be', () => {
    const { verdicts } = looking();
    expect(verdicts).toMatchObject([
      {
        type: 'call',
        attempt: {
          call: { leg: 'points', action: 'find_deduct' },
          search: { from: at(0), until: at(640), besides: undefined },
        },
      },
    ]);
    const byScan = { ...checked, query: 'none', scan: { reachMs: Infinity } } as const;
    const [verdict] = step(voided().settlement, deliver, 700, byScan).verdicts;
    expect(verdict).toMatchObject({ attempt: { call: { action: 'scan_deduct' } } });
  });
});

describe('the late look', () => {
  test('that finds nothing ends the matter', () => {
    const asking = looking();
    const after = step(asking.settlement, answered(asking, notFound), 701);
    expect(only(after)).toMatchObject({ lateCheck: undefined, wakeBy: undefined, lease: undefined });
    expect(after.cases).toEqual([]);
  });
  test('that finds an effect opens a case with its points and leaves leg and order as they are', () => {
    const asking = looking();
    const after = step(asking.settlement, answered(asking, found(done('50'))), 701);
    expect(after.cases).toMatchObject([{ type: 'late_truth', leg: 'points' }]);
    expect(after.cases[0]).toHaveProperty('points', done('50').points);
    expect(inWords(only(after).points)).toBe('void');
    expect(after.settlement.order.status).toBe('cancelled');
    expect(only(after)).toMatchObject({ lateCheck: undefined, wakeBy: undefined, lease: undefined });
  });
  test('without an answer is made again after the same time, and is nobody’s case', () => {
    let now = 700;
    let asking = looking();
    for (let round = 0; round < 50; round += 1) {
      const mute = step(asking.settlement, answered(asking, { type: 'found_out', outcome: unknown }), now);
      expect(mute.cases).toEqual([]);
      expect(only(mute)).toMatchObject({
        lateCheck: { at: at(now + 600), from: at(0), until: at(640) },
        wakeBy: at(now + 600),
      });
      now += 600;
      asking = step(mute.settlement, deliver, now, { ...checked, failuresMax: 3 });
    }
  });
  test('into a statement that is open is made again when that should be closed, over the same time', () => {
    const asking = looking();
    const open = { type: 'open', readyAt: at(90_000), evidence: {} } as const;
    const after = step(asking.settlement, answered(asking, { type: 'found_out', outcome: open }), 701);
    expect(only(after)).toMatchObject({
      lateCheck: { at: at(90_000), from: at(0), until: at(640) },
      wakeBy: at(90_000),
    });
  });
  test('that finds what was accepted is made again, for it may still be done', () => {
    const asking = looking();
    const after = step(asking.settlement, answered(asking, found(pending)), 701);
    expect(only(after)).toMatchObject({ lateCheck: { at: at(1_301) }, wakeBy: at(1_301) });
    expect(after.cases).toEqual([]);
  });
  test('that finds several effects opens a case for a person to add up', () => {
    const asking = looking();
    const several = { ...unknown, cause: 'several_effects' } as const;
    const after = step(asking.settlement, answered(asking, { type: 'found_out', outcome: several }), 701);
    expect(after.cases).toMatchObject([{ type: 'late_truth', leg: 'points' }]);
    expect(only(after)).toMatchObject({ points: { state: 'void' }, lateCheck: undefined, wakeBy: undefined });
  });
  test('waits for the file of a channel that has none, an hour at a time', () => {
    const fileless = step(voided().settlement, deliver, 700, { ...checked, query: 'none' });
    expect(fileless.verdicts).toEqual([{ type: 'release' }]);
    expect(only(fileless).wakeBy).toEqual(at(4_300));
  });
  test('whose worker died is made by another', () => {
    const asking = looking();
    const again = step(asking.settlement, deliver, 800);
    expect(again.verdicts).toMatchObject([{ type: 'call', attempt: { token: 3 } }]);
  });
});

describe('a leg that was sent again after nothing was found', () => {
  const lateCheck = { at: at(640), from: at(0), until: at(640) };
  const settled = (policy: Partial<LegPolicy>): ReturnType<typeof nextStep> =>
    nextStep(
      deduction({ points: legs.applied, quota: legs.applied, lateCheck }),
      'confirm',
      policiesWith({ ...checked, ...policy }),
      at(700),
    );

  test('is looked at for a second effect where keys mean nothing', () => {
    expect(settled({ idempotency: 'none' })).toMatchObject({ type: 'call', call: { leg: 'points' } });
    const before = settlement([deduction({ points: legs.applied, quota: legs.applied, lateCheck })], {
      status: 'settled',
    });
    const keyless = { ...checked, idempotency: 'none' } as const;
    const asking = step(before, deliver, 700, keyless);
    const [verdict] = asking.verdicts;
    expect(verdict).toMatchObject({ attempt: { search: { besides: 'T-1' } } });
    const second = found({ ...done(), remoteId: 'T-9' });
    const after = step(asking.settlement, answered(asking, second), 701, keyless);
    expect(after.cases).toMatchObject([{ type: 'late_truth' }]);
    expect(after.settlement.order.status).toBe('settled');
  });
  test('needs no late look where its key has one effect', () => {
    const sent = deduction({
      points: legs.sent,
      lateCheck,
      attempts: 1,
      lease: { token: 1, until: at(50) },
    });
    const outcome: Input = {
      type: 'outcome',
      deductionId: '1',
      token: 1,
      call: { leg: 'points', action: 'deduct' },
      answer: { type: 'acted', outcome: done() },
      intendedAt: at(0),
    };
    expect(only(step(settlement([sent]), outcome, 40)).lateCheck).toBeUndefined();
  });
});
