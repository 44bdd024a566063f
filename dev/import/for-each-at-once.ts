/** Runs `work` for every item, at most `atOnceMax` at a time; rejects with the first failure and starts no more. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  let isGivenUp = false;
  const lane = async (): Promise<void> => {
    for (const item of rest) {
      if (isGivenUp) return;
      try {
        await work(item);
      } catch (error) {
        isGivenUp = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, lane));
}
