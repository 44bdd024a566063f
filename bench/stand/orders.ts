/** What the orders of all scenarios are like: two deductions, many users, every pair of channels alike. */
export const mallId = 'bench';
export const pointsOfDeduction = '12.5';
/** Enough that nobody's balance, 10,000 at first, runs out. */
const members = 20_000;

/** Two different channels; all ordered pairs take turns. */
export function pairOf(index: number, channels: readonly string[]): readonly string[] {
  const first = index % channels.length;
  const step = 1 + (Math.floor(index / channels.length) % (channels.length - 1));
  return [channels[first], channels[(first + step) % channels.length]].filter((id) => id !== undefined);
}

export function userOf(index: number): string {
  return `user-${index % members}`;
}
