import { describe, expect, test } from '@jest/globals';
import type { Action, Answer, Deduction } from './deduction.ts';
import type { Leg } from './leg.ts';
import { applyOutcome } from './outcome.ts';
import {
  acted,
  at,
  deduction,
  done,
  found,
  inWords,
  keyReused,
  legs,
  misconfigured,
  notFound,
  notSent,
  pending,
  policies,
  policiesWith,
  rejected,
  unknown,
} from './testing/samples.ts';

const now = at(40);

function after(
  points: Leg,
  action: Action,
  answer: Answer,
  options: {
    failures?: number;
    intendedAt?: Date;
    random?: number;
    under?: typeof policies;
    isProbe?: boolean;
  } = {},
): Deduction {
  const { failures = 0, intendedAt = at(12), random = 0.5, under = policies, isProbe = false } = options;
  const goal = action === 'give_back' || action === 'find_give_back' ? 'undo' : 'settle';
  const before = deduction({ goal, failures, points, quota: goal === 'undo' ? legs.void : legs.idle });
  return applyOutcome(before, { leg: 'points', action }, answer, {
    policies: under,
    now,
    intendedAt,
    random,
    isProbe,
  });
}

function pauseMs({ notBefore }: Deduction): number {
  return notBefore === undefined ? 0 : notBefore.getTime() - now.getTime();
}

describe('a call that was to show whether its remote is back', () => {
  const away = [
    [legs['in doubt'], 'find_deduct', { type: 'found_out', outcome: unknown }],
    [legs.sent, 'deduct', acted(unknown)],
  ] as const satisfies readonly (readonly [Leg, Action, Answer])[];

  test.each(away)('and met nobody spends no try (%#)', (leg, action, answer) => {
    expect(after(leg, action, answer, { failures: 3, isProbe: true })).toMatchObject({ failures: 3 });
    expect(after(leg, action, answer, { failures: 3 })).toMatchObject({ failures: 4 });
  });
  test('and was answered counts as any other', () => {
    const told = { ...unknown, cause: 'unmapped_answer' } as const;
    expect(after(legs.sent, 'deduct', acted(told), { failures: 3, isProbe: true })).toMatchObject({
      failures: 4,
    });
    expect(after(legs.sent, 'deduct', acted(done()), { failures: 3, isProbe: true })).toMatchObject({
      failures: 0,
    });
  });
});

describe('a remote that forgets refusals', () => {
  const under = policiesWith({ remembersRejections: false });

  test('refuses for good when nothing else was sent', () => {
    expect(inWords(after(legs.sent, 'deduct', acted(rejected), { under }).points)).toMatch(/^refused/);
  });
  test('leaves the leg in doubt when it refuses a resend: an earlier request may still be granted', () => {
    const forward = after(legs['sent again'], 'deduct', acted(rejected), { under });
    expect(inWords(forward.points)).toBe('in_doubt, not_yet');
    expect(forward).toMatchObject({ failures: 1 });
    expect(pauseMs(forward)).toBeGreaterThan(0);
    const back = after(legs['undo sent again'], 'give_back', acted(rejected), { under });
    expect(inWords(back.points)).toBe('undo_in_doubt, not_yet');
  });
  test('a recorded refusal counts once no request can arrive any more, not before', () => {
    const early = { under, intendedAt: at(29.999) };
    const final = { under, intendedAt: at(30) };
    const doubt = after(legs['in doubt'], 'find_deduct', found(rejected), early);
    expect(inWords(doubt.points)).toBe('in_doubt, not_found');
    expect(pauseMs(doubt)).toBeGreaterThan(0);
    expect(inWords(after(legs['in doubt'], 'find_deduct', found(rejected), final).points)).toMatch(
      /^refused/,
    );
    const accepted = after(legs.pending, 'find_deduct', found(rejected), early);
    expect(inWords(accepted.points)).toBe('pending');
    expect(pauseMs(accepted)).toBeGreaterThan(0);
    const undoing = after(legs['undo in doubt'], 'find_give_back', found(rejected), early);
    expect(inWords(undoing.points)).toBe('undo_in_doubt, not_found');
    const undoPending = after(legs['undo pending'], 'find_give_back', found(rejected), early);
    expect(inWords(undoPending.points)).toBe('undo_pending');
  });
});

describe('not found', () => {
  test('proves nothing once the remote may have forgotten the key', () => {
    const under = policiesWith({ idempotencyRetentionMs: 100_000 });
    const within = { under, intendedAt: at(79.999) };
    const beyond = { under, intendedAt: at(80) };
    expect(inWords(after(legs['in doubt'], 'find_deduct', notFound, within).points)).toBe('idle');
    expect(inWords(after(legs['in doubt'], 'find_deduct', notFound, beyond).points)).toBe(
      'in_doubt, not_found',
    );
    expect(inWords(after(legs['undo in doubt'], 'find_give_back', notFound, beyond).points)).toBe(
      'undo_in_doubt, not_found',
    );
  });
  test('counts from when the look-up was intended, not from when it was answered', () => {
    const asked = { intendedAt: at(29.999) };
    expect(inWords(after(legs['in doubt'], 'find_deduct', notFound, asked).points)).toBe(
      'in_doubt, not_found',
    );
  });
});

describe('the pace', () => {
  const troubled: readonly (readonly [string, Leg, Action, Answer])[] = [
    ['not sent', legs.sent, 'deduct', acted(notSent)],
    ['misconfigured', legs.sent, 'deduct', acted(misconfigured)],
    ['key reused', legs.sent, 'deduct', acted(keyReused)],
    ['a query without answer', legs['in doubt'], 'find_deduct', { type: 'found_out', outcome: unknown }],
    ['a query not sent', legs.pending, 'find_deduct', { type: 'found_out', outcome: notSent }],
    ['accepted and then not found', legs.pending, 'find_deduct', notFound],
    ['given back in part, not found', legs['undo pending'], 'find_give_back', notFound],
  ];

  test.each(troubled)('%s grows the backoff', (_name, leg, action, answer) => {
    const first = after(leg, action, answer);
    expect(first.failures).toBe(1);
    expect(pauseMs(first)).toBe(500);
    const fourth = after(leg, action, answer, { failures: 3 });
    expect(fourth.failures).toBe(4);
    expect(pauseMs(fourth)).toBe(4_000);
    expect(pauseMs(after(leg, action, answer, { failures: 30_000 }))).toBe(30_000);
  });
  test('the first doubt is looked into at once, the second after a pause', () => {
    expect(pauseMs(after(legs.sent, 'deduct', acted(unknown)))).toBe(0);
    expect(pauseMs(after(legs.sent, 'deduct', acted(unknown), { failures: 1 }))).toBe(1_000);
  });
  test.each([
    ['done', legs.sent, 'deduct', acted(done())],
    ['rejected', legs.sent, 'deduct', acted(rejected)],
    ['found done', legs['in doubt'], 'find_deduct', found(done())],
    ['found rejected', legs['in doubt'], 'find_deduct', found(rejected)],
  ] as const)('the proof %s ends it', (_name, leg, action, answer) => {
    expect(after(leg, action, answer, { failures: 5 })).toMatchObject({ failures: 0, notBefore: undefined });
  });
  test('not found in doubt neither grows nor ends it', () => {
    expect(after(legs['in doubt'], 'find_deduct', notFound, { failures: 5 })).toMatchObject({
      failures: 5,
      notBefore: undefined,
    });
  });
  test('what the remote asks for is kept to, between the first backoff and an hour', () => {
    const polled = (pollAfterMs: number): number =>
      pauseMs(after(legs.sent, 'deduct', acted({ ...pending, pollAfterMs })));
    expect([polled(0), polled(3_000), polled(1e15)]).toEqual([1_000, 3_000, 3_600_000]);
    const retried = (retryAfterMs: number): number =>
      pauseMs(after(legs.sent, 'deduct', acted({ ...notSent, retryAfterMs })));
    expect([retried(0), retried(3_000), retried(1e15)]).toEqual([500, 3_000, 3_600_000]);
  });
});
