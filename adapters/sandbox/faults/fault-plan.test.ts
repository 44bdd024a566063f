import { describe, expect, test } from '@jest/globals';

import { describePlan, readFaultPlan, readFaultPlans } from './fault-plan.ts';

const rule = (more: object) => ({ faults: [{ kind: 'timeout-after-effect', on: ['deductions'], ...more }] });
const SECRET = `whsec_${Buffer.alloc(24).toString('base64')}`;

describe('a plan is refused with the field at fault', () => {
  test.each<[string, unknown, string]>([
    ['an unknown field', { fault: [] }, 'unknown field "fault"'],
    ['an unknown field of a rule', rule({ next: 1, often: true }), 'faults[0]: unknown field "often"'],
    [
      'an unknown kind',
      rule({ kind: 'typo', next: 1 }),
      'faults[0].kind: kind must be one of timeout-before-effect,',
    ],
    ['no share and no count', rule({}), 'faults[0]: needs either probability or next'],
    [
      'a share and a count',
      rule({ probability: 0.5, next: 1 }),
      'faults[0]: needs either probability or next',
    ],
    ['a probability of 0', rule({ probability: 0 }), 'faults[0].probability:'],
    ['a probability above 1', rule({ probability: 1.01 }), 'faults[0].probability:'],
    ['a probability in words', rule({ probability: '0.5' }), 'faults[0].probability:'],
    ['half a call', rule({ next: 1.5 }), 'faults[0].next:'],
    ['no calls', rule({ on: [], next: 1 }), 'faults[0].on:'],
    ['calls of another word', rule({ on: ['deduct'], next: 1 }), 'faults[0].on[0]:'],
    [
      'calls of the portal',
      rule({ on: ['deductions', 'returns'], next: 1 }),
      'faults[0].on[1]: the channel has',
    ],
    [
      'no effect to lose',
      rule({ on: ['lookups'], next: 1 }),
      'faults[0].on[0]: timeout-after-effect can befall deductions',
    ],
    [
      'a status that is none',
      rule({ kind: 'error-after-effect', status: 404, next: 1 }),
      'faults[0].status:',
    ],
    ['an amount as a number', rule({ kind: 'wrong-echo', by: -0.01, next: 1 }), 'faults[0].by:'],
    [
      'an amount of nothing',
      rule({ kind: 'wrong-echo', by: '-0.00', next: 1 }),
      'faults[0].by: a decimal other than 0',
    ],
    ['no wait', rule({ kind: 'async', next: 1 }), 'faults[0].afterMs:'],
    [
      'a Retry-After of two kinds',
      rule({ kind: 'rate-limited', retryAfter: { seconds: 1, dateInSeconds: 1 }, next: 1 }),
      'faults[0].retryAfter:',
    ],
    ['a negative latency', { latency: { kind: 'constant', ms: -1 } }, 'latency.ms:'],
    [
      'a latency of another kind',
      { latency: { kind: 'normal' } },
      'latency.kind: kind must be one of constant, uniform',
    ],
    [
      'a range upside down',
      { latency: { kind: 'uniform', fromMs: 2, toMs: 1 } },
      'latency.toMs: is below fromMs',
    ],
    ['no cap', { latency: { kind: 'exponential', meanMs: 5 } }, 'latency.maxMs:'],
    [
      'an outage upside down',
      { outages: [{ fromMs: 5, untilMs: 5 }] },
      'outages[0].untilMs: must be above fromMs',
    ],
    ['a seed that is too large', { seed: 2 ** 32 }, 'seed:'],
    [
      'a callback to nowhere',
      { callback: { url: 'localhost', secret: SECRET } },
      'callback.url: an http(s) URL',
    ],
    [
      'a short secret',
      { callback: { url: 'http://x/', secret: 'whsec_YWJj' } },
      'callback.secret: whsec_ and',
    ],
    ['a list', [], 'expected object'],
  ])('%s', (_, plan, message) => {
    expect(() => readFaultPlan(plan, 'channel')).toThrow(message);
  });

  test.each<[string, object, string]>([
    [
      'refunds',
      { faults: [{ kind: 'rate-limited', on: ['refunds'], next: 1 }] },
      'faults[0].on[0]: the portal has',
    ],
    [
      'async',
      { faults: [{ kind: 'async', afterMs: 1, on: ['deductions'], next: 1 }] },
      'faults[0].kind: the portal answers at once',
    ],
    ['callbacks', { callback: { url: 'http://x/', secret: SECRET } }, 'callback: the portal answers at once'],
  ])('%s of the portal', (_, plan, message) => {
    expect(() => readFaultPlan(plan, 'portal')).toThrow(message);
  });
});

test('an empty plan is one, with nothing in it', () => {
  expect(describePlan(readFaultPlan({}, 'portal'))).toBe('nothing');
});

test('a plan can be read in one line', () => {
  const plan = readFaultPlan(
    {
      latency: { kind: 'exponential', meanMs: 20, maxMs: 500 },
      outages: [{ fromMs: 0, untilMs: 60_000 }],
      callback: { url: 'http://127.0.0.1:1/callbacks', secret: SECRET },
      faults: [
        { kind: 'timeout-after-effect', on: ['deductions', 'refunds'], probability: 0.005 },
        { kind: 'rate-limited', on: ['lookups'], next: 3 },
      ],
    },
    'channel',
  );
  expect(describePlan(plan)).toBe(
    'latency exponential, mean 20 ms, at most 500 ms; outage from 0 to 60000 ms; ' +
      'timeout-after-effect for 0.5 % of deductions, refunds; rate-limited for the next 3 of lookups; ' +
      'callbacks to http://127.0.0.1:1/callbacks',
  );
});

describe('a file of plans', () => {
  const latency = (ms: number) => ({ latency: { kind: 'constant', ms } });

  test('has a plan for a channel, for all others, and for the portal', () => {
    const { channels, portal } = readFaultPlans(
      { channels: { a: latency(1), '*': latency(2) }, portal: latency(3) },
      ['a', 'b'],
    );
    const shown = [...channels].map(([id, plan]) => `${id}: ${describePlan(plan)}`);
    expect(shown).toEqual(['a: latency 1 ms', 'b: latency 2 ms']);
    expect(portal?.latency).toEqual({ kind: 'constant', ms: 3 });
  });

  test.each([
    [{ channel: {} }, 'unknown field "channel"'],
    [{ channels: { c: {} } }, 'channels.c: no channel of this sandbox'],
    [{ channels: { a: latency(-1) } }, 'channels.a: latency.ms:'],
    [{ portal: latency(-1) }, 'portal: latency.ms:'],
  ])('%j is refused', (file, message) => {
    expect(() => readFaultPlans(file, ['a', 'b'])).toThrow(message);
  });
});
