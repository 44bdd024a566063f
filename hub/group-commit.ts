/**
 * Group commit: while one transaction is under way, what arrives meanwhile waits and goes together into the next.
 * No timer is involved, so a lone item is committed at once and a crowd shares its commits.
 */
export interface GroupCommitOptions<Item, Result> {
  /** Commits `items` together and returns one result per item, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items per commit at most, 1 or more. */
  readonly itemsMax: number;
  /** Commits under way at once at most, 1 or more. */
  readonly commitsMax: number;
}

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
  const { commit, itemsMax, commitsMax } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let commits = 0;

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
      await Promise.all(group.map((one) => commitGroup([one])));
    }
  }

  function next(): void {
    while (commits < commitsMax && waiting.length > 0) {
      const group = waiting.slice(0, itemsMax);
      waiting = waiting.slice(itemsMax);
      commits += 1;
      void commitGroup(group).finally(() => {
        commits -= 1;
        next();
      });
    }
  }

  return {
    submit: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        // In a microtask, so that items submitted together are committed together.
        if (waiting.length === 1) queueMicrotask(next);
      }),
  };
}
