import { expect, test } from '@jest/globals';
import { legStates } from '../core/leg.ts';
import { deductionStates } from './answer-schemas.ts';
import { deductionState } from './order-answer.ts';

const leg = (state: (typeof legStates)[number]) => ({ state, moved: null, refusal: null });

test.each([
  ['settle', 'idle', 'idle', 'waiting'],
  ['settle', 'sent', 'idle', 'settling'],
  ['settle', 'pending', 'idle', 'settling'],
  ['settle', 'in_doubt', 'idle', 'in_doubt'],
  ['settle', 'applied', 'idle', 'settling'],
  ['settle', 'applied', 'in_doubt', 'in_doubt'],
  ['settle', 'applied', 'applied', 'settled'],
  ['undo', 'applied', 'undo_sent', 'undoing'],
  ['undo', 'undo_in_doubt', 'undone', 'in_doubt'],
  ['undo', 'undo_refused', 'undone', 'stuck'],
  ['undo', 'refused', 'void', 'undone'],
  ['undo', 'undone', 'undone', 'undone'],
] as const)('goal %s with points %s and quota %s is %s', (goal, points, quota, state) => {
  expect(deductionState({ goal, points: leg(points), quota: leg(quota) })).toBe(state);
});

test('every combination of states has a word', () => {
  for (const goal of ['settle', 'undo'] as const) {
    for (const points of legStates) {
      for (const quota of legStates) {
        expect(deductionStates).toContain(deductionState({ goal, points: leg(points), quota: leg(quota) }));
      }
    }
  }
});
