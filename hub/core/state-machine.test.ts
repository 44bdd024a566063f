import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hear } from './callback.ts';
import type { Truth } from './case.ts';
import { actions } from './action.ts';
import { toUndo, type Answer, type Deduction, type Policies } from './deduction.ts';
import { intend, withoutLease } from './intent.ts';
import { legStates, type Leg } from './leg.ts';
import { directionOf, legToRetry, resolveLeg, type Resolution } from './operator.ts';
import { orderStatuses } from './order.ts';
import { applyOutcome } from './outcome.ts';
import {
  acted,
  asked,
  at,
  deduction,
  done,
  found,
  keyReused,
  legs,
  legSamples,
  notFound,
  notSent,
  pending,
  policies,
  policiesWith,
  rejected,
  unknown,
} from './testing/samples.ts';

const text = readFileSync(new URL('../../docs/state-machine.md', import.meta.url), 'utf8');
const [legPicture = '', orderPicture = ''] = [...text.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(
  ([, body]) => body,
);

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly isLater: boolean;
}

function arrowsOf(picture: string): Arrow[] {
  return [...picture.matchAll(/^ *(\S+) --> (\S+?)(?:: (.*))?$/gm)].map(
    ([, from = '', to = '', label = '']) => ({
      from,
      to,
      isLater: label.startsWith('later'),
    }),
  );
}

function statesOf(picture: string): string[] {
  const named = arrowsOf(picture).flatMap(({ from, to }) => [from, to]);
  return [...new Set(named)].filter((state) => state !== '[*]').toSorted();
}

describe('docs/state-machine.md', () => {
  test('draws every state of a leg and no other', () => {
    expect(statesOf(legPicture)).toEqual(legStates.toSorted());
  });
  test('has a row for every state of a leg, in their order, and no other', () => {
    const [, table = ''] = /\| state +\|.*\n((?:\|.*\n)+)/.exec(text) ?? [];
    expect([...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, state]) => state)).toEqual([...legStates]);
  });
  test('draws every way from one state to another that the core can take, and no other', () => {
    const drawn = arrowsOf(legPicture)
      .filter(({ from, to, isLater }) => from !== '[*]' && to !== '[*]' && !isLater)
      .map(({ from, to }) => `${from} --> ${to}`);
    expect(drawn.toSorted()).toEqual([...waysTaken()].toSorted());
  });
  test('draws every status of an order and no other', () => {
    expect(statesOf(orderPicture)).toEqual(orderStatuses.toSorted());
  });
});

/** Every change of state by an intent, an answer, a callback, a vanished worker or a turn, found by trying them all. */
function waysTaken(): Set<string> {
  const ways = new Set<string>();
  const forgetful = policiesWith({ remembersRejections: false });
  for (const sample of legSamples) {
    const before: Leg = legs[sample];
    for (const change of [policies, forgetful].flatMap(changesUnder)) {
      for (const goal of goalsOf(before)) {
        const quota = goal === 'undo' ? legs.void : legs.idle;
        const to = attempted(() => change(deduction({ goal, points: before, quota })).points.state);
        if (to !== undefined && to !== before.state) ways.add(`${before.state} --> ${to}`);
      }
    }
  }
  return ways;
}

/** The goals under which a leg can be in its state. */
function goalsOf({ state }: Leg): readonly ('settle' | 'undo')[] {
  if (state === 'idle') return ['settle'];
  return /^(undo|void)/.test(state) ? ['undo'] : ['settle', 'undo'];
}

function changesUnder(under: Policies): ((before: Deduction) => Deduction)[] {
  const outcomes = [done(), done('0'), rejected, pending, unknown, notSent, keyReused];
  const answers: readonly Answer[] = [
    ...outcomes.map(acted),
    ...[done(), done('0'), rejected, pending].map(found),
    notFound,
    { type: 'found_out', outcome: unknown },
  ];
  const tookNothing: Deduction = deduction({ points: { ...legs.applied, points: done('0').points } });
  return [
    withoutLease,
    toUndo,
    (before) => (before.points.state === 'applied' ? toUndo(tookNothing) : before),
    ...(['deduct', 'give_back', undefined] as const).flatMap((late) =>
      truths.map((truth) => (before: Deduction) => {
        const direction = late ?? directionOf(before.points, before.goal);
        const isLate = late !== undefined;
        return resolvedBy(before, resolveLeg(before, before.points, direction, truth, isLate, at(40)));
      }),
    ),
    (before) => resolvedBy(before, legToRetry(before.points, at(40))),
    ...(['deduct', 'give_back'] as const).flatMap((direction) =>
      [done(), done('0'), rejected, pending].map((said) => (before: Deduction) => {
        const callback = { id: '1', deductionId: before.id, direction, said, receivedAt: at(35) };
        return hear(before, callback, under, []).deduction;
      }),
    ),
    (before) => {
      // Nothing is known of what was taken.
      const leg: Leg = 'taken' in before.points ? { ...before.points, taken: undefined } : before.points;
      return resolvedBy(before, resolveLeg(before, leg, 'give_back', { tookEffect: false }, false, at(40)));
    },
    ...actions.map(
      (action) => (before: Deduction) =>
        action === 'give_back' && before.goal === 'settle'
          ? before
          : intend(before, { leg: 'points', action }, under, at(40)),
    ),
    ...actions.flatMap((action) =>
      answers.map((answer) => (before: Deduction) => {
        const facts = { policies: under, now: at(40), intendedAt: at(35), random: 0.5 };
        return applyOutcome(before, { leg: 'points', action }, answer, facts);
      }),
    ),
  ];
}

const truths: readonly Truth[] = [
  { tookEffect: true, points: asked, remoteId: undefined },
  { tookEffect: false },
];

function resolvedBy(before: Deduction, resolution: Resolution): Deduction {
  return resolution.type === 'leg' ? { ...before, points: resolution.leg } : before;
}

function attempted<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
