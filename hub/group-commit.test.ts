import { describe, expect, test } from '@jest/globals';
import { groupCommit, type GroupCommitOptions } from './group-commit.ts';
import type { Later } from './later.ts';

interface Commit {
  readonly items: readonly number[];
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

/** A group commit whose commits end when the test says so; an item's result is ten times the item. */
function commits({
  itemsMax = 100,
  commitsMax = 1,
  ...more
}: Partial<GroupCommitOptions<number, number>> = {}) {
  const begun: Commit[] = [];
  const { submit } = groupCommit<number, number>({
    itemsMax,
    commitsMax,
    ...more,
    commit: (items) =>
      new Promise((resolve, reject) => {
        const finish = (): void => resolve(items.map((item) => item * 10));
        begun.push({ items, finish, fail: reject });
      }),
  });
  return { begun, submit, itemsOf: () => begun.map(({ items }) => items) };
}

/** Lets every promise that can go on go on; no time passes. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

describe('a group commit', () => {
  test('commits a lone item at once', async () => {
    const { begun, submit, itemsOf } = commits();
    const result = submit(1);
    await settled();
    expect(itemsOf()).toEqual([[1]]);
    begun[0]?.finish();
    await expect(result).resolves.toBe(10);
  });
  test('commits items that are submitted together together', async () => {
    const { begun, submit, itemsOf } = commits();
    const results = Promise.all([3, 1, 2].map(submit));
    await settled();
    expect(itemsOf()).toEqual([[3, 1, 2]]);
    begun[0]?.finish();
    await expect(results).resolves.toEqual([30, 10, 20]);
  });
  test('lets what arrives during a commit share the next one', async () => {
    const { begun, submit, itemsOf } = commits();
    const first = submit(1);
    await settled();
    const second = submit(2);
    await settled();
    const third = submit(3);
    await settled();
    expect(itemsOf()).toEqual([[1]]);
    begun[0]?.finish();
    await first;
    await settled();
    expect(itemsOf()).toEqual([[1], [2, 3]]);
    begun[1]?.finish();
    await expect(Promise.all([second, third])).resolves.toEqual([20, 30]);
  });
  test('takes at most so many items into one commit', async () => {
    const { begun, submit, itemsOf } = commits({ itemsMax: 2 });
    const results = Promise.all([1, 2, 3, 4, 5].map(submit));
    for (let commit = 0; commit < 3; commit += 1) {
      await settled();
      begun[commit]?.finish();
    }
    await expect(results).resolves.toEqual([10, 20, 30, 40, 50]);
    expect(itemsOf()).toEqual([[1, 2], [3, 4], [5]]);
  });
  test('has at most so many commits under way, and none of them waits for another', async () => {
    const { begun, submit, itemsOf } = commits({ itemsMax: 1, commitsMax: 2 });
    const results = [1, 2, 3].map(submit);
    await settled();
    expect(itemsOf()).toEqual([[1], [2]]);
    begun[1]?.finish();
    await expect(results[1]).resolves.toBe(20);
    await settled();
    expect(itemsOf()).toEqual([[1], [2], [3]]);
    begun[0]?.finish();
    begun[2]?.finish();
    await expect(Promise.all(results)).resolves.toEqual([10, 20, 30]);
  });
});

describe('a commit beside another', () => {
  test('begins only for so many items', async () => {
    const { begun, submit, itemsOf } = commits({ commitsMax: 2, besideMin: 3 });
    void submit(1);
    await settled();
    void submit(2);
    void submit(3);
    await settled();
    expect(itemsOf()).toEqual([[1]]);
    void submit(4);
    await settled();
    expect(itemsOf()).toEqual([[1], [2, 3, 4]]);
    void submit(5);
    begun[0]?.finish();
    await settled();
    expect(itemsOf()).toEqual([[1], [2, 3, 4]]);
    begun[1]?.finish();
    await settled();
    expect(itemsOf()).toEqual([[1], [2, 3, 4], [5]]);
  });
  test('begins for any item once the other takes long, and counts it again when it has ended', async () => {
    const timeUps: (() => void)[] = [];
    const later: Later = (_, run) => {
      timeUps.push(run);
      return () => undefined;
    };
    const { begun, submit, itemsOf } = commits({ commitsMax: 2, besideMin: 3, later });
    void submit(1);
    await settled();
    void submit(2);
    await settled();
    expect(itemsOf()).toEqual([[1]]);
    timeUps[0]?.();
    await settled();
    expect(itemsOf()).toEqual([[1], [2]]);
    void submit(3);
    begun[0]?.finish();
    await settled();
    expect(itemsOf()).toEqual([[1], [2]]);
    begun[1]?.finish();
    await settled();
    expect(itemsOf()).toEqual([[1], [2], [3]]);
  });
  test('has no item of a key that the other has, and they keep their order', async () => {
    const isOdd = (item: number): string => String(item % 2);
    const { begun, submit, itemsOf } = commits({ commitsMax: 2, keyOf: isOdd });
    void submit(1);
    await settled();
    for (const item of [3, 2, 5, 4]) void submit(item);
    await settled();
    expect(itemsOf()).toEqual([[1], [2, 4]]);
    begun[0]?.finish();
    await settled();
    expect(itemsOf()).toEqual([[1], [2, 4], [3, 5]]);
  });
});

describe('an item that cannot be committed', () => {
  function poisonedBy(poison: number) {
    const tries: (readonly number[])[] = [];
    const { submit } = groupCommit<number, number>({
      itemsMax: 100,
      commitsMax: 1,
      commit: async (items) => {
        tries.push(items);
        await Promise.resolve();
        if (items.includes(poison)) throw new Error(`${poison} is poison`);
        return items.map((item) => item * 10);
      },
    });
    return { submit, tries };
  }

  test('fails alone, with its own error', async () => {
    const { submit, tries } = poisonedBy(2);
    const results = await Promise.allSettled([1, 2, 3].map(submit));
    expect(results).toEqual([
      { status: 'fulfilled', value: 10 },
      { status: 'rejected', reason: new Error('2 is poison') },
      { status: 'fulfilled', value: 30 },
    ]);
    expect(tries).toEqual([[1, 2, 3], [1], [2], [3]]);
  });
  test('leaves those of one key to be tried one after the other', async () => {
    const underWay = new Map<number, number>();
    const tries: (readonly number[])[] = [];
    const { submit } = groupCommit<number, number>({
      itemsMax: 100,
      commitsMax: 1,
      keyOf: (item) => String(item % 2),
      commit: async (items) => {
        tries.push(items);
        await Promise.resolve();
        const [only = 0] = items;
        if (items.length > 1) throw new Error('not together');
        const beside = underWay.get(only % 2) ?? 0;
        underWay.set(only % 2, beside + 1);
        await settled();
        underWay.set(only % 2, beside);
        return [beside];
      },
    });
    await expect(Promise.all([1, 2, 3, 5, 4].map(submit))).resolves.toEqual([0, 0, 0, 0, 0]);
    expect(tries.flat().filter((item) => item % 2 === 1)).toEqual([1, 3, 5, 1, 3, 5]);
    await expect(submit(7)).resolves.toBe(0);
  });
  test('is tried once when it was alone', async () => {
    const { submit, tries } = poisonedBy(2);
    await expect(submit(2)).rejects.toThrow('2 is poison');
    expect(tries).toEqual([[2]]);
  });
  test('does not stop those who come later', async () => {
    const { submit } = poisonedBy(2);
    await expect(submit(2)).rejects.toThrow('2 is poison');
    await expect(submit(4)).resolves.toBe(40);
  });
});

test('results that do not match their items are an error, never somebody else’s result', async () => {
  const { submit } = groupCommit<number, number>({
    itemsMax: 10,
    commitsMax: 1,
    commit: () => Promise.resolve([1, 2, 3]),
  });
  await expect(submit(1)).rejects.toThrow('1 items came back as 3');
});

test('a commit that throws before it begins is an error of its item', async () => {
  const { submit } = groupCommit<number, number>({
    itemsMax: 10,
    commitsMax: 1,
    commit: () => {
      throw new Error('not even begun');
    },
  });
  await expect(submit(1)).rejects.toThrow('not even begun');
});
