import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Deduction, LegPolicy } from './deduction.ts';
import { isClear } from './leg.ts';
import { nextStep } from './next-step.ts';
import type { Nature } from './testing/remote-model.ts';
import { asked, bestPolicy } from './testing/samples.ts';
import { allFates, forwardKey, walk, type Fate, type Sight, type Scenario } from './testing/world.ts';

/** Remotes from which every doubt can be settled by itself. */
const answerable: readonly Partial<LegPolicy>[] = [
  {},
  { remembersRejections: false },
  { fencesUnknownKeys: true, notFoundFinalAfterMs: 0 },
  { fencesUnknownKeys: true, notFoundFinalAfterMs: 0, remembersRejections: false },
  { idempotency: 'none', remembersRejections: false },
  { query: 'none' },
];
/** Remotes where a person may be needed. */
const mute: readonly Partial<LegPolicy>[] = [
  { query: 'none', idempotency: 'none', remembersRejections: false },
  { idempotencyRetentionMs: 120_000 },
];

function natures(kinds: readonly Partial<LegPolicy>[]): fc.Arbitrary<Nature> {
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      isPoor: fc.nat(5),
      lag: fc.nat(1),
      pendingMs: fc.constantFrom(0, 0, 0, 1_500, 40_000),
    })
    .map(({ kind, isPoor, lag, pendingMs }) => {
      const policy = { ...bestPolicy, ...kind };
      const canWait = policy.query === 'by-key';
      return {
        policy,
        balance: isPoor === 5 ? 10 : 1_000,
        lagMs: lag * policy.notFoundFinalAfterMs,
        pendingMs: canWait ? pendingMs : 0,
      };
    });
}

function scenarios(kinds: readonly Partial<LegPolicy>[]): fc.Arbitrary<Scenario> {
  return fc.record({
    deductions: fc.array(fc.record({ points: natures(kinds), quota: natures(kinds) }), {
      minLength: 1,
      maxLength: 3,
    }),
    choices: fc.array(fc.oneof(fc.constant(0), fc.nat(9_999)), { maxLength: 80 }),
  });
}

/** What holds after every single step, whatever happens. */
function witnessOf(): (sight: Sight) => void {
  const amounts = new Map<string, string>();
  const keys = new Map<string, string>();
  return ({ before, after, attempt, now, policiesOf, remotesOf }) => {
    const { status } = before.order;
    if (status === 'settled' || status === 'cancelled') expect(after.order).toBe(before.order);
    if (status === 'compensating') expect(after.order.status).not.toMatch(/settl/);
    for (const one of after.deductions) {
      const isAsleep = one.wakeBy === undefined;
      if (isAsleep) expect(nextStep(one, policiesOf(one.channel), now).type).toBe('rest');
      if (one.lease !== undefined) expect(one.wakeBy).toEqual(one.lease.until);
      for (const leg of ['points', 'quota'] as const) {
        const net = remotesOf(one.channel)[leg].net(forwardKey(one, leg));
        expect(net.lessThanOrEqualTo(asked) && !net.isNegative()).toBe(true);
      }
      const quotaNet = remotesOf(one.channel).quota.net(forwardKey(one, 'quota'));
      const pointsNet = remotesOf(one.channel).points.net(forwardKey(one, 'points'));
      if (!quotaNet.isZero()) expect(pointsNet.isZero()).toBe(false);
    }
    if (attempt === undefined) return;
    const { call, key, points, channel, deductionId } = attempt;
    const subject = before.deductions.find(({ id }) => id === deductionId) as Deduction;
    const intended = after.deductions.find(({ id }) => id === deductionId) as Deduction;
    if (call.action === 'deduct' && intended.goal === 'undo') {
      const policy = policiesOf(channel)[call.leg];
      expect([policy.query, policy.idempotency]).toEqual(['none', 'key-replays']);
      expect(intended[call.leg]).toMatchObject({ state: 'sent', unproven: true });
    }
    if (call.leg === 'quota' && call.action === 'deduct') expect(subject.points.state).not.toBe('idle');
    if (call.leg === 'quota' && call.action === 'deduct') expect(intended.points.state).toBe('applied');
    if (call.leg === 'points' && call.action === 'give_back') expect(isClear(intended.quota)).toBe(true);
    const direction = call.action.replace('find_', '');
    const operation = `${deductionId} ${call.leg} ${direction}`;
    expect(keys.get(operation) ?? key).toBe(key);
    keys.set(operation, key);
    if (call.action.startsWith('find')) return;
    expect(amounts.get(key) ?? points.toFixed()).toBe(points.toFixed());
    amounts.set(key, points.toFixed());
  };
}

function expectBooksToAgree({ end, remotesOf }: ReturnType<typeof walk>): void {
  const expected = end.order.status === 'settled' ? asked.toFixed() : '0';
  for (const one of end.deductions) {
    const books = remotesOf(one.channel);
    expect({
      status: end.order.status,
      points: books.points.net(forwardKey(one, 'points')).toFixed(),
      quota: books.quota.net(forwardKey(one, 'quota')).toFixed(),
    }).toEqual({ status: end.order.status, points: expected, quota: expected });
  }
}

const runs = { numRuns: 1_500 };

describe('whatever is lost, late, doubled or killed', () => {
  test('every order ends, and the books say what its status says', () => {
    const met = new Set<Fate>();
    const statuses = new Set<string>();
    fc.assert(
      fc.property(scenarios(answerable), (scenario) => {
        const walked = walk(scenario, witnessOf());
        expect(walked.end.order.status).toMatch(/^(settled|cancelled)$/);
        expectBooksToAgree(walked);
        expect(walked.end.deductions.map(({ wakeBy, lease }) => wakeBy ?? lease)).toEqual(
          walked.end.deductions.map(() => undefined),
        );
        walked.fates.forEach((fate) => met.add(fate));
        statuses.add(walked.end.order.status);
      }),
      runs,
    );
    expect([...met].toSorted()).toEqual([...allFates].toSorted());
    expect(statuses).toEqual(new Set(['settled', 'cancelled']));
  });

  test('where a remote gives no answer, an order ends or says that it needs a person, and nothing is doubled', () => {
    let needed = 0;
    fc.assert(
      fc.property(scenarios([...answerable, ...mute]), (scenario) => {
        const walked = walk(scenario, witnessOf());
        const hasEnded = /^(settled|cancelled)$/.test(walked.end.order.status);
        if (hasEnded) expectBooksToAgree(walked);
        else expect(walked.stuck.size).toBeGreaterThan(0);
        if (!hasEnded) needed += 1;
      }),
      runs,
    );
    expect(needed).toBeGreaterThan(0);
  });
});
