import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Attempt } from './advance.ts';
import { directionOfAction } from './action.ts';
import type { CallbackEffect } from './callback.ts';
import type { Deduction, LegPolicy } from './deduction.ts';
import { isClear } from './leg.ts';
import { nextStep } from './next-step.ts';
import { stageOf } from './stage.ts';
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
  { query: 'none', scan: { reachMs: Infinity } },
  { query: 'none', remembersRejections: false, scan: { reachMs: Infinity } },
  { query: 'none', idempotency: 'none', remembersRejections: false, scan: { reachMs: Infinity } },
  { query: 'none', idempotency: 'none', remembersRejections: false, statement: { retentionMs: Infinity } },
  { echo: 'none' },
  { echo: 'none', query: 'none', scan: { reachMs: Infinity } },
  {
    echo: 'none',
    query: 'none',
    idempotency: 'none',
    remembersRejections: false,
    scan: { reachMs: Infinity },
  },
  { lateEffectCheckMs: 600_000 },
  { idempotency: 'none', remembersRejections: false, lateEffectCheckMs: 600_000 },
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
      mayHold: fc.boolean(),
      isPoor: fc.nat(5),
      lag: fc.nat(1),
      pendingMs: fc.constantFrom(0, 0, 0, 1_500, 40_000),
    })
    .map(({ kind, mayHold, isPoor, lag, pendingMs }) => {
      const promised = { ...bestPolicy, ...kind };
      // Who holds is asked by key, and knows its keys.
      const holds = mayHold && promised.query === 'by-key' && promised.idempotency === 'key-replays';
      const policy = { ...promised, releaseBarsHold: holds && promised.fencesUnknownKeys };
      // What was accepted and then refused is in no list: there a person is asked in the end.
      const canWait = policy.query === 'by-key';
      return {
        policy,
        holds,
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

/** Plain, for it is asked some hundred thousand times. */
function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(rule);
}

/** What holds after every single step, whatever happens. */
function witnessOf(): (sight: Sight) => void {
  const amounts = new Map<string, string>();
  const keys = new Map<string, string>();
  return (sight) => {
    const { before, after, attempt } = sight;
    const { status } = before.order;
    if (status === 'settled' || status === 'cancelled') must(after.order === before.order, 'an end is final');
    if (status === 'compensating') must(!/settl/.test(after.order.status), 'compensating never settles');
    for (const one of after.deductions) witnessOne(one, sight);
    if (attempt === undefined) return;
    witnessCall(attempt, sight);
    const { call, key, points, deductionId } = attempt;
    const operation = `${deductionId} ${call.leg} ${directionOfAction(call.action)}`;
    must((keys.get(operation) ?? key) === key, 'an operation keeps its key');
    keys.set(operation, key);
    if (call.action.startsWith('find')) return;
    must((amounts.get(key) ?? points.toFixed()) === points.toFixed(), 'a key keeps its amount');
    amounts.set(key, points.toFixed());
  };
}

function witnessOne(one: Deduction, { after, policiesOf, remotesOf, now }: Sight): void {
  const { channel, wakeBy, lease } = one;
  const stage = stageOf(after.deductions);
  if (wakeBy === undefined)
    must(nextStep(one, stage, policiesOf(channel), now).type === 'rest', 'who has something to do is woken');
  if (lease !== undefined) must(wakeBy?.getTime() === lease.until.getTime(), 'a lease is watched to its end');
  const remotes = remotesOf(channel);
  const [points, quota] = (['points', 'quota'] as const).map((leg) => remotes[leg].net(forwardKey(one, leg)));
  for (const net of [points, quota]) {
    must(net !== undefined && net.lessThanOrEqualTo(one.asked) && !net.isNegative(), 'nothing moves twice');
  }
  if (quota?.isZero() === false) must(points?.isZero() === false, 'no quota is taken without points');
}

function witnessCall({ call, channel, deductionId }: Attempt, { after, policiesOf }: Sight): void {
  const { leg, action } = call;
  const intended = after.deductions.find(({ id }) => id === deductionId);
  if (intended === undefined) throw new Error('a call belongs to a deduction');
  if ((action === 'deduct' || action === 'hold') && intended.goal === 'undo') {
    const { query, idempotency } = policiesOf(channel)[leg];
    must(query === 'none' && idempotency === 'key-replays', 'undoing, a resend is the only way to ask');
    must(
      intended[leg].state === 'sent' && intended[leg].unproven,
      'undoing, nothing is sent for the first time',
    );
  }
  if (leg === 'quota' && action === 'deduct') {
    must(/^(applied|held)$/.test(intended.points.state), 'points come first');
  }
  if (leg === 'points' && (action === 'give_back' || action === 'release')) {
    must(isClear(intended.quota), 'quota goes back first');
  }
  if (action === 'confirm')
    must(stageOf(after.deductions) === 'confirm', 'nothing is confirmed before all are ready');
  if (action === 'deduct' && leg === 'points' && intended.goal === 'settle') {
    must(stageOf(after.deductions) !== 'hold', 'nothing is deducted before all holds are there');
  }
}

function expectBooksToAgree({ end, remotesOf }: ReturnType<typeof walk>): void {
  const expected = end.order.status === 'settled' ? asked.toFixed() : '0';
  for (const one of end.deductions) {
    const books = remotesOf(one.channel);
    if (one.holds && end.order.status === 'settled') {
      expect(books.points.isConfirmed(forwardKey(one, 'points'))).toBe(true);
    }
    expect({
      status: end.order.status,
      points: books.points.net(forwardKey(one, 'points')).toFixed(),
      quota: books.quota.net(forwardKey(one, 'quota')).toFixed(),
    }).toEqual({ status: end.order.status, points: expected, quota: expected });
  }
}

const runs = { numRuns: 1_000 };

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

  test('what channels tell by themselves, in any order, changes no end, and an honest one never contradicts', () => {
    const effects = new Set<CallbackEffect>();
    fc.assert(
      fc.property(scenarios(answerable), (scenario) => {
        const walked = walk({ ...scenario, tells: true }, witnessOf());
        expect(walked.end.order.status).toMatch(/^(settled|cancelled)$/);
        expectBooksToAgree(walked);
        walked.effects.forEach((effect) => effects.add(effect));
      }),
      // A thousand meet a refusal that proves nothing about three times on the average, and now and then not at all.
      { numRuns: 5_000 },
    );
    expect(effects).toEqual(new Set(['moved', 'asked', 'nothing_new']));
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

  test.each([true, false])(
    'a late request that is granted after its resend was refused is not lost (refusals remembered: %p)',
    (remembersRejections) => {
      const policy = { ...bestPolicy, remembersRejections };
      const nature = { policy, balance: 1_000, lagMs: 0, pendingMs: 0 };
      const late = allFates.indexOf('request late');
      const poor = allFates.indexOf('refused for now');
      // The first request arrives after 9 s; meanwhile it is looked for, sent again, and refused.
      const choices = [late, 90, allFates.indexOf('answered'), poor];
      const walked = walk({ deductions: [{ points: nature, quota: nature }], choices }, witnessOf());
      expect(walked.end.order.status).toBe(remembersRejections ? 'cancelled' : 'settled');
      expectBooksToAgree(walked);
    },
  );
});
