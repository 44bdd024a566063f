/** Does `work` over and over in so many lanes for some seconds. @returns how often per second it was done */
export async function repeatFor(
  seconds: number,
  lanes: number,
  work: (lane: number, turn: number) => Promise<unknown>,
): Promise<number> {
  const startedAtMs = performance.now();
  const endMs = startedAtMs + seconds * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let turn = 0; performance.now() < endMs; turn += 1) {
        await work(lane, turn);
        done += 1;
      }
    }),
  );
  return done / ((performance.now() - startedAtMs) / 1_000);
}
