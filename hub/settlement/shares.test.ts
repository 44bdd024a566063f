import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startShares, type Shares } from './shares.ts';
import { MemoryShares } from './testing/memory-shares.ts';

const channel = 'airmiles';
const leaseMs = 10;
const longestCallMs = 5;

/** Processes that share four places, in a time that passes only when told. */
function processes() {
  let nowMs = 1_000;
  const memory = new MemoryShares(() => new Date(nowMs));
  function join(): Shares {
    return startShares({
      store: memory.callShares(() => undefined),
      concurrencyMax: new Map([[channel, 4]]),
      longestCallMs: () => longestCallMs,
      pollMs: 1,
      leaseMs,
      monotonicMs: () => nowMs,
      log: pino({ level: 'silent' }),
      onIdle: () => undefined,
      later: () => () => undefined,
    });
  }
  return { join, pass: (milliseconds: number) => (nowMs += milliseconds) };
}

test('whoever was stopped for longer than its lease begins nothing in places that others have by now', async () => {
  const { join, pass } = processes();
  const stopped = join();
  await stopped.renew();
  for (let place = 0; place < 4; place += 1) expect(await stopped.enter(channel, 5_000)).toBe(true);
  expect(stopped.isValid(channel)).toBe(true);

  pass(leaseMs + longestCallMs);
  const other = join();
  await other.renew();
  for (let place = 0; place < 4; place += 1) expect(await other.enter(channel, 5_000)).toBe(true);
  await stopped.renew();
  expect(stopped.isValid(channel)).toBe(false);
  expect(other.isValid(channel)).toBe(true);
});

test('whoever keeps its lease may use all that it has in hand, though its target is less', async () => {
  const { join } = processes();
  const first = join();
  await first.renew();
  for (let place = 0; place < 4; place += 1) await first.enter(channel, 5_000);
  const second = join();
  await second.renew();
  await first.renew();
  expect(first.isValid(channel)).toBe(true);
  first.leave(channel);
  first.leave(channel);
  await first.renew();
  await second.renew();
  expect(await second.enter(channel, 5_000)).toBe(true);
});
