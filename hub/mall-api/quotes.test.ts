import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { BalanceOutcome, ChannelAdapter, Portal, RejectionReason } from '@points-hub/adapters';
import { Points } from '../core/points.ts';
import { quoteMaxMs, quoteOf, type QuotesOptions } from './quotes.ts';

const asOf = new Date('2026-03-01T09:30:00Z');
const now = new Date('2026-03-01T09:30:05Z');
const never = new Promise<never>(() => undefined);

function balance(points: string, at = asOf): BalanceOutcome {
  return { type: 'balance', points: new Points(points), asOf: at };
}
function rejected(reason: RejectionReason): BalanceOutcome {
  return { type: 'rejected', reason, evidence: {} };
}

type Answers = Record<string, () => Promise<BalanceOutcome>>;

/** Quotes 10 points at each channel of `balances`. */
function quote(balances: Answers, quotas: Answers = {}, callTimeoutMs = 60_000) {
  const options: QuotesOptions = {
    channels: new Map(),
    remotes: {
      channel: (id) => ({ balance: balances[id] }) as unknown as ChannelAdapter,
      portal: {
        remaining: (id: string) => (quotas[id] ?? (() => Promise.resolve(balance('1000'))))(),
      } as unknown as Portal,
    },
    callTimeoutMs: { portal: callTimeoutMs, channel: () => callTimeoutMs },
    now: () => now,
  };
  const deductions = Object.keys(balances).map((channel) => ({
    channel,
    points: new Points('10'),
    memberRef: 'ada',
    holds: false,
  }));
  return quoteOf('ada', deductions, undefined, options);
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('a deduction', () => {
  test.each([
    ['10', '10', 'yes', undefined],
    ['9.9999', '10', 'no', 'insufficient_points'],
    ['-5', '10', 'no', 'insufficient_points'],
    ['10', '9.9999', 'no', 'insufficient_quota'],
    ['1', '1', 'no', 'insufficient_points'],
  ] as const)('with a balance of %s and a quota of %s suffices: %s', async (held, left, suffices, reason) => {
    const { deductions } = await quote(
      { a: () => Promise.resolve(balance(held)) },
      { a: () => Promise.resolve(balance(left)) },
    );
    expect(deductions[0]).toMatchObject({ suffices, ...(reason === undefined ? {} : { reason }) });
  });

  test.each(['member_unknown', 'member_blocked'] as const)(
    'of a user that is %s does not suffice',
    async (reason) => {
      const { suffices, deductions } = await quote({ a: () => Promise.resolve(rejected(reason)) });
      expect(suffices).toBe('no');
      expect(deductions[0]).toMatchObject({
        balance: { state: 'refused', reason, asOf: now.toISOString() },
        suffices: 'no',
        reason,
      });
    },
  );

  test.each([
    [rejected('other'), 'other'],
    [{ type: 'unknown', cause: 'server_error', evidence: {} }, 'server_error'],
    [{ type: 'not_sent', cause: 'connect_failed', evidence: {} }, 'connect_failed'],
    [{ type: 'misconfigured', code: 'authentication', evidence: {} }, 'authentication'],
  ] as const)('whose balance is not told is unknown (%#)', async (outcome, cause) => {
    const { suffices, deductions } = await quote({ a: () => Promise.resolve(outcome) });
    expect(suffices).toBe('unknown');
    expect(deductions[0]?.balance).toEqual({ state: 'unknown', cause });
  });

  test('whose quota is short does not suffice, whatever its balance', async () => {
    const { deductions } = await quote(
      { a: () => Promise.reject(new Error('broken')) },
      { a: () => Promise.resolve(balance('0')) },
    );
    expect(deductions[0]).toMatchObject({ suffices: 'no', reason: 'insufficient_quota' });
  });
});

describe('a channel', () => {
  test('that never answers is unknown after its time, and the others are told', async () => {
    const quoting = quote({ silent: () => never, prompt: () => Promise.resolve(balance('50')) });
    await jest.advanceTimersByTimeAsync(quoteMaxMs);
    const { suffices, deductions } = await quoting;
    expect(suffices).toBe('unknown');
    expect(deductions.map((deduction) => deduction.balance.state)).toEqual(['unknown', 'known']);
    expect(deductions.map((deduction) => deduction.suffices)).toEqual(['unknown', 'yes']);
  });

  test('is asked no longer than its own time-out', async () => {
    const quoting = quote({ silent: () => never }, {}, 100);
    await jest.advanceTimersByTimeAsync(100);
    expect((await quoting).deductions[0]?.balance).toEqual({ state: 'unknown', cause: 'timeout' });
  });

  test.each([
    () => Promise.reject(new Error('rejects')),
    () => {
      throw new Error('throws');
    },
  ])('whose adapter is broken fails no quote (%#)', async (broken) => {
    const { deductions } = await quote({ broken, sound: () => Promise.resolve(balance('50')) });
    expect(deductions[0]?.balance).toEqual({ state: 'unknown', cause: 'adapter_failed' });
    expect(deductions[1]?.suffices).toBe('yes');
  });
});

describe('a quote', () => {
  test('is as old as its oldest fact', async () => {
    const older = new Date('2026-03-01T09:29:00Z');
    const quoted = await quote({
      a: () => Promise.resolve(balance('50')),
      b: () => Promise.resolve(balance('50', older)),
    });
    expect(quoted.asOf).toBe(older.toISOString());
  });

  test('that knows nothing is as old as its question', async () => {
    const nothing = { a: () => Promise.resolve(rejected('other')) };
    expect((await quote(nothing, nothing)).asOf).toBe(now.toISOString());
  });

  test('says no where one says no and another is unknown', async () => {
    const quoted = await quote({
      a: () => Promise.resolve(rejected('other')),
      b: () => Promise.resolve(balance('1')),
    });
    expect(quoted.suffices).toBe('no');
  });
});
