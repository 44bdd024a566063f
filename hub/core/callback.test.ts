import { describe, expect, test } from '@jest/globals';
import type { CallbackHint } from '@points-hub/adapters';
import { advance, type Advance, type Input } from './advance.ts';
import { directions } from './action.ts';
import { hear, type Callback } from './callback.ts';
import type { CaseChange } from './case.ts';
import type { Deduction, Policies } from './deduction.ts';
import { legStates, type LegState } from './leg.ts';
import type { Settlement } from './order.ts';
import {
  acted,
  asked,
  at,
  deduction,
  done,
  inWords,
  isHolding,
  legs,
  legSamples,
  pending,
  policies,
  policiesWith,
  rejected,
  settlement,
  unknown,
  type LegSample,
} from './testing/samples.ts';

const hint: CallbackHint = { type: 'hint', evidence: {} };

/** Everything that a callback can say. */
const words = { done: done(), 'done with 30': done('30'), rejected, pending, hint };
type Telling = `${Callback['direction']} ${keyof typeof words}`;
const tellings = directions.flatMap((direction) =>
  Object.keys(words).map((word) => `${direction} ${word}` as Telling),
);

function telling(name: Telling, id = '1'): Callback {
  const [direction = '', ...word] = name.split(' ');
  return {
    id,
    deductionId: '1',
    direction: direction as Callback['direction'],
    said: words[word.join(' ') as keyof typeof words],
    receivedAt: at(15),
  };
}

const doubt: Cells = {
  'deduct done': 'moved: applied 50',
  'deduct done with 30': 'moved: applied 30',
  'deduct rejected': 'moved: refused: insufficient_points',
  'deduct pending': 'moved: pending',
  'deduct hint': 'asked: in_doubt, not_yet',
};
const doubtOfReturn: Cells = {
  'give_back done': 'moved: undone 50',
  'give_back done with 30': 'moved: undo_refused: another_amount',
  'give_back rejected': 'moved: undo_refused: insufficient_points',
  'give_back pending': 'moved: undo_pending',
  'give_back hint': 'asked: undo_in_doubt, not_yet',
};
/** Nothing is known to have been taken: any amount that was given back is what had been taken. */
const doubtOfFence: Cells = { ...doubtOfReturn, 'give_back done with 30': 'moved: undone 30' };
const doubtOfConfirmation: Cells = {
  'confirm done': 'moved: applied 50',
  'confirm done with 30': 'moved: confirm_refused: another_amount',
  'confirm rejected': 'moved: confirm_refused: insufficient_points',
  'confirm pending': 'moved: confirm_pending',
  'confirm hint': 'asked: confirm_in_doubt, not_yet',
};
const lateConfirmation: Cells = { 'confirm done': 'late_truth', 'confirm done with 30': 'late_truth' };
const lateDeduction: Cells = { 'deduct done': 'late_truth', 'deduct done with 30': 'late_truth' };
const lateReturn: Cells = { 'give_back done': 'late_truth', 'give_back done with 30': 'late_truth' };

type Cells = Readonly<Partial<Record<Telling, string>>>;

/** What each callback makes of each leg; a pair that is not named tells nothing new and changes nothing. */
const table: Readonly<Record<LegSample, Cells>> = {
  idle: { ...lateDeduction, ...lateConfirmation },
  sent: doubt,
  'sent again': doubt,
  pending: { ...doubt, 'deduct pending': 'nothing_new', 'deduct hint': 'asked: pending' },
  'in doubt': doubt,
  'in doubt, not found': doubt,
  'in doubt, no answer': doubt,
  held: {
    ...lateReturn,
    ...lateConfirmation,
    'deduct done with 30': 'late_truth',
    'deduct rejected': 'late_truth',
  },
  'confirm sent': { ...lateReturn, ...doubtOfConfirmation },
  'confirm sent again': { ...lateReturn, ...doubtOfConfirmation },
  'confirm pending': {
    ...lateReturn,
    ...doubtOfConfirmation,
    'confirm pending': 'nothing_new',
    'confirm hint': 'asked: confirm_pending',
  },
  'confirm in doubt': { ...lateReturn, ...doubtOfConfirmation },
  'confirm in doubt, not found': { ...lateReturn, ...doubtOfConfirmation },
  'confirm in doubt, no answer': { ...lateReturn, ...doubtOfConfirmation },
  'confirm refused': { ...lateReturn, ...lateConfirmation },
  'confirmed another amount': {},
  applied: { ...lateReturn, 'deduct done with 30': 'late_truth', 'deduct rejected': 'late_truth' },
  refused: { ...lateDeduction, ...lateConfirmation },
  void: { ...lateDeduction, ...lateConfirmation },
  'undo sent': { ...doubtOfReturn },
  'undo sent again': { ...doubtOfReturn },
  'fence sent': { ...doubtOfFence },
  'undo pending': {
    ...doubtOfReturn,
    'give_back pending': 'nothing_new',
    'give_back hint': 'asked: undo_pending',
  },
  'undo in doubt': { ...doubtOfReturn },
  'undo in doubt, not found': { ...doubtOfReturn },
  'undo in doubt, no answer': { ...doubtOfReturn },
  'fence in doubt': { ...doubtOfFence },
  undone: { 'give_back done with 30': 'late_truth', 'give_back rejected': 'late_truth' },
  'undo refused': { ...lateReturn },
};

function goalOf(sample: LegSample): Deduction['goal'] {
  return /^(undo|void|fence)/.test(legs[sample].state) ? 'undo' : 'settle';
}

function told(
  sample: LegSample,
  name: Telling,
  under: Policies = policies,
  changes: Partial<Deduction> = {},
): { words: string; deduction: Deduction; cases: CaseChange[] } {
  const cases: CaseChange[] = [];
  const before = deduction({
    points: legs[sample],
    holds: isHolding(sample),
    goal: goalOf(sample),
    failures: 4,
    notBefore: at(90),
    ...changes,
  });
  const { deduction: after, effect } = hear(before, telling(name), under, cases);
  const isSame = effect === 'nothing_new' || effect === 'late_truth';
  return { words: isSame ? effect : `${effect}: ${inWords(after.points)}`, deduction: after, cases };
}

describe('state by callback', () => {
  test('every state of a leg is in the table', () => {
    const states = new Set<LegState>(legSamples.map((sample) => legs[sample].state));
    expect(states).toEqual(new Set(legStates));
  });
  test.each(legSamples.flatMap((sample) => tellings.map((name) => [sample, name] as const)))(
    '%s, told "%s"',
    (sample, name) => {
      const { words: came, deduction: after, cases } = told(sample, name);
      expect(came).toBe(table[sample][name] ?? 'nothing_new');
      expect(cases).toHaveLength(came === 'late_truth' ? 1 : 0);
      if (came === 'nothing_new' || came === 'late_truth') expect(after.points).toBe(legs[sample]);
      if (came === 'nothing_new') expect([after.failures, after.notBefore]).toEqual([4, at(90)]);
      if (came.startsWith('moved')) expect([after.failures, after.notBefore]).toEqual([0, undefined]);
    },
  );
  test.each(legSamples.flatMap((sample) => tellings.map((name) => [sample, name] as const)))(
    '%s: told "%s" twice is told once',
    (sample, name) => {
      const once = told(sample, name).deduction;
      const again = hear(once, telling(name, '2'), policies, []);
      expect(again.deduction.points).toEqual(once.points);
    },
  );
});

describe('a confirmation that is told when the leg is undone or about to be', () => {
  const undoing = legSamples.filter((sample) => sample.startsWith('undo'));
  test.each(undoing)('contradicts the release of what is held (%s)', (sample) => {
    expect(told(sample, 'confirm done', policies, { holds: true }).words).toBe('late_truth');
  });
  test.each(undoing)('is known where what was confirmed is given back (%s)', (sample) => {
    expect(told(sample, 'confirm done', policies, { holds: false }).words).toBe('nothing_new');
  });
});

describe('a refusal of a remote that decides anew each time', () => {
  const forgetful = policiesWith({ remembersRejections: false });
  test.each(['pending', 'in doubt', 'undo pending', 'undo in doubt'] as const)(
    'only asks about %s',
    (sample) => {
      const name = sample.startsWith('undo') ? 'give_back rejected' : 'deduct rejected';
      expect(told(sample, name, forgetful).words).toMatch(/^asked/);
    },
  );
  test('contradicts nothing', () => {
    expect(told('applied', 'deduct rejected', forgetful).words).toBe('nothing_new');
  });
});

describe('a hint', () => {
  test('is of no use where nobody can be asked', () => {
    expect(told('in doubt', 'deduct hint', policiesWith({ query: 'none' })).words).toBe('nothing_new');
  });
  test('does not set going what waits for a person', () => {
    const held = { attention: { type: 'held', leg: 'points', cause: 'pending_too_long' } } as const;
    expect(told('pending', 'deduct hint', policies, held).words).toBe('nothing_new');
  });
});

test('points that took nothing are void for an order that is undone', () => {
  const before = deduction({ goal: 'undo', points: legs.pending });
  const zero: Callback = { ...telling('deduct done'), said: done('0') };
  expect(hear(before, zero, policies, []).deduction.points).toEqual({ state: 'void' });
});

test('a proof from elsewhere ends the wait for the set-up of the remote', () => {
  const misconfigured = {
    attention: { type: 'misconfigured', leg: 'points', code: 'authentication' },
  } as const;
  const { deduction: after, cases } = told('in doubt', 'deduct done', policies, misconfigured);
  expect([after.attention, cases]).toMatchObject([undefined, [{ type: 'configured' }]]);
});

describe('in a transaction', () => {
  const run = (before: Settlement, inputs: readonly Input[], now: Date, callbacks: readonly Callback[]) =>
    advance(before, inputs, {
      now,
      policiesOf: () => policies,
      random: () => 0.5,
      wakeAfterMs: 5_000,
      callbacks,
    });
  const delivery: Input = { type: 'delivery', deductionId: '1' };
  const calling = run(settlement([deduction()]), [delivery], at(0), []);
  const only = ({ settlement: { deductions } }: Advance): Deduction => deductions[0] as Deduction;
  const answered = (answer: ReturnType<typeof acted>): Input => ({
    type: 'outcome',
    deductionId: '1',
    token: 1,
    call: { leg: 'points', action: 'deduct' },
    answer,
    intendedAt: at(0),
  });

  test('a callback that comes while the call is under way is not taken in, and changes nothing', () => {
    const result = run(calling.settlement, [delivery], at(1), [telling('deduct done')]);
    expect([result.heard, result.settlement]).toEqual([[], calling.settlement]);
  });
  test.each([
    ['pending', acted(pending)],
    ['unknown', acted(unknown)],
    ['done', acted(done())],
  ])('it is taken in with the answer to that call, whatever that says (%s)', (_says, answer) => {
    const result = run(calling.settlement, [answered(answer)], at(1), [telling('deduct done')]);
    expect(result.heard).toHaveLength(1);
    expect([inWords(only(result).points), only(result).quota.state]).toEqual(['applied 50', 'sent']);
    expect(result.verdicts).toMatchObject([{ type: 'call', attempt: { call: { leg: 'quota' } } }]);
    expect(result.cases).toEqual([]);
  });
  test('it is taken in when the lease of a caller who died has ended', () => {
    const result = run(calling.settlement, [delivery], at(11), [telling('deduct done')]);
    expect(inWords(only(result).points)).toBe('applied 50');
  });
  test('one callback is taken in once, by the first of several inputs', () => {
    const before = settlement([deduction({ points: legs.refused, goal: 'settle' })], {
      status: 'compensating',
    });
    const result = run(before, [delivery, delivery], at(20), [telling('deduct done')]);
    expect([result.heard, result.cases.length]).toEqual([[{ id: '1', effect: 'late_truth' }], 1]);
  });
  test('another deduction does not hear it', () => {
    const before = settlement([deduction({ id: '2', points: legs.pending })]);
    const result = run(before, [{ type: 'delivery', deductionId: '2' }], at(20), [telling('deduct done')]);
    expect(result.heard).toEqual([]);
  });
  test('"accepted" after "completed" is harmless', () => {
    const before = settlement([deduction({ points: legs.pending })]);
    const both = [telling('deduct done', '1'), telling('deduct pending', '2')];
    const result = run(before, [delivery], at(20), both);
    expect(result.heard).toEqual([
      { id: '1', effect: 'moved' },
      { id: '2', effect: 'nothing_new' },
    ]);
    expect(inWords(only(result).points)).toBe('applied 50');
  });
  test('a refusal turns the order back', () => {
    const before = settlement([
      deduction({ points: legs.pending }),
      deduction({ id: '2', points: legs.applied }),
    ]);
    const { settlement: after } = run(before, [delivery], at(20), [telling('deduct rejected')]);
    expect(after.order).toMatchObject({ status: 'compensating', reason: { code: 'insufficient_points' } });
  });
  test('another amount than asked for turns the order back', () => {
    const before = settlement([deduction({ points: legs.pending })]);
    const { settlement: after } = run(before, [delivery], at(20), [telling('deduct done with 30')]);
    expect(after.order).toMatchObject({ status: 'compensating', reason: { code: 'another_amount' } });
  });
  test('the proof ends the case that waited for it', () => {
    const held = { type: 'held', leg: 'points', cause: 'pending_too_long' } as const;
    const before = settlement([deduction({ points: legs.pending, attention: held })]);
    const result = run(before, [delivery], at(20), [telling('deduct done')]);
    expect(result.cases).toEqual([{ type: 'recovered', deductionId: '1', leg: 'points' }]);
    expect(result.verdicts).toMatchObject([{ type: 'call', attempt: { call: { leg: 'quota' } } }]);
  });
  test('completed after all was undone is kept as late truth and rewrites nothing', () => {
    const undone = deduction({ goal: 'undo', points: legs.void, quota: legs.void });
    const before = settlement([undone], { status: 'cancelled', reason: { code: 'cancelled_by_mall' } });
    const result = run(before, [delivery], at(20), [telling('deduct done')]);
    expect(result.cases).toMatchObject([{ type: 'late_truth', leg: 'points', points: asked }]);
    expect(result.settlement).toMatchObject({ order: before.order, deductions: [{ points: legs.void }] });
  });
  test('a line of a refund ends by it', () => {
    const line = deduction({
      goal: 'undo',
      points: legs['undo pending'],
      quota: legs.undone,
      refund: { refundId: 'r', originalKeyBase: 'B'.repeat(26) },
    });
    const original = deduction({ id: '2', points: legs.applied, quota: legs.applied });
    const before = settlement([line, original], { status: 'settled' });
    const result = run(before, [delivery], at(20), [telling('give_back done')]);
    expect(inWords(only(result).points)).toBe('undone 50');
    expect(result.messages).toMatchObject([{ type: 'order_refunded', refund: { refundId: 'r' } }]);
  });
  test('a hint leads to a look-up at once, however long the pause was to be', () => {
    const before = settlement([deduction({ points: legs.pending, notBefore: at(3_600) })]);
    const result = run(before, [delivery], at(20), [telling('deduct hint')]);
    expect(result.verdicts).toMatchObject([{ type: 'call', attempt: { call: { action: 'find_deduct' } } }]);
  });
});
