import { expect, test } from '@jest/globals';
import { callSlots } from './call-slots.ts';

const longMs = 60_000;

test('as many enter as there are places, the others in order as places come free', async () => {
  const slots = callSlots(2);
  const entered: string[] = [];
  const enter = async (name: string): Promise<void> => {
    if (await slots.enter(longMs)) entered.push(name);
  };
  await Promise.all([enter('a'), enter('b')]);
  const [third, fourth] = [enter('c'), enter('d')];
  expect(slots.inHand).toBe(2);
  slots.leave();
  await third;
  expect(entered).toEqual(['a', 'b', 'c']);
  slots.leave();
  await fourth;
  expect(entered).toEqual(['a', 'b', 'c', 'd']);
});

test('nobody who waited too long has a place, and the place goes to the next', async () => {
  const slots = callSlots(1);
  await slots.enter(longMs);
  expect(await slots.enter(1)).toBe(false);
  const next = slots.enter(longMs);
  slots.leave();
  expect(await next).toBe(true);
  expect(slots.inHand).toBe(1);
});

test('fewer places send nobody away and let nobody in; more let in who waits', async () => {
  const slots = callSlots(2);
  await Promise.all([slots.enter(longMs), slots.enter(longMs)]);
  slots.setMax(1);
  const waiting = slots.enter(longMs);
  slots.leave();
  expect(slots.inHand).toBe(1);
  slots.setMax(2);
  expect(await waiting).toBe(true);
  expect(slots.inHand).toBe(2);
});
