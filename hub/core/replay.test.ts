import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextAtAfter, replayStep, type ReplayFacts } from './replay.ts';

const now = new Date(1_000_000);
const running: ReplayFacts = {
  state: 'running',
  eligible: 100,
  begun: 0,
  succeeded: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
  canary: 5,
  isCanaryOver: false,
  succeededBefore: 0,
  failedBefore: 0,
  failedPercentMax: 20,
  ratePerSecond: 1_000,
  nextAt: new Date(0),
  heldRemote: undefined,
};

function step(facts: Partial<ReplayFacts>, batchMax = 25) {
  return replayStep({ ...running, ...facts }, now, batchMax);
}

describe('a canary', () => {
  test('goes first, and alone', () => {
    expect(step({})).toEqual({ type: 'send', atMost: 5, isCanaryOver: false });
    expect(step({ begun: 3, succeeded: 1 })).toMatchObject({ type: 'send', atMost: 2 });
    expect(step({ begun: 5, succeeded: 4 })).toEqual({ type: 'wait' });
    expect(step({ begun: 5, succeeded: 5 })).toEqual({ type: 'send', atMost: 25, isCanaryOver: true });
  });

  test('that fails pauses the replay; whoever resumes takes it upon himself', () => {
    expect(step({ begun: 5, succeeded: 4, failed: 1 })).toEqual({ type: 'pause', cause: 'canary_failed' });
    expect(step({ begun: 5, succeeded: 4, failed: 1, failedBefore: 1 })).toMatchObject({ type: 'send' });
  });

  test('of none is over at once', () => {
    expect(step({ canary: 0 })).toEqual({ type: 'send', atMost: 25, isCanaryOver: true });
  });
});

test.each([
  ['two of ten failed', { begun: 10, succeeded: 8, failed: 2 }, 'send'],
  ['three of ten failed', { begun: 10, succeeded: 7, failed: 3 }, 'pause'],
  ['three of nine failed: too early to say', { begun: 9, succeeded: 6, failed: 3 }, 'send'],
  ['those that failed before a resume', { begun: 20, succeeded: 10, failed: 10, failedBefore: 10 }, 'send'],
  ['a remote is left alone', { heldRemote: 'portal' }, 'pause'],
  ['some are under way still', { begun: 100, succeeded: 99 }, 'wait'],
  ['all have ended', { begun: 90, succeeded: 50, failed: 40, skipped: 10 }, 'end'],
] as const)('%s', (_, facts, type) => {
  expect(step({ ...facts, isCanaryOver: true }).type).toBe(type);
});

test('a cancelled replay ends when nothing is under way any more', () => {
  expect(step({ state: 'cancelling', begun: 6, succeeded: 5, cancelled: 94 })).toEqual({ type: 'wait' });
  const ended = step({ state: 'cancelling', begun: 6, succeeded: 5, failed: 1, cancelled: 94 });
  expect(ended).toEqual({ type: 'end', as: 'cancelled' });
});

test.each(['previewed', 'paused', 'cancelled', 'done'] as const)(
  'nothing is sent by one that is %s',
  (state) => {
    expect(step({ state })).toEqual({ type: 'wait' });
  },
);

test('whenever it is looked at, no more go than the rate gives, and one burst', () => {
  const looks = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 500 }), (pausesMs, ratePerSecond) => {
      let facts: ReplayFacts = { ...running, eligible: 1e9, isCanaryOver: true, ratePerSecond, nextAt: now };
      let at = now;
      let sent = 0;
      for (const pauseMs of pausesMs) {
        at = new Date(at.getTime() + pauseMs);
        const next = replayStep(facts, at, 25);
        if (next.type !== 'send') continue;
        sent += next.atMost;
        facts = { ...facts, nextAt: nextAtAfter(facts, at, next.atMost) };
      }
      const seconds = (at.getTime() - now.getTime()) / 1_000;
      // Times are whole milliseconds, so each batch may be rounded by one.
      expect(sent).toBeLessThanOrEqual((seconds + 1 + pausesMs.length / 1_000) * ratePerSecond + 1);
    }),
  );
});
