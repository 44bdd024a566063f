import { expect, test } from '@jest/globals';
import { bearsOut, findingOf, type Finding, type Inquiry } from './evidence.ts';
import { Points } from './points.ts';

const limits = {
  callDeadlineMs: 1_000,
  notFoundFinalAfterMs: 5_000,
  lateEffectCheckMs: 20_000,
  idempotency: 'none',
} as const;
const sentBy = new Date(10_000);

function asked(finding: Finding, atMs: number): Inquiry {
  return { action: 'find_deduct', finding, askedAt: new Date(atMs), lastSendBy: sentBy };
}

const five = new Points('5');
const took = { tookEffect: true, points: five, remoteId: undefined } as const;
const tookNothing = { tookEffect: false } as const;

test.each([
  [
    'the same points bear out that they were taken',
    asked({ type: 'done', points: five }, 10_500),
    took,
    true,
  ],
  ['other points do not', asked({ type: 'done', points: new Points('5.1') }, 10_500), took, false],
  [
    'points that are there disprove that none were',
    asked({ type: 'done', points: five }, 99_000),
    tookNothing,
    false,
  ],
  ['nothing found is proof once nothing can arrive', asked({ type: 'absent' }, 16_000), tookNothing, true],
  ['nothing found before that proves nothing', asked({ type: 'absent' }, 15_999), tookNothing, false],
  ['nothing found never bears out an effect', asked({ type: 'absent' }, 99_000), took, false],
  ['no answer bears out nothing', asked({ type: 'nothing' }, 99_000), tookNothing, false],
] as const)('%s', (_, inquiry, truth, expected) => {
  expect(bearsOut(inquiry, truth, 'find_deduct', limits)).toBe(expected);
});

test('an answer about the way back says nothing about the way there', () => {
  const inquiry = asked({ type: 'done', points: five }, 99_000);
  expect(bearsOut(inquiry, took, 'find_give_back', limits)).toBe(false);
});

test.each([
  ['not_found', { type: 'not_found', evidence: {} }, 'absent'],
  [
    'a pending one',
    { type: 'found', outcome: { type: 'pending', pollAfterMs: 1, remoteId: undefined, evidence: {} } },
    'nothing',
  ],
  ['a time-out', { type: 'unknown', cause: 'timeout', evidence: {} }, 'nothing'],
] as const)('a look-up that ends with %s finds %s', (_, outcome, type) => {
  expect(findingOf({ type: 'found_out', outcome }).type).toBe(type);
});

test('without keys, nothing found of giving back is no proof before the late look', () => {
  const inquiry = (atMs: number): Inquiry => ({
    ...asked({ type: 'absent' }, atMs),
    action: 'find_give_back',
  });
  expect(bearsOut(inquiry(35_999), tookNothing, 'find_give_back', limits)).toBe(false);
  expect(bearsOut(inquiry(36_000), tookNothing, 'find_give_back', limits)).toBe(true);
});
