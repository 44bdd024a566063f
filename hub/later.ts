/** Runs something once after a while, unless it is cancelled by what it returns. */
export type Later = (delayMs: number, run: () => void) => () => void;

/** By a timer of Node's. */
export function laterByTimer(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
