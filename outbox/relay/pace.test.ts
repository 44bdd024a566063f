import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from './backoff.ts';
import { BusyRoutes } from './busy-routes.ts';
import { Signal } from './signal.ts';

describe('the delay after a failure', () => {
  const limits = { delayMinMs: 100, delayMaxMs: 5_000 };

  test('doubles until its maximum', () => {
    const almostOne = 1 - Number.EPSILON;
    expect(
      [0, 1, 2, 5, 6, 1_000].map((failures) => Math.round(backoffMs(failures, limits, almostOne))),
    ).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
  });

  test('lies in the upper half, whatever the dice say', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, chance) => {
          const full = Math.min(5_000, 100 * 2 ** failures);
          const delayMs = backoffMs(failures, limits, chance);
          expect(delayMs).toBeGreaterThanOrEqual(full / 2);
          expect(delayMs).toBeLessThanOrEqual(full);
        },
      ),
    );
  });
});

describe('a signal', () => {
  test('that nobody waits for is kept for the next that waits', async () => {
    const signal = new Signal();
    signal.set();
    signal.set();
    await signal.wait(0, Infinity);
    const second = signal.wait(0, Infinity).then(() => 'woken');
    expect(await Promise.race([second, Promise.resolve('still waiting')])).toBe('still waiting');
    signal.set();
    expect(await second).toBe('woken');
  });

  test('wakes the waiting loop with the lowest number, and only that one', async () => {
    const signal = new Signal();
    const woken: number[] = [];
    const waits = [2, 0, 1].map((loop) => signal.wait(loop, Infinity).then(() => woken.push(loop)));
    signal.set();
    await waits[1];
    expect(woken).toEqual([0]);
    signal.end();
    await Promise.all(waits);
    expect(woken).toEqual([0, 2, 1]);
  });
});

describe('a route', () => {
  const [slow, quick] = [
    { exchange: 'x', routingKey: 'slow' },
    { exchange: 'x', routingKey: 'quick' },
  ];

  test('is busy when its window is full, until half of it is free, whatever the others do', () => {
    const routes = new BusyRoutes(4);
    for (let count = 0; count < 5; count += 1) routes.entered(slow);
    routes.entered(quick);
    expect(routes.busy()).toEqual([slow]);
    expect([routes.left(slow), routes.left(slow), routes.left(slow)]).toEqual([false, false, true]);
    expect(routes.busy()).toEqual([]);
  });
});
