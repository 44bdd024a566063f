import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hear } from './callback.ts';
import type { Truth } from './case.ts';
import { actions, directions, type Action, type Direction } from './action.ts';
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
      for (const subject of deductionsWith(before)) {
        const to = attempted(() => change(subject).points.state);
        if (to !== undefined && to !== before.state) ways.add(`${before.state} --> ${to}`);
      }
    }
  }
  return ways;
}

function deductionsWith(points: Leg): Deduction[] {
  return goalsOf(points).flatMap((goal) => {
    const quota = goal === 'undo' ? legs.void : legs.idle;
    return waysOfTaking(points).map((holds) => deduction({ goal, holds, points, quota }));
  });
}

/** The goals under which a leg can be in its state. */
function goalsOf({ state }: Leg): readonly ('settle' | 'undo')[] {
  if (state === 'idle') return ['settle'];
  return /^(undo|void)/.test(state) ? ['undo'] : ['settle', 'undo'];
}

/** Whether a deduction whose leg is in this state may be one that holds. */
function waysOfTaking({ state }: Leg): readonly boolean[] {
  return /^(held|confirm)/.test(state) ? [true] : [false, true];
}

function changesUnder(under: Policies): ((before: Deduction) => Deduction)[] {
  const outcomes = [done(), done('0'), rejected, pending, unknown, notSent, keyReused];
  const answers: readonly Answer[] = [
    ...outcomes.map(acted),
    ...[done(), done('0'), rejected, pending].map(found),
    notFound,
    { type: 'found_out', outcome: unknown },
  ];
  return [
    withoutLease,
    toUndo,
    (before) => {
      const { points } = before;
      if (points.state !== 'applied' && points.state !== 'held') return before;
      return toUndo({ ...before, points: { ...points, points: done('0').points } });
    },
    ...([...directions, undefined] as const).flatMap((late) =>
      truths.map((truth) => (before: Deduction) => {
        const direction = late ?? directionOf(before.points, before.goal);
        return resolvedBy(before, stated(before, before.points, direction, truth, late !== undefined));
      }),
    ),
    (before) => resolvedBy(before, legToRetry(before.points, before.holds, at(40))),
    ...directions.flatMap((direction) =>
      [done(), done('0'), rejected, pending].map((said) => (before: Deduction) => {
        const callback = { id: '1', deductionId: before.id, direction, said, receivedAt: at(35) };
        return hear(before, callback, under, []).deduction;
      }),
    ),
    (before) => {
      // Nothing is known of what was taken.
      const { points } = before;
      const leg: Leg = isBeingUndone(points) ? { ...points, taken: undefined } : points;
      return resolvedBy(before, stated(before, leg, 'give_back', { tookEffect: false }, false));
    },
    ...actions.map(
      (action) => (before: Deduction) =>
        !isCalled(action, before) ? before : intend(before, { leg: 'points', action }, under, at(40)),
    ),
    ...actions.flatMap((action) =>
      answers.map((answer) => (before: Deduction) => {
        const facts = { policies: under, now: at(40), intendedAt: at(35), random: 0.5 };
        return applyOutcome(before, { leg: 'points', action }, answer, facts);
      }),
    ),
  ];
}

function stated(
  { goal, holds: isHold }: Deduction,
  leg: Leg,
  direction: Direction,
  truth: Truth,
  isLate: boolean,
): Resolution {
  return resolveLeg(leg, { goal, isHold, direction, truth, isLate, now: at(40) });
}

function isBeingUndone(leg: Leg): leg is Extract<Leg, { readonly state: `undo_${string}` }> {
  return leg.state.startsWith('undo_');
}

/** Whether a call is ever made for such a deduction. */
function isCalled(action: Action, { goal, holds, points: { state } }: Deduction): boolean {
  switch (action) {
    case 'give_back':
      return goal === 'undo' && (!holds || state === 'applied');
    case 'release':
      return goal === 'undo' && holds;
    case 'confirm':
      return goal === 'settle';
    case 'hold':
      return holds;
    case 'deduct':
      return !holds;
    case 'find_deduct':
    case 'scan_deduct':
    case 'statement_deduct':
    case 'find_confirm':
    case 'find_give_back':
    case 'scan_give_back':
    case 'statement_give_back':
      return true;
  }
}

const truths: readonly Truth[] = [
  { tookEffect: true, points: asked, remoteId: undefined },
  { tookEffect: false },
];

function resolvedBy(before: Deduction, resolution: Resolution): Deduction {
  return 'leg' in resolution ? { ...before, points: resolution.leg } : before;
}

function attempted<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
