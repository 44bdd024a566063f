import { expect, test } from '@jest/globals';
import { runOpenLoop, type OpenLoop } from './open-loop.ts';

/** A clock that moves only when somebody sleeps on it; sleepers wake in the order of their times. */
function virtualClock() {
  let nowMs = 1_000;
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  let isAdvancing = false;
  const advance = (): void => {
    const [first, ...others] = sleepers.toSorted((a, b) => a.atMs - b.atMs);
    sleepers = others;
    isAdvancing = false;
    if (first === undefined) return;
    nowMs = Math.max(nowMs, first.atMs);
    first.wake();
    plan();
  };
  const plan = (): void => {
    if (isAdvancing || sleepers.length === 0) return;
    isAdvancing = true;
    // After all that can go on without the clock has gone on.
    setImmediate(advance);
  };
  return {
    nowMs: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        sleepers.push({ atMs: nowMs + ms, wake: resolve });
        plan();
      }),
  };
}

async function run(
  place: (indexes: readonly number[], clock: ReturnType<typeof virtualClock>) => Promise<void>,
  more: Partial<OpenLoop> = {},
) {
  const clock = virtualClock();
  const calls: { readonly atMs: number; readonly indexes: readonly number[] }[] = [];
  const dueMs = await runOpenLoop({
    ratePerSecond: 100,
    count: 10,
    lanesMax: 1,
    batchMax: 4,
    ...clock,
    place: (indexes) => {
      calls.push({ atMs: clock.nowMs(), indexes });
      return place(indexes, clock);
    },
    ...more,
  });
  return { dueMs, calls };
}

test('each order is placed when it is due', async () => {
  const { dueMs, calls } = await run(() => Promise.resolve());
  expect(dueMs).toEqual([1_000, 1_010, 1_020, 1_030, 1_040, 1_050, 1_060, 1_070, 1_080, 1_090]);
  expect(calls.map(({ atMs }) => atMs)).toEqual(dueMs);
});

test('a stall moves no due time: what waited is placed afterwards, in groups, and counts from when it was due', async () => {
  const { dueMs, calls } = await run(async ([first], clock) => {
    if (first === 1) await clock.sleep(65);
  });
  expect(dueMs[9]).toBe(1_090);
  expect(calls).toEqual([
    { atMs: 1_000, indexes: [0] },
    { atMs: 1_010, indexes: [1] },
    { atMs: 1_075, indexes: [2, 3, 4, 5] },
    { atMs: 1_075, indexes: [6, 7] },
    { atMs: 1_080, indexes: [8] },
    { atMs: 1_090, indexes: [9] },
  ]);
});

test('with several lanes one slow call holds up nobody', async () => {
  const { dueMs, calls } = await run(
    async ([first], clock) => {
      if (first === 1) await clock.sleep(65);
    },
    { lanesMax: 2 },
  );
  expect(calls.map(({ atMs }) => atMs)).toEqual(dueMs);
});

test('every order is placed exactly once', async () => {
  const { calls } = await run((_, clock) => clock.sleep(25), { lanesMax: 3 });
  expect(calls.flatMap(({ indexes }) => indexes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a failure to place ends the run', async () => {
  await expect(run(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
