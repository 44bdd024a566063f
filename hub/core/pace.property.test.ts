import { test } from '@jest/globals';
import fc from 'fast-check';
import { advance, type Input } from './advance.ts';
import type { Answer, Policies } from './deduction.ts';
import {
  acted,
  at,
  bestPolicy,
  deduction,
  done,
  found,
  keyReused,
  misconfigured,
  notFound,
  notSent,
  pending,
  rejected,
  settlement,
  unknown,
} from './testing/samples.ts';

const acts = [
  done(),
  done('30'),
  rejected,
  { ...pending, pollAfterMs: 0 },
  unknown,
  notSent,
  misconfigured,
  keyReused,
];
const finds: readonly Answer[] = [
  ...[done(), done('30'), rejected, { ...pending, pollAfterMs: 0 }].map(found),
  notFound,
  { type: 'found_out', outcome: unknown },
  { type: 'found_out', outcome: notSent },
];

const legPolicies = fc.record({
  idempotency: fc.constantFrom('key-replays' as const, 'none' as const),
  remembersRejections: fc.boolean(),
  idempotencyRetentionMs: fc.constantFrom(Infinity, 60_000),
  query: fc.constantFrom('by-key' as const, 'none' as const),
  fencesUnknownKeys: fc.boolean(),
  notFoundFinalAfterMs: fc.constantFrom(0, 20_000),
});

/** Points: deduct, look, resend. Quota the same. Then both backwards. Each with one look that is not waited for. */
const callsAtOnceMax = 12;

test('no sequence of answers, honest or not, makes call after call without a pause', () => {
  fc.assert(
    fc.property(
      legPolicies,
      legPolicies,
      fc.array(fc.nat(999), { minLength: 30, maxLength: 30 }),
      (points, quota, cycle) => {
        const policies: Policies = {
          points: { ...bestPolicy, ...points },
          quota: { ...bestPolicy, ...quota },
          backoff: { firstMs: 250, maxMs: 60_000 },
          sendWindowMs: 5_000,
        };
        const facts = { policiesOf: () => policies, random: () => 0.5, wakeAfterMs: 5_000 };
        let state = settlement([deduction()]);
        let input: Input = { type: 'delivery', deductionId: '1' };
        let now = at(0);
        let atOnce = 0;
        for (let turn = 0; turn < 300; turn += 1) {
          const { settlement: after, verdicts } = advance(state, [input], { ...facts, now });
          state = after;
          const [verdict] = verdicts;
          if (verdict?.type === 'call') {
            atOnce += 1;
            if (atOnce > callsAtOnceMax) throw new Error(`${atOnce} calls without a pause`);
            const { token, call, intendedAt } = verdict.attempt;
            const answers = call.action.startsWith('find') ? finds : acts.map(acted);
            const answer = answers[(cycle[turn % cycle.length] ?? 0) % answers.length] as Answer;
            input = { type: 'outcome', deductionId: '1', token, call, answer, intendedAt };
          } else {
            const [one] = state.deductions;
            if (one?.wakeBy === undefined || verdict?.type === 'stuck') return;
            now = one.wakeBy;
            atOnce = 0;
            input = { type: 'delivery', deductionId: '1' };
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
