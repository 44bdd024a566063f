/** What all processes agree on about each remote; `store/channel-states.ts` keeps it in Postgres. */
import type { Breaker, Remote } from '../core/breaker.ts';

export interface RemoteState {
  readonly breaker: Breaker;
  /** A person has paused it, whatever its breaker says. */
  readonly isPaused: boolean;
  /** What a person set below the rate of its file, or where that has none. */
  readonly rateMax: number | undefined;
}

/** A deduction whose next call goes to some remote, or about which something was told. */
export interface WaitingDeduction {
  readonly deductionId: string;
  readonly orderRowId: string;
  readonly channel: string;
}

export interface ChannelStates {
  /** Every remote that ever had trouble or was paused; the others are closed. */
  read(): Promise<{ readonly states: ReadonlyMap<Remote, RemoteState>; readonly now: Date }>;
  /** Locks the remote's row, lets `think` decide, writes, commits. @returns what it is now */
  change(remote: Remote, think: (before: Breaker, now: Date) => Breaker): Promise<Breaker>;
  /**
   * Up to `limit` deductions whose next call goes to `remote` and may be made now, at random among the two hundred
   * that wait longest; look-ups first if `lookUpsFirst`. After them those of a channel whose next call goes to the
   * portal, then those that wait for a person. Last come those of a channel that told about them by itself, which need no
   * call to take that in: nobody else brings them on while the channel is left alone.
   */
  waitingFor(remote: Remote, lookUpsFirst: boolean, limit: number): Promise<WaitingDeduction[]>;
}
