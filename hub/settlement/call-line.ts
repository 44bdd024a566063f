import { setTimeout as delay } from 'node:timers/promises';
import type { Remote } from '../core/breaker.ts';
import type { CallLines } from './turns-port.ts';

/** This process's place in the line of one remote with a rate. Turns are claimed by the handful, and used in order. */
export interface CallLine {
  /** Resolves when it is one's turn, with that turn; undefined when this process stops first. */
  wait(): Promise<Turn | undefined>;
  /** A turn that has come already, if there is one. */
  takeReady(): Turn | undefined;
  /** For a turn that was not used: the next one may have it. */
  giveBack(turn: Turn): void;
}

/** The monotonic time from which on it may be used. */
export type Turn = number;

export interface CallLineOptions {
  readonly lines: CallLines;
  readonly remote: Remote;
  readonly ratePerSecond: number;
  readonly monotonicMs: () => number;
  /** Resolves with false when this process stops before the time is up. */
  readonly sleep: (milliseconds: number) => Promise<boolean>;
}

/** How much of a second is claimed at once: the bound of what may go out together. */
const claimShare = 0.2;
/** A turn that nobody used is void after this: unused turns must not add up to a burst. */
const turnValidMs = 500;

export function callLine({ lines, remote, ratePerSecond, monotonicMs, sleep }: CallLineOptions): CallLine {
  const spacingMs = 1_000 / ratePerSecond;
  const turnsPerClaim = Math.max(1, Math.floor(ratePerSecond * claimShare));
  let turns: Turn[] = [];
  let last: Promise<unknown> = Promise.resolve();

  function dropVoid(): void {
    const oldest = monotonicMs() - turnValidMs;
    turns = turns.filter((turn) => turn >= oldest);
  }

  async function claimNext(): Promise<Turn | undefined> {
    dropVoid();
    while (turns.length === 0) {
      const claimedAtMs = monotonicMs();
      const firstInMs = await lines.claim(remote, turnsPerClaim, spacingMs);
      turns.push(
        ...Array.from({ length: turnsPerClaim }, (_, index) => claimedAtMs + firstInMs + index * spacingMs),
      );
    }
    const turn = turns.shift() as Turn;
    const waitMs = turn - monotonicMs();
    return waitMs <= 0 || (await sleep(waitMs)) ? turn : undefined;
  }

  return {
    wait: () => {
      const mine = last.then(() => claimNext());
      last = mine.catch(() => undefined);
      return mine;
    },
    takeReady: () => {
      dropVoid();
      const [first] = turns;
      return first !== undefined && first <= monotonicMs() ? turns.shift() : undefined;
    },
    giveBack: (turn) => {
      turns.unshift(turn);
    },
  };
}

/**
 * The line of each remote at the rate that is in force when it is asked for; undefined where there is none. Turns of a
 * line at an earlier rate stay good: all lines of a remote end at the same place.
 */
export function linesInForce(
  rateOf: (remote: Remote) => number | undefined,
  open: (remote: Remote, ratePerSecond: number) => CallLine,
): (remote: Remote) => CallLine | undefined {
  const opened = new Map<Remote, { readonly rate: number; readonly line: CallLine }>();
  return (remote) => {
    const rate = rateOf(remote);
    if (rate === undefined) return undefined;
    const last = opened.get(remote);
    if (last?.rate === rate) return last.line;
    const line = open(remote, rate);
    opened.set(remote, { rate, line });
    return line;
  };
}

/** Sleeps until the time is up (true) or `signal` aborts (false): whoever stops does not wait for turns. */
export function sleepUntilAborted(signal: AbortSignal): (milliseconds: number) => Promise<boolean> {
  return (milliseconds) =>
    delay(milliseconds, true, { signal }).catch((error: unknown) => {
      if (signal.aborted) return false;
      throw error;
    });
}
