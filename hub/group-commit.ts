/**
 * Group commit: while one transaction is under way, what arrives meanwhile waits and goes together into the next. A lone
 * item is committed at once where nothing is under way, and a crowd shares its commits.
 */
import { laterByTimer, type Later } from './later.ts';

export interface GroupCommitOptions<Item, Result> {
  /** Commits `items` together and returns one result per item, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items per commit at most, 1 or more. */
  readonly itemsMax: number;
  /** Commits under way at once at most, 1 or more. */
  readonly commitsMax: number;
  /**
   * Beside a commit that is under way another one begins only for so many items: few cost nearly as much as many. One
   * that takes longer than a few milliseconds does not count. Default 1.
   */
  readonly besideMin?: number;
  /** Items of the same key are never in two commits at once, where one would wait for the other's locks. */
  readonly keyOf?: (item: Item) => string;
  /** Default: by a timer. */
  readonly later?: Later;
}

/** A commit that has not ended by then waits for the network, the disk or somebody's lock: company for it costs nothing. */
const slowAfterMs = 5;

export interface GroupCommit<Item, Result> {
  /** Resolves once the item is committed; rejects with what its own commit failed with. */
  submit(item: Item): Promise<Result>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function groupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const { commit, itemsMax, commitsMax, besideMin = 1, keyOf, later = laterByTimer } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let commits = 0;
  let slowCommits = 0;
  let isToLook = false;
  const keysInHand = new Set<string>();

  async function commitGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      if (results.length !== group.length)
        throw new Error(`${group.length} items came back as ${results.length}`);
      group.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only !== undefined) {
        only.reject(error);
        return;
      }
      // One item that cannot be committed, or that waits, must not take its neighbours down: each tries by itself.
      const apart = Map.groupBy(group, (one) => keyOf?.(one.item) ?? one);
      await Promise.all(
        [...apart.values()].map(async (ones) => {
          for (const one of ones) await commitGroup([one]);
        }),
      );
    }
  }

  /** The oldest that may go now, and all others. */
  function divided(): { readonly group: Waiting<Item, Result>[]; readonly rest: Waiting<Item, Result>[] } {
    if (keyOf === undefined) return { group: waiting.slice(0, itemsMax), rest: waiting.slice(itemsMax) };
    const group: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of waiting)
      (group.length < itemsMax && !keysInHand.has(keyOf(one.item)) ? group : rest).push(one);
    return { group, rest };
  }

  async function commitApart(group: readonly Waiting<Item, Result>[]): Promise<void> {
    const keys = keyOf === undefined ? [] : group.map(({ item }) => keyOf(item));
    for (const key of keys) keysInHand.add(key);
    commits += 1;
    let isSlow = false;
    const waitNoMore = later(slowAfterMs, () => {
      isSlow = true;
      slowCommits += 1;
      next();
    });
    await commitGroup(group);
    waitNoMore();
    if (isSlow) slowCommits -= 1;
    commits -= 1;
    for (const key of keys) keysInHand.delete(key);
    next();
  }

  function next(): void {
    while (commits < commitsMax && waiting.length > 0) {
      const wanted = commits === slowCommits ? 1 : besideMin;
      if (waiting.length < wanted) return;
      const { group, rest } = divided();
      if (group.length < wanted) return;
      waiting = rest;
      void commitApart(group);
    }
  }

  return {
    submit: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (isToLook) return;
        isToLook = true;
        // In a microtask, so that items submitted together are committed together.
        queueMicrotask(() => {
          isToLook = false;
          next();
        });
      }),
  };
}
