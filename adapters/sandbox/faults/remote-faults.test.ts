import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { CallKind } from '../call-counts.ts';
import type { CallFaults } from './call-faults.ts';
import { readFaultPlan } from './fault-plan.ts';
import { RemoteFaults } from './remote-faults.ts';

const call = (kind: CallKind = 'deductions', isRepeat = false, atMs = 0) => ({ kind, isRepeat, atMs });

function under(plan: object, seed = 1): RemoteFaults {
  const faults = new RemoteFaults('channel airmiles', seed);
  faults.set(readFaultPlan(plan, 'channel'), 1_000);
  return faults;
}

/** The kinds that a call meets, in the order of the stages. */
function kindsOf({ before, repeat, amount, async, callback, view, after }: CallFaults): string[] {
  return [before, repeat, amount, async, callback, view, after].flatMap((fault) =>
    fault === undefined ? [] : [fault.kind],
  );
}

const on = ['deductions'];

describe('which faults a call meets', () => {
  test('a count is used up by the calls that it is for, and by no others', () => {
    const faults = under({ faults: [{ kind: 'timeout-after-effect', on, next: 2 }] });
    const kinds = (['deductions', 'refunds', 'deductions', 'deductions'] as const).map((kind) =>
      kindsOf(faults.draw(call(kind))),
    );
    expect(kinds).toEqual([['timeout-after-effect'], [], ['timeout-after-effect'], []]);
    expect(faults.report().plan?.faults).toMatchObject([{ next: 2, left: 0 }]);
  });

  test('of rules for one stage the first counts, and only that is used up', () => {
    const faults = under({
      faults: [
        { kind: 'timeout-after-effect', on, next: 1 },
        { kind: 'reset-after-effect', on, next: 1 },
        { kind: 'wrong-amount', by: '1', on, next: 2 },
      ],
    });
    expect([faults.draw(call()), faults.draw(call()), faults.draw(call())].map(kindsOf)).toEqual([
      ['wrong-amount', 'timeout-after-effect'],
      ['wrong-amount', 'reset-after-effect'],
      [],
    ]);
  });

  test('what happens before the effect leaves the rest for another call', () => {
    const faults = under({
      faults: [
        { kind: 'timeout-after-effect', on, next: 1 },
        { kind: 'rate-limited', on, next: 1 },
      ],
    });
    expect([faults.draw(call()), faults.draw(call())].map(kindsOf)).toEqual([
      ['rate-limited'],
      ['timeout-after-effect'],
    ]);
  });

  test('a count of repeats waits for one', () => {
    const faults = under({ faults: [{ kind: 'duplicate-as-error', on, next: 1 }] });
    const kinds = [false, true, true].map((isRepeat) => kindsOf(faults.draw(call('deductions', isRepeat))));
    expect(kinds).toEqual([[], ['duplicate-as-error'], []]);
  });

  test('only a call that is answered with 202 has a callback that can go wrong', () => {
    const lost = { kind: 'callback-lost', on, next: 1 };
    expect(kindsOf(under({ faults: [lost] }).draw(call()))).toEqual([]);
    const faults = under({ faults: [lost, { kind: 'async', afterMs: 1, on, probability: 1 }] });
    expect(kindsOf(faults.draw(call('deductions', true)))).toEqual([]);
    expect(kindsOf(faults.draw(call()))).toEqual(['async', 'callback-lost']);
  });

  test('a share is met about as often as it says', () => {
    const faults = under({ faults: [{ kind: 'reset-before-effect', on, probability: 0.1 }] });
    const hits = Array.from({ length: 10_000 }, () => faults.draw(call())).filter(
      (one) => one.before !== undefined,
    );
    expect(Math.abs(hits.length - 1_000)).toBeLessThan(150);
  });

  test('setting a plan begins again', () => {
    const plan = readFaultPlan(
      { faults: [{ kind: 'reset-before-effect', on, probability: 0.5 }] },
      'channel',
    );
    const faults = new RemoteFaults('portal', 7);
    const run = () => {
      faults.set(plan, 0);
      return Array.from({ length: 40 }, () => kindsOf(faults.draw(call())).length);
    };
    expect(run()).toEqual(run());
  });
});

describe('an outage', () => {
  test('is from its first millisecond to before its last, counted from the setting of the plan', () => {
    const faults = under({ outages: [{ fromMs: 100, untilMs: 200 }] });
    const isOut = (atMs: number) => kindsOf(faults.draw(call('lookups', false, atMs))).includes('outage');
    expect([1_099, 1_100, 1_199, 1_200].map(isOut)).toEqual([false, true, true, false]);
  });

  test('says how long it lasts, over windows that overlap', () => {
    const faults = under({
      outages: [
        { fromMs: 0, untilMs: 300 },
        { fromMs: 100, untilMs: 200 },
      ],
    });
    expect(faults.draw(call('deductions', false, 1_150)).before).toEqual({ kind: 'outage', leftMs: 150 });
  });

  test('uses up no count', () => {
    const faults = under({
      outages: [{ fromMs: 0, untilMs: 1 }],
      faults: [{ kind: 'rate-limited', on, next: 1 }],
    });
    expect(kindsOf(faults.draw(call('deductions', false, 1_000)))).toEqual(['outage']);
    expect(kindsOf(faults.draw(call('deductions', false, 1_001)))).toEqual(['rate-limited']);
  });
});

describe('latency', () => {
  const latencies = (latency: object, count = 5_000) => {
    const faults = under({ latency });
    return Array.from({ length: count }, () => faults.draw(call('balances')).latencyMs);
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  test('is constant', () => expect(new Set(latencies({ kind: 'constant', ms: 7 }))).toEqual(new Set([7])));

  test('is uniform within its range', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), (fromMs, moreMs) => {
        const values = latencies({ kind: 'uniform', fromMs, toMs: fromMs + moreMs }, 50);
        expect(values.every((ms) => ms >= fromMs && ms <= fromMs + moreMs)).toBe(true);
      }),
    );
    expect(Math.abs(mean(latencies({ kind: 'uniform', fromMs: 0, toMs: 100 })) - 50)).toBeLessThan(3);
  });

  test('is exponential up to its cap', () => {
    const values = latencies({ kind: 'exponential', meanMs: 10, maxMs: 1_000 });
    expect(Math.abs(mean(values) - 10)).toBeLessThan(1);
    const capped = latencies({ kind: 'exponential', meanMs: 10, maxMs: 15 });
    expect(Math.max(...capped)).toBe(15);
    expect(Math.min(...capped)).toBeGreaterThanOrEqual(0);
  });
});

test('the secret of callbacks is not told', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const faults = under({ callback: { url: 'http://127.0.0.1:1/', secret } });
  expect(JSON.stringify(faults.report())).not.toContain(secret);
});
