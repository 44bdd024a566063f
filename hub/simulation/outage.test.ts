import { expect, test } from '@jest/globals';
import { outage } from './outage.ts';

/** Of the channel that is away: calls in hand when it went, and those of the look after, as docs/breaker.md has it. */
const inHandMax = 16;
const others = 1_200;

test('a channel that is away for an hour costs those who wait nothing, and nobody else notices', async () => {
  const waiting = 10_000;
  const { finding, notSettled, cases, ...seen } = await outage(1, { waiting, others });
  expect({ finding, notSettled, cases }).toEqual({ finding: undefined, notSettled: 0, cases: 0 });
  expect(seen.probes).toBeGreaterThan(100);
  expect(seen.callsWhileAway).toBeLessThanOrEqual(seen.probes + inHandMax);
  // One when it is placed, one when its channel is back, and one after each call that met nobody.
  expect(seen.messages).toBeLessThanOrEqual(2 * waiting + seen.callsWhileAway);
  expect(seen.drainedAfterMs).toBeLessThan(300_000);

  const calm = await outage(1, { waiting: 0, others });
  expect(calm).toMatchObject({ finding: undefined, notSettled: 0, callsWhileAway: 0 });
  expect(seen.othersMeanMs).toBeLessThan(calm.othersMeanMs * 1.05);
  expect(seen.othersMostMs).toBeLessThan(calm.othersMostMs * 1.5);
}, 120_000);

test.each([1, 3])('%d who are probed with over and over lose none of their tries', async (waiting) => {
  const { finding, notSettled, cases, ...seen } = await outage(2, { waiting, others: 0 });
  expect({ finding, notSettled, cases }).toEqual({ finding: undefined, notSettled: 0, cases: 0 });
  expect(seen.probes).toBeGreaterThan(100);
  // Those of the calls that showed that it is away.
  expect(seen.failuresMost).toBeLessThanOrEqual(inHandMax);
});
