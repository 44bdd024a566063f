import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { inWords, openRemotesUnderFaults, type RemotesUnderFaults } from '../testing/remotes-under-faults.ts';

let remotes: RemotesUnderFaults;
beforeEach(async () => {
  remotes = await openRemotesUnderFaults();
});
afterEach(() => remotes.close());

const once = (kind: string, more: object = {}) => ({
  faults: [{ kind, on: ['deductions'], next: 1, ...more }],
});
const always = (kind: string, more: object = {}) => ({
  faults: [{ kind, on: ['deductions'], probability: 1, ...more }],
});

/** The fault; what the client sees of the first request; whether the books have its effect. */
const FAULTS: readonly (readonly [kind: string, more: object, seen: string, net: string])[] = [
  ['timeout-before-effect', {}, 'unknown timeout', '0'],
  ['timeout-after-effect', {}, 'unknown timeout', '10'],
  ['reset-before-effect', {}, 'unknown connection_lost', '0'],
  ['reset-after-effect', {}, 'unknown connection_lost', '10'],
  ['error-before-effect', {}, 'unknown server_error', '0'],
  ['error-before-effect', { status: 502 }, 'unknown server_error', '0'],
  ['error-after-effect', {}, 'unknown server_error', '10'],
  ['rate-limited', { retryAfter: { seconds: 7 } }, 'not_sent rate_limited', '0'],
  ['credentials-refused', {}, 'misconfigured authentication', '0'],
  ['html-answer', {}, 'unknown unreadable_answer', '10'],
  ['truncated-answer', {}, 'unknown unreadable_answer', '10'],
  ['empty-answer', {}, 'unknown unreadable_answer', '10'],
  ['wrong-echo', { by: '-0.01' }, 'done 9.99', '10'],
  ['wrong-echo', { by: '5' }, 'done 15', '10'],
  ['wrong-amount', { by: '-0.01' }, 'done 9.99', '9.99'],
  ['wrong-amount', { by: '2.5', echo: 'asked' }, 'done 10', '12.5'],
  ['wrong-amount', { by: '-11' }, 'done 0', '0'],
];

describe.each(FAULTS)('%s %j', (kind, more, seen, net) => {
  const patience = seen === 'unknown timeout' ? 'short' : 'ample';

  test('of a deduction is met once, and the books have what happened', async () => {
    await remotes.set(once(kind, more));
    expect(inWords(await remotes.deduct('k1', '10', patience))).toBe(seen);
    expect(remotes.net()).toBe(net);
    expect(await remotes.met()).toEqual({ [kind]: 1 });
    // The same key has one effect all told, whether the first request had it or not.
    await remotes.deduct('k1');
    expect(remotes.net()).toBe(net === '0' && !seen.startsWith('done') ? '10' : net);
  });

  test('of a refund is met in the same way', async () => {
    await remotes.deduct('k1', '100');
    await remotes.set({ faults: [{ kind, on: ['refunds'], next: 1, ...more }] });
    expect(inWords(await remotes.refund('r1', 'k1', '10', patience))).toBe(seen);
    expect(remotes.refunded()).toBe(net);
  });

  test('of the portal is met in the same way', async () => {
    await remotes.set(once(kind, more), 'portal');
    expect(inWords(await remotes.takeQuota('q1', '10', patience))).toBe(seen);
    expect(remotes.quotaUsed()).toBe(net);
    await remotes.end('portal');
    await remotes.takeQuota('q2', '100');
    await remotes.set({ faults: [{ kind, on: ['returns'], next: 1, ...more }] }, 'portal');
    expect(inWords(await remotes.returnQuota('r2', 'q2', '10', patience))).toBe(seen);
    expect(remotes.returned()).toBe(net);
  });
});

describe('what a fault does not do', () => {
  test('a body is spoilt of a success only: a refusal stays a refusal, and the fault is not met', async () => {
    await remotes.set(always('html-answer'));
    expect(inWords(await remotes.deduct('k1', '99999'))).toBe('rejected insufficient_points');
    expect(await remotes.met()).toEqual({});
  });

  test('a wrong amount is never more than the member has', async () => {
    await remotes.set(always('wrong-amount', { by: '9999.99' }));
    expect(inWords(await remotes.deduct('k1'))).toBe('rejected insufficient_points');
    expect(remotes.net()).toBe('0');
  });

  test('a fault of one channel or call is none of another', async () => {
    await remotes.set(always('error-before-effect'));
    expect(inWords(await remotes.takeQuota('q1'))).toBe('done 10');
    expect(inWords(await remotes.query('k1'))).toBe('not_found');
    expect((await remotes.balance()).type).toBe('balance');
    const other = await fetch(`${remotes.sandbox.url}/channels/bankplus/v1/deductions`, {
      method: 'POST',
      body: '{"key":"k1","orderId":"o1","member":"ann","points":"1"}',
    });
    expect([other.status, ((await other.json()) as { points: string }).points]).toEqual([200, '1']);
  });
});

describe('reading', () => {
  test('meets the faults that do not need an effect', async () => {
    await remotes.deduct('k1');
    for (const kind of ['reset-before-effect', 'error-before-effect', 'rate-limited', 'html-answer']) {
      await remotes.set({ faults: [{ kind, on: ['lookups', 'balances'], next: 2 }] });
      expect([await remotes.query('k1'), await remotes.balance()].map(({ type }) => type)).not.toContain(
        'found',
      );
      expect(inWords(await remotes.query('k1'))).toBe('found done 10');
    }
  });

  test('lags no longer than that', async () => {
    await remotes.set({ faults: [{ kind: 'query-lag', on: ['lookups'], probability: 1, lagMs: 200 }] });
    await remotes.deduct('k1');
    const seen = new Set<string>();
    while (!seen.has('found done 10')) seen.add(inWords(await remotes.query('k1')));
    expect([...seen]).toEqual(['not_found', 'found done 10']);
  });

  test('lags behind the books for as long as the plan says, in look-ups and statements', async () => {
    await remotes.deduct('k1');
    await remotes.takeQuota('q1');
    const statement = async () => {
      const window = 'from=2000-01-01T00:00:00Z&to=2999-01-01T00:00:00Z';
      const response = await fetch(`${remotes.sandbox.url}/channels/airmiles/v1/transactions?${window}`);
      return ((await response.json()) as { transactions: unknown[] }).transactions.length;
    };
    const lag = {
      faults: [{ kind: 'query-lag', on: ['lookups', 'statements'], probability: 1, lagMs: 3_600_000 }],
    };
    await remotes.set(lag);
    await remotes.set(lag, 'portal');
    expect(inWords(await remotes.query('k1'))).toBe('not_found');
    expect(inWords(await remotes.findQuota('q1'))).toBe('not_found');
    expect(await statement()).toBe(0);
    // The key is known all the same.
    expect(inWords(await remotes.deduct('k1'))).toBe('done 10 replayed');
    await remotes.end();
    await remotes.end('portal');
    expect(inWords(await remotes.query('k1'))).toBe('found done 10');
    expect(inWords(await remotes.findQuota('q1'))).toBe('found done 10');
    expect(await statement()).toBe(1);
  });
});

describe('a key that comes again', () => {
  test('is an error without a state where duplicates are errors; the effect is one', async () => {
    await remotes.set(always('duplicate-as-error'));
    expect(inWords(await remotes.deduct('k1'))).toBe('done 10');
    expect(inWords(await remotes.deduct('k1'))).toBe('unknown duplicate_without_state');
    expect(inWords(await remotes.query('k1'))).toBe('found done 10');
    await remotes.set(always('duplicate-as-error'), 'portal');
    await remotes.takeQuota('q1');
    expect(inWords(await remotes.takeQuota('q1'))).toBe('unknown duplicate_without_state');
    expect(await remotes.effects()).toEqual(['k1 10', 'q1 10']);
    expect(await remotes.met()).toEqual({ 'duplicate-as-error': 1 });
  });

  test('is a new effect where there is no idempotency; all of them are in the books and can be given back', async () => {
    await remotes.set(always('no-idempotency'));
    for (let request = 0; request < 2; request += 1)
      expect(inWords(await remotes.deduct('k1'))).toBe('done 10');
    expect(await remotes.effects()).toEqual(['k1 10', 'k1 10']);
    expect(remotes.net()).toBe('20');
    for (const key of ['r1', 'r2']) expect(inWords(await remotes.refund(key, 'k1'))).toBe('done 10');
    expect(inWords(await remotes.refund('r3', 'k1'))).toBe('rejected already_returned');
    expect(remotes.net()).toBe('0');
  });

  test('is a new effect at the portal, too, within its quota', async () => {
    await remotes.set(always('no-idempotency'), 'portal');
    await remotes.takeQuota('q1', '60000000');
    expect(inWords(await remotes.takeQuota('q1', '60000000'))).toBe('rejected insufficient_quota');
    // What was refused later does not hide what was taken before.
    expect(inWords(await remotes.findQuota('q1'))).toBe('found done 60000000');
    expect(remotes.quotaUsed()).toBe('60000000');
  });

  test('is a new effect of a refund as far as there is something left', async () => {
    await remotes.deduct('k1', '15');
    await remotes.set({ faults: [{ kind: 'no-idempotency', on: ['refunds'], probability: 1 }] });
    expect(inWords(await remotes.refund('r1', 'k1'))).toBe('done 10');
    expect(inWords(await remotes.refund('r1', 'k1'))).toBe('rejected exceeds_original');
    expect(remotes.net()).toBe('5');
  });

  test('is a second effect where the first answer was lost: faults of several stages meet in one call', async () => {
    await remotes.set({
      faults: [
        { kind: 'no-idempotency', on: ['deductions'], probability: 1 },
        { kind: 'reset-after-effect', on: ['deductions'], next: 1 },
      ],
    });
    expect(inWords(await remotes.deduct('k1'))).toBe('unknown connection_lost');
    expect(inWords(await remotes.deduct('k1'))).toBe('done 10');
    expect(remotes.net()).toBe('20');
  });
});

describe('a late effect', () => {
  test('comes after the client has given up', async () => {
    await remotes.set(once('late-effect', { afterMs: 600_000 }));
    expect(inWords(await remotes.deduct('k1', '10', 'short'))).toBe('unknown timeout');
    expect([remotes.net(), inWords(await remotes.query('k1'))]).toEqual(['0', 'not_found']);
    await remotes.set(once('late-effect', { afterMs: 0 }));
    expect(inWords(await remotes.deduct('k2', '10', 'short'))).toBe('unknown timeout');
    expect(inWords(await remotes.query('k2'))).toBe('found done 10');
  });
});

describe('429', () => {
  test.each([
    ['in seconds', { retryAfter: { seconds: 7 } }, 7_000, 7_000],
    ['as a date', { retryAfter: { dateInSeconds: 600 } }, 1, 600_000],
    ['without a word', {}, undefined, undefined],
  ])('says when to come again %s', async (_, more, atLeastMs, atMostMs) => {
    await remotes.set(always('rate-limited', more));
    const outcome = await remotes.deduct('k1');
    const retryAfterMs = outcome.type === 'not_sent' ? outcome.retryAfterMs : Number.NaN;
    if (atLeastMs === undefined) {
      expect(retryAfterMs).toBeUndefined();
    } else {
      expect(retryAfterMs).toBeGreaterThanOrEqual(atLeastMs);
      expect(retryAfterMs).toBeLessThanOrEqual(atMostMs);
    }
  });
});

describe('an outage', () => {
  test('is 503 with Retry-After for everything that is asked, and has no effect', async () => {
    await remotes.set({ outages: [{ fromMs: 0, untilMs: 600_000 }] });
    const response = await fetch(`${remotes.sandbox.url}/channels/airmiles/v1/members/ann/balance`);
    await response.text();
    expect([response.status, Number(response.headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect(inWords(await remotes.deduct('k1'))).toBe('unknown server_error');
    expect(inWords(await remotes.query('k1'))).toBe('unknown server_error');
    expect(remotes.net()).toBe('0');
    expect(await remotes.met()).toEqual({ outage: 3 });
    expect(inWords(await remotes.takeQuota('q1'))).toBe('done 10');
    await remotes.end();
    expect(inWords(await remotes.deduct('k1'))).toBe('done 10');
  });

  test('that has not begun is none', async () => {
    await remotes.set({ outages: [{ fromMs: 600_000, untilMs: 700_000 }] });
    expect(inWords(await remotes.deduct('k1'))).toBe('done 10');
  });
});

test('the same seed and the same calls give the same outcomes and the same books', async () => {
  const plan = {
    seed: 42,
    faults: [
      'error-before-effect',
      'error-after-effect',
      'reset-after-effect',
      'empty-answer',
      'no-idempotency',
    ].map((kind) => ({ kind, on: ['deductions'], probability: 0.25 })),
  };
  const run = async (seed: number) => {
    const fresh = await openRemotesUnderFaults();
    await fresh.set({ ...plan, seed });
    const outcomes: string[] = [];
    for (let call = 0; call < 80; call += 1) outcomes.push(inWords(await fresh.deduct(`k${call % 40}`)));
    const effects = await fresh.effects();
    const met = await fresh.met();
    await fresh.close();
    return { outcomes, effects, met };
  };
  const first = await run(42);
  expect(await run(42)).toEqual(first);
  expect(await run(43)).not.toEqual(first);
  expect(Object.keys(first.met as object).toSorted()).toEqual(plan.faults.map(({ kind }) => kind).toSorted());
});

test('calls that are never answered end with the sandbox', async () => {
  const lonely = await openRemotesUnderFaults();
  await lonely.set(always('timeout-after-effect'));
  const outcome = lonely.deduct('k1');
  // Its effect shows that the call has arrived.
  while (lonely.net() !== '10') await lonely.query('k1');
  await lonely.sandbox.close();
  expect(inWords(await outcome)).toBe('unknown connection_lost');
  await lonely.close();
});
