import { expect, test } from '@jest/globals';
import type { Remote } from '../core/breaker.ts';
import { callLine, linesInForce, type CallLine } from './call-line.ts';

/** Some processes that call one remote, in a time that passes only by sleeping. */
function processes(count: number, ratePerSecond: number) {
  let nowMs = 0;
  let endMs = 0;
  let claims = 0;
  const lines = {
    claim: (_remote: Remote, turns: number, spacingMs: number): Promise<number> => {
      const firstMs = Math.max(endMs, nowMs);
      endMs = firstMs + turns * spacingMs;
      claims += 1;
      return Promise.resolve(firstMs - nowMs);
    },
  };
  const sleep = (milliseconds: number): Promise<boolean> => {
    nowMs += milliseconds;
    return Promise.resolve(true);
  };
  const monotonicMs = (): number => nowMs;
  const all = Array.from({ length: count }, (): CallLine =>
    callLine({ lines, remote: 'portal', ratePerSecond, monotonicMs, sleep }),
  );
  return { all, pass: (milliseconds: number) => (nowMs += milliseconds), claims: () => claims };
}

test('the turns of all processes together keep the distance of the rate', async () => {
  const { all } = processes(3, 50);
  const turns: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    for (const line of all) turns.push((await line.wait()) ?? NaN);
  }
  const inOrder = turns.toSorted((one, other) => one - other);
  const gaps = inOrder.slice(1).map((turn, index) => Math.round(turn - (inOrder[index] ?? 0)));
  expect(turns).toHaveLength(120);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20);
});

test('a busy process asks for its turns by the handful', async () => {
  const { all, claims } = processes(1, 100);
  for (let call = 0; call < 100; call += 1) await all[0]?.wait();
  expect(claims()).toBe(5);
});

test('turns that nobody used do not add up to a burst', async () => {
  const { all, pass } = processes(1, 10);
  const [line] = all;
  await line?.wait();
  pass(60_000);
  expect(line?.takeReady()).toBeUndefined();
  const turns = [await line?.wait(), await line?.wait(), await line?.wait()];
  expect(turns).toEqual([60_100, 60_200, 60_300].map((turn) => turn - 100));
});

test('a turn that was not used is the next one’s', async () => {
  const { all } = processes(1, 10);
  const [line] = all;
  const turn = await line?.wait();
  line?.giveBack(turn ?? NaN);
  expect(line?.takeReady()).toBe(turn);
  expect(line?.takeReady()).toBeUndefined();
});

test('who is stopped while waiting has no turn', async () => {
  const lines = { claim: () => Promise.resolve(5_000) };
  const sleep = (): Promise<boolean> => Promise.resolve(false);
  const line = callLine({ lines, remote: 'portal', ratePerSecond: 1, monotonicMs: () => 0, sleep });
  expect(await line.wait()).toBeUndefined();
});

test('a line is at the rate in force, stays the same while that does, and is gone with it', () => {
  let rate: number | undefined = 10;
  const opened: number[] = [];
  const { all } = processes(1, 1);
  const lineOf = linesInForce(
    () => rate,
    (_remote, ratePerSecond) => {
      opened.push(ratePerSecond);
      return { ...(all[0] as CallLine) };
    },
  );
  const first = lineOf('portal');
  expect(lineOf('portal')).toBe(first);
  rate = 5;
  expect(lineOf('portal')).not.toBe(first);
  expect(opened).toEqual([10, 5]);
  rate = undefined;
  expect(lineOf('portal')).toBeUndefined();
});
