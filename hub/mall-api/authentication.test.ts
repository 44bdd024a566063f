import { beforeEach, describe, expect, test } from '@jest/globals';
import { newApiKey } from '../api-key.ts';
import type { ValidApiKey } from '../store/malls.ts';
import { authentication, type Authentication } from './authentication.ts';
import { keyFreshMs } from './known-keys.ts';

const made = newApiKey();
const bearer = `Bearer ${made.apiKey}`;

let nowMs: number;
let stored: Map<string, ValidApiKey>;
let reads: string[];
let gate: Promise<void>;
let door: Authentication;

beforeEach(() => {
  nowMs = 0;
  reads = [];
  gate = Promise.resolve();
  stored = new Map([[made.keyId, { mallId: 'shop', secretHash: made.secretHash, ratePerSecond: 1_000 }]]);
  door = authentication({
    read: async (keyId) => {
      reads.push(keyId);
      await gate;
      return stored.get(keyId);
    },
    monotonicMs: () => nowMs,
  });
});

function outcomeOf(authorization: string | undefined, address = '10.0.0.1'): Promise<string> {
  return door.authenticate(authorization, address).then(
    ({ mallId }) => mallId,
    (error: { code: string }) => error.code,
  );
}

describe('a key', () => {
  test('opens the door to its mall, and is looked up once while it is fresh', async () => {
    expect(await outcomeOf(bearer)).toBe('shop');
    nowMs = keyFreshMs - 1;
    expect(await outcomeOf(`bearer  ${made.apiKey}`)).toBe('shop');
    expect(reads).toHaveLength(1);
  });

  test('that is revoked stops working within 5 s', async () => {
    expect(keyFreshMs).toBeLessThan(5_000);
    await outcomeOf(bearer);
    stored.clear();
    nowMs = keyFreshMs;
    expect(await outcomeOf(bearer)).toBe('HUB_API_KEY_WRONG');
  });

  test('that is made after it was tried in vain begins to work', async () => {
    const kept = new Map(stored);
    stored.clear();
    expect(await outcomeOf(bearer)).toBe('HUB_API_KEY_WRONG');
    stored = kept;
    nowMs = keyFreshMs;
    expect(await outcomeOf(bearer)).toBe('shop');
  });

  test('is looked up once for all who ask at the same time', async () => {
    const outcomes = await Promise.all([bearer, bearer, bearer].map((key) => outcomeOf(key)));
    expect(outcomes).toEqual(['shop', 'shop', 'shop']);
    expect(reads).toHaveLength(1);
  });

  test('has a rate, with a burst above it', async () => {
    stored.set(made.keyId, { mallId: 'shop', secretHash: made.secretHash, ratePerSecond: 1 });
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(bearer)));
    expect(outcomes.filter((outcome) => outcome === 'shop')).toHaveLength(6);
    expect(outcomes.at(-1)).toBe('HUB_RATE_LIMITED');
  });

  test('keeps its limit over a look-up', async () => {
    stored.set(made.keyId, { mallId: 'shop', secretHash: made.secretHash, ratePerSecond: 1 });
    for (let count = 0; count < 6; count += 1) await outcomeOf(bearer);
    nowMs = keyFreshMs;
    expect(await outcomeOf(bearer)).toBe('HUB_RATE_LIMITED');
  });
});

describe('without a good key', () => {
  test.each([
    [undefined, 'HUB_API_KEY_MISSING'],
    ['', 'HUB_API_KEY_WRONG'],
    ['Basic dXNlcjpwYXNz', 'HUB_API_KEY_WRONG'],
    [made.apiKey, 'HUB_API_KEY_WRONG'],
    [`Bearer ${made.apiKey}x`, 'HUB_API_KEY_WRONG'],
    [`Bearer ph_${made.keyId}_${'A'.repeat(43)}`, 'HUB_API_KEY_WRONG'],
  ])('%j is %s', async (authorization, code) => {
    expect(await outcomeOf(authorization)).toBe(code);
  });

  test('the same wrong key costs one look-up', async () => {
    const wrong = `Bearer ${newApiKey().apiKey}`;
    for (let count = 0; count < 5; count += 1) await outcomeOf(wrong);
    expect(reads).toHaveLength(1);
  });

  test('an address that keeps guessing is stopped before it costs look-ups; a known key there goes on', async () => {
    await outcomeOf(bearer);
    const outcomes: string[] = [];
    for (let count = 0; count < 50; count += 1)
      outcomes.push(await outcomeOf(`Bearer ${newApiKey().apiKey}`));
    expect(outcomes.filter((outcome) => outcome === 'HUB_API_KEY_WRONG')).toHaveLength(20);
    expect(outcomes.at(-1)).toBe('HUB_RATE_LIMITED');
    expect(reads).toHaveLength(21);
    expect(await outcomeOf(bearer)).toBe('shop');
    nowMs = keyFreshMs;
    expect(await outcomeOf(bearer)).toBe('shop');
  });

  test('guessing from many addresses has few look-ups under way at once, and known keys still get theirs', async () => {
    await outcomeOf(bearer);
    nowMs = keyFreshMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const guesses = Array.from({ length: 100 }, (_, index) =>
      outcomeOf(`Bearer ${newApiKey().apiKey}`, `10.1.0.${index}`),
    );
    const known = outcomeOf(bearer);
    // Until every guess has come as far as it can.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(reads).toHaveLength(1 + 8 + 1);
    resolve();
    expect(await known).toBe('shop');
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((outcome) => outcome === 'HUB_UNAVAILABLE')).toHaveLength(92);
  });
});
