import { describe, expect, test } from '@jest/globals';
import type { MisconfigurationCode, NotSentCause, UnknownCause } from '@points-hub/adapters';
import fc from 'fast-check';
import {
  breakerAfter,
  noFailures,
  pauseAfterMs,
  tallyAfter,
  type Breaker,
  type BreakerInput,
  type BreakerLimits,
} from './breaker.ts';
import { signOf, type Sign } from './sign.ts';
import { acted, at, done, found, notFound, pending, rejected } from './testing/samples.ts';

const counting = { windowMs: 10_000, callsMin: 10, failureShareMax: 0.5 };
const limits: BreakerLimits = { failuresMax: 3, openMs: 10_000, openMaxMs: 60_000, ...counting };
const there: Sign = { type: 'there' };
const none: Sign = { type: 'none' };
const away: Sign = { type: 'away', cause: 'timeout', retryAfterMs: 0 };
const lockedOut: Sign = { type: 'locked_out', cause: 'authentication' };

const closed: Breaker = { state: 'closed', since: at(0), openings: 0, window: undefined };
const open: Breaker = { state: 'open', since: at(0), openings: 1, until: at(10), cause: 'timeout' };
const halfOpen: Breaker = { ...open, state: 'half_open', prober: 'me', until: at(30) };

const tripped: BreakerInput = { type: 'tripped', cause: 'timeout', retryAfterMs: 0 };
const wanted: BreakerInput = { type: 'probe_wanted', prober: 'you', leaseMs: 20_000 };
const ended = (sign: Sign, prober = 'me'): BreakerInput => ({ type: 'probe_ended', prober, sign });

/** In the longest draw of jitter. */
function after(before: Breaker, input: BreakerInput, seconds: number): Breaker {
  return breakerAfter(before, input, { limits, now: at(seconds), random: 1 });
}

describe('a breaker', () => {
  const forYou: Breaker = { ...halfOpen, prober: 'you' };
  test.each<[rule: string, before: Breaker, input: BreakerInput, seconds: number, expected: Breaker]>([
    ['opens when tripped', closed, tripped, 100, { ...open, since: at(100), until: at(110) }],
    [
      'obeys the remote in how long it pauses',
      closed,
      { ...tripped, retryAfterMs: 42_000 },
      100,
      { ...open, since: at(100), until: at(142) },
    ],
    [
      'obeys no remote beyond the longest pause',
      closed,
      { ...tripped, retryAfterMs: 3_600_000 },
      100,
      { ...open, since: at(100), until: at(160) },
    ],
    [
      'goes on counting when it opens again soon after it closed',
      { ...closed, since: at(0), openings: 2 },
      tripped,
      60,
      { ...open, since: at(60), openings: 3, until: at(100) },
    ],
    [
      'begins anew when it had been closed for long',
      { ...closed, since: at(0), openings: 2 },
      tripped,
      61,
      { ...open, since: at(61), until: at(71) },
    ],
    ['is opened by one process only', open, tripped, 5, open],
    ['is not reopened over a probe', halfOpen, tripped, 15, halfOpen],
    ['lets nobody probe before its time', open, wanted, 9, open],
    ['lets one probe when its time has come', open, wanted, 10, forYou],
    ['lets nobody probe beside a probe', halfOpen, wanted, 29, halfOpen],
    ['gives a vanished prober’s place to the next', halfOpen, wanted, 30, { ...forYou, until: at(50) }],
    ['needs no probe while it is closed', closed, wanted, 10, closed],
    [
      'closes when its probe was answered',
      halfOpen,
      ended(there),
      12,
      { ...closed, since: at(12), openings: 1 },
    ],
    [
      'pauses longer when its probe met nobody',
      halfOpen,
      ended(away),
      12,
      { ...open, openings: 2, until: at(32) },
    ],
    [
      'pauses longer when its probe was locked out',
      halfOpen,
      ended(lockedOut),
      12,
      { ...open, openings: 2, until: at(32), cause: 'authentication' },
    ],
    ['pauses no longer when its probe was never sent', halfOpen, ended(none), 12, { ...open, until: at(22) }],
    ['does not listen to a prober whose place was given away', forYou, ended(there), 12, forYou],
    ['does not listen to a late prober once it is open', open, ended(there), 12, open],
    ['does not listen to a late prober once it is closed', closed, ended(away), 12, closed],
  ])('%s', (_rule, before, input, seconds, expected) => {
    expect(after(before, input, seconds)).toEqual(expected);
  });
});

describe('failures in a row', () => {
  /** What a process makes of `signs`: after how many of them it opens the breaker. */
  function tripsAfter(signs: readonly Sign[]): number | undefined {
    let tally = noFailures;
    for (const [index, sign] of signs.entries()) {
      const result = tallyAfter(tally, sign, limits);
      if (result.tripped !== undefined) return index + 1;
      tally = result.tally;
    }
    return undefined;
  }
  test.each<[rule: string, signs: readonly Sign[], expected: number | undefined]>([
    ['as many as allowed open the breaker', [away, away, away], 3],
    ['fewer do not', [away, away], undefined],
    ['an answer in between begins the count anew', [away, away, there, away, away], undefined],
    ['what says nothing about the remote is not counted', [away, none, away, none, away], 5],
    ['being locked out is enough by itself', [there, lockedOut], 2],
  ])('%s', (_rule, signs, expected) => {
    expect(tripsAfter(signs)).toBe(expected);
  });
});

describe('what all processes counted', () => {
  const counted = (calls: number, failures: number, failuresInRow: number): BreakerInput => ({
    type: 'counted',
    count: { calls, failures, failuresInRow, cause: failures > 0 ? 'timeout' : '', retryAfterMs: 0 },
  });
  /** The state after each of `inputs`, one second apart or as told. */
  function statesAfter(inputs: readonly BreakerInput[], spacingSeconds = 1): string[] {
    let breaker: Breaker = closed;
    return inputs.map((input, index) => {
      breaker = after(breaker, input, index * spacingSeconds);
      return breaker.state;
    });
  }
  test.each<[rule: string, inputs: readonly BreakerInput[], expected: readonly string[]]>([
    ['adds up failures in a row', [counted(1, 1, 1), counted(2, 2, 2)], ['closed', 'open']],
    [
      'begins the row anew where somebody was answered',
      [counted(2, 2, 2), counted(3, 1, 1), counted(1, 1, 1)],
      ['closed', 'closed', 'closed'],
    ],
    [
      'opens where the larger part of enough calls met nobody',
      [counted(5, 3, 1), counted(5, 3, 1)],
      ['closed', 'open'],
    ],
    ['lets half of them fail', [counted(6, 3, 1), counted(6, 3, 1)], ['closed', 'closed']],
    ['takes no share of few calls', [counted(9, 6, 1)], ['closed']],
  ])('%s', (_rule, inputs, expected) => {
    expect(statesAfter(inputs)).toEqual(expected);
  });

  test('is forgotten with its window, but for failures in a row', () => {
    expect(statesAfter([counted(5, 3, 0), counted(5, 3, 0)], 11)).toEqual(['closed', 'closed']);
    expect(statesAfter([counted(2, 2, 2), counted(1, 1, 1)], 11)).toEqual(['closed', 'open']);
  });

  test('changes nothing where the breaker is open', () => {
    expect(after(open, counted(50, 50, 50), 5)).toBe(open);
  });
});

describe('an answer as a sign', () => {
  const evidence = {};
  const unknown = (cause: UnknownCause): Sign => signOf(acted({ type: 'unknown', cause, evidence }));
  const notSent = (cause: NotSentCause, retryAfterMs?: number): Sign =>
    signOf(
      acted({ type: 'not_sent', cause, evidence, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }),
    );
  const misconfigured = (code: MisconfigurationCode): Sign =>
    signOf(acted({ type: 'misconfigured', code, evidence }));
  const awayFor = (cause: string, retryAfterMs = 0): Sign => ({ type: 'away', cause, retryAfterMs });
  test.each<[answer: string, sign: Sign, expected: Sign]>([
    ['done', signOf(acted(done())), there],
    ['rejected', signOf(acted(rejected)), there],
    ['pending', signOf(acted(pending)), there],
    ['found', signOf(found(done())), there],
    ['not found', signOf(notFound), there],
    ['a time-out', unknown('timeout'), awayFor('timeout')],
    ['a lost connection', unknown('connection_lost'), awayFor('connection_lost')],
    ['a server error', unknown('server_error'), awayFor('server_error')],
    ['an unreadable answer', unknown('unreadable_answer'), none],
    ['an unmapped answer', unknown('unmapped_answer'), none],
    ['a duplicate without its state', unknown('duplicate_without_state'), none],
    ['a missing echo', unknown('missing_echo'), none],
    ['no connection', notSent('connect_failed'), awayFor('connect_failed')],
    ['too many requests, come back later', notSent('rate_limited', 7_000), awayFor('rate_limited', 7_000)],
    ['too many requests, perhaps of this member', notSent('rate_limited'), none],
    ['never sent', notSent('send_by_passed'), none],
    ['aborted', notSent('aborted_before_send'), none],
    ['not let in', misconfigured('authentication'), lockedOut],
    ['a key with other content', misconfigured('key_reused'), there],
    ['a refused request', misconfigured('refused_request'), there],
    ['no file of the channel', misconfigured('not_supported'), none],
  ])('%s', (_answer, sign, expected) => {
    expect(sign).toEqual(expected);
  });
});

describe('whatever happens', () => {
  const anyLimits = fc
    .record({
      failuresMax: fc.integer({ min: 1, max: 10 }),
      openMs: fc.integer({ min: 10, max: 600_000 }),
      more: fc.nat({ max: 3_000_000 }),
    })
    .map(({ failuresMax, openMs, more }) => ({ failuresMax, openMs, openMaxMs: openMs + more, ...counting }));
  const anySign = fc.oneof(
    fc.constant(there),
    fc.constant(none),
    fc.constant(lockedOut),
    fc.record({ type: fc.constant('away' as const), cause: fc.constant('timeout'), retryAfterMs: fc.nat() }),
  );
  const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('a pause is never empty, never beyond its bound, and grows up to it', () => {
    fc.assert(
      fc.property(anyLimits, anyRandom, fc.integer({ min: 1, max: 2_000 }), (some, random, openings) => {
        const pause = pauseAfterMs(openings, some, random);
        expect(pause).toBeGreaterThanOrEqual(some.openMs / 2);
        expect(pause).toBeLessThanOrEqual(some.openMaxMs);
        expect(pauseAfterMs(openings + 1, some, random)).toBeGreaterThanOrEqual(pause);
      }),
    );
  });

  const leaseMs = 15_000;
  const anyStep = fc.record({
    passMs: fc.nat({ max: 100_000 }),
    prober: fc.constantFrom('a', 'b', 'c'),
    act: fc.constantFrom('trip', 'want', 'end'),
    sign: anySign,
    random: anyRandom,
  });

  test('at most one prober holds the breaker, each for no longer than its lease, and it is never open for ever', () => {
    fc.assert(
      fc.property(anyLimits, fc.array(anyStep, { maxLength: 60 }), (some, steps) => {
        let breaker: Breaker = closed;
        let nowMs = at(0).getTime();
        for (const { passMs, prober, act, sign, random } of steps) {
          nowMs += passMs;
          const now = new Date(nowMs);
          const before: Breaker = breaker;
          const input: BreakerInput =
            act === 'trip'
              ? tripped
              : act === 'want'
                ? { type: 'probe_wanted', prober, leaseMs }
                : { type: 'probe_ended', prober, sign };
          breaker = breakerAfter(before, input, { limits: some, now, random });
          if (before.state === 'half_open' && now < before.until && act !== 'end')
            expect(breaker).toBe(before);
          if (before.state === 'half_open' && before.prober !== prober && act === 'end')
            expect(breaker).toBe(before);
          if (before.state !== 'closed' && breaker.state === 'closed')
            expect([before.state, act, sign]).toEqual(['half_open', 'end', there]);
          if (breaker.state !== 'closed' && breaker !== before)
            expect(breaker.until.getTime() - nowMs).toBeLessThanOrEqual(Math.max(some.openMaxMs, leaseMs));
        }
        if (breaker.state === 'closed') return;
        // Whatever led here: once its time is up, the next prober gets it, and an answer closes it.
        const now = new Date(breaker.until.getTime());
        const facts = { limits: some, now, random: 0 };
        const taken = breakerAfter(breaker, { type: 'probe_wanted', prober: 'last', leaseMs }, facts);
        expect(breakerAfter(taken, ended(there, 'last'), facts).state).toBe('closed');
      }),
    );
  });
});
