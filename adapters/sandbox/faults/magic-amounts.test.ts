import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { inWords, openRemotesUnderFaults, type RemotesUnderFaults } from '../testing/remotes-under-faults.ts';
import { MAGIC_HUNDREDTHS } from './magic-amounts.ts';

let remotes: RemotesUnderFaults;
beforeEach(async () => {
  remotes = await openRemotesUnderFaults({ magicAmounts: true });
});
afterEach(() => remotes.close());

/** The hundredths; what the first request and the same one again see; what the books have in the end. */
const TABLE: readonly (readonly [hundredths: string, first: string, again: string, net: string])[] = [
  ['01', 'unknown timeout', 'done 8881.01', '8881.01'],
  ['02', 'unknown timeout', 'done 8881.02 replayed', '8881.02'],
  ['03', 'unknown connection_lost', 'done 8881.03', '8881.03'],
  ['04', 'unknown connection_lost', 'done 8881.04 replayed', '8881.04'],
  ['05', 'not_sent rate_limited', 'done 8881.05', '8881.05'],
  ['06', 'unknown server_error', 'done 8881.06', '8881.06'],
  ['07', 'unknown server_error', 'done 8881.07 replayed', '8881.07'],
  ['08', 'done 8881.07', 'done 8881.08 replayed', '8881.08'],
  ['09', 'done 8881.08', 'done 8881.08 replayed', '8881.08'],
  ['10', 'unknown unreadable_answer', 'done 8881.1 replayed', '8881.1'],
  ['11', 'unknown unreadable_answer', 'done 8881.11 replayed', '8881.11'],
  ['12', 'unknown unreadable_answer', 'done 8881.12 replayed', '8881.12'],
  ['13', 'unknown connection_lost', 'unknown duplicate_without_state', '8881.13'],
  ['14', 'unknown connection_lost', 'done 8881.14', '17762.28'],
  ['15', 'unknown timeout', 'done 8881.15 replayed', '8881.15'],
  ['16', 'pending', 'pending', '0'],
  ['17', 'pending', 'pending', '0'],
  ['18', 'unknown timeout', 'done 8881.18', '8881.18'],
  ['19', 'unknown server_error', 'unknown server_error', '0'],
];

describe('a magic amount', () => {
  test.each(TABLE)('8881.%s', async (hundredths, first, again, net) => {
    await remotes.administer('PUT', 'channels/airmiles/members/ann', { balance: '20000' });
    const points = `8881.${hundredths}`;
    expect(inWords(await remotes.deduct('k1', points, first.endsWith('timeout') ? 'short' : 'ample'))).toBe(
      first,
    );
    expect(inWords(await remotes.deduct('k1', points))).toBe(again);
    expect(remotes.net()).toBe(net);
  });

  test('is tried out for each that there is', () => {
    expect(TABLE.map(([hundredths]) => BigInt(hundredths))).toEqual([...MAGIC_HUNDREDTHS.keys()]);
  });

  test('of 15 hundredths is not looked up at once', async () => {
    await remotes.deduct('k1', '8881.15', 'short');
    expect(inWords(await remotes.query('k1'))).toBe('not_found');
    expect(remotes.net()).toBe('8881.15');
  });

  test('is one of one call only: 8881 deducts, 8882 refunds, 8883 takes quota, 8884 returns it', async () => {
    for (const [thousands, seen] of [
      ['8881', ['unknown server_error', 'done 8881.06', 'done 8881.06', 'done 8881.06']],
      ['8882', ['done 8882.06', 'unknown server_error', 'done 8882.06', 'done 8882.06']],
      ['8883', ['done 8883.06', 'done 8883.06', 'unknown server_error', 'done 8883.06']],
      ['8884', ['done 8884.06', 'done 8884.06', 'done 8884.06', 'unknown server_error']],
    ] as const) {
      const points = `${thousands}.06`;
      const key = `k${thousands}`;
      const outcomes = [await remotes.deduct(key, points)];
      await remotes.deduct(key, points);
      outcomes.push(await remotes.refund(`r${thousands}`, key, points));
      await remotes.refund(`r${thousands}`, key, points);
      outcomes.push(await remotes.takeQuota(`q${thousands}`, points));
      await remotes.takeQuota(`q${thousands}`, points);
      outcomes.push(await remotes.returnQuota(`t${thousands}`, `q${thousands}`, points));
      await remotes.returnQuota(`t${thousands}`, `q${thousands}`, points);
      expect(outcomes.map(inWords)).toEqual(seen);
    }
    expect([remotes.net(), remotes.quotaUsed()]).toEqual(['0', '0']);
  });

  test.each(['16', '17'])(
    'of the portal is ordinary with %s hundredths: the portal answers at once',
    async (hundredths) => {
      expect(inWords(await remotes.takeQuota('q1', `8883.${hundredths}`))).toBe(`done 8883.${hundredths}`);
    },
  );

  test.each(['8881', '8881.00', '8881.20', '8881.021', '888.02', '18881.02'])('is not %s', async (points) => {
    await remotes.administer('PUT', 'channels/airmiles/members/ann', { balance: '20000' });
    expect((await remotes.deduct('k1', points)).type).toBe('done');
  });

  test('is ordinary where they are off', async () => {
    const plain = await openRemotesUnderFaults();
    expect(inWords(await plain.deduct('k1', '8881.01'))).toBe('done 8881.01');
    await plain.close();
  });
});

test('the table for people is this one', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `\.(\d\d)` *\| (.*?) *\|$/gm)].map(
    ([, hundredths, meaning]) => `${hundredths} ${meaning}`,
  );
  const magic = [...MAGIC_HUNDREDTHS].map(
    ([hundredths, { meaning, channelsOnly }]) =>
      `${String(hundredths).padStart(2, '0')} ${meaning}${channelsOnly === true ? '; channels only' : ''}`,
  );
  expect(rows).toEqual(magic);
});
