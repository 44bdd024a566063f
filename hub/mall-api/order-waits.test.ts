import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { orderEnds, type OrderEnds } from '../order-ends.ts';
import type { OrderName } from '../store/order-view.ts';
import { orderWaits, pollEveryMs, watchesMax, type OrderWaits } from './order-waits.ts';

const one = { mallId: 'shop', orderId: 'one' };
const two = { mallId: 'shop', orderId: 'two' };
const never = new AbortController().signal;
// Opened before time is taken over: what pino does in the next tick would count as a timer that was left.
const log = pino({ level: 'silent' });

let ends: OrderEnds;
let waits: OrderWaits;
let asked: OrderName[][];
let ended: OrderName[];
let trouble: Error | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  asked = [];
  ended = [];
  trouble = undefined;
  ends = orderEnds();
  waits = orderWaits({
    orderEnds: ends,
    readEnded: (orders) => {
      asked.push([...orders]);
      return trouble === undefined ? Promise.resolve(ended) : Promise.reject(trouble);
    },
    log,
  });
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** Waits like a request does; tells whether it is over. */
function request(order: OrderName, waitMs = 60_000, signal = never): { isOver: () => boolean } {
  const watch = waits.watch(order);
  if (watch === undefined) throw new Error('no room to watch');
  let isOver = false;
  void watch.wait(waitMs, signal).then(() => {
    isOver = true;
    watch.release();
  });
  return { isOver: () => isOver };
}

describe('a wait', () => {
  test('ends at once when a worker of this process ends the order', async () => {
    const waiting = request(one);
    ends.notify(two.mallId, two.orderId);
    await jest.advanceTimersByTimeAsync(0);
    expect(waiting.isOver()).toBe(false);
    ends.notify(one.mallId, one.orderId);
    await jest.advanceTimersByTimeAsync(0);
    expect(waiting.isOver()).toBe(true);
    expect(asked).toEqual([]);
  });

  test('ends when a poll finds that another process ended the order', async () => {
    const waiting = request(one);
    const other = request(two);
    ended = [one];
    await jest.advanceTimersByTimeAsync(pollEveryMs);
    expect([waiting.isOver(), other.isOver()]).toEqual([true, false]);
    waits.close();
    await jest.advanceTimersByTimeAsync(0);
  });

  test('ends when its time is up', async () => {
    const waiting = request(one, 1_000);
    await jest.advanceTimersByTimeAsync(999);
    expect(waiting.isOver()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(waiting.isOver()).toBe(true);
  });

  test('ends when its caller hangs up, even before it began', async () => {
    const gone = new AbortController();
    const waiting = request(one, 60_000, gone.signal);
    gone.abort();
    await jest.advanceTimersByTimeAsync(0);
    expect(waiting.isOver()).toBe(true);
    const late = request(one, 60_000, gone.signal);
    await jest.advanceTimersByTimeAsync(0);
    expect(late.isOver()).toBe(true);
  });

  test('is not missed when the order ends between the watch and the wait', async () => {
    const watch = waits.watch(one);
    ends.notify(one.mallId, one.orderId);
    await expect(watch?.wait(60_000, never)).resolves.toBeUndefined();
    watch?.release();
  });

  test('ends when the hub closes, and none begins afterwards', async () => {
    const waiting = request(one);
    waits.close();
    await jest.advanceTimersByTimeAsync(0);
    expect(waiting.isOver()).toBe(true);
    expect(waits.watch(one)).toBeUndefined();
  });
});

describe('the poller', () => {
  test('asks once for all who wait, and never while nobody does', async () => {
    await jest.advanceTimersByTimeAsync(10 * pollEveryMs);
    expect(asked).toEqual([]);
    request(one, 10 * pollEveryMs);
    request(two, 10 * pollEveryMs);
    await jest.advanceTimersByTimeAsync(pollEveryMs);
    expect(asked).toEqual([[one, two]]);
    await jest.advanceTimersByTimeAsync(20 * pollEveryMs);
    const askedWhileWaiting = asked.length;
    await jest.advanceTimersByTimeAsync(20 * pollEveryMs);
    expect(asked).toHaveLength(askedWhileWaiting);
  });

  test('goes on after trouble', async () => {
    trouble = new Error('the database is away');
    const waiting = request(one);
    await jest.advanceTimersByTimeAsync(3 * pollEveryMs);
    trouble = undefined;
    ended = [one];
    await jest.advanceTimersByTimeAsync(pollEveryMs);
    expect(waiting.isOver()).toBe(true);
  });

  test('is bounded', () => {
    const watches = Array.from({ length: watchesMax }, (_, index) =>
      waits.watch({ mallId: 'shop', orderId: `${index}` }),
    );
    expect(waits.watch(one)).toBeUndefined();
    for (const watch of watches) watch?.release();
    const again = waits.watch(one);
    expect(again).toBeDefined();
    again?.release();
  });
});
