/** Whose turn it is, agreed on by all processes; `store/call-lines.ts` and `store/member-lanes.ts` keep it. */
import type { Remote } from '../core/breaker.ts';

export interface CallLines {
  /** Claims the next `turns` turns, `spacingMs` apart. @returns milliseconds from now to the first of them */
  claim(remote: Remote, turns: number, spacingMs: number): Promise<number>;
}

/** The right to be the only caller for one member at one channel. */
export interface MemberLane {
  readonly channel: string;
  readonly memberRef: string;
  readonly holder: string;
  /** The database's time. */
  readonly until: Date;
}

export interface MemberLanes {
  /** Takes, or keeps, the lane of a deduction's member; undefined while somebody else has it. */
  take(deductionId: string, holder: string, forMs: number): Promise<MemberLane | undefined>;
  leave(lane: MemberLane): Promise<void>;
}

/** One process's wish for places at one channel, or at the portal. */
export interface ShareWish {
  /** `portal` is no channel's id. */
  readonly channel: string;
  /** For all processes together. */
  readonly limit: number;
  /** Each process has one place at least, however many there are: nobody else might do what it has to do there. */
  readonly oneEach: boolean;
  /** As many as it may have in hand before it hears the answer. */
  readonly using: number;
  /** From now on, until the last call that may begin under this share is over. */
  readonly holdMs: number;
}

export interface Share {
  readonly channel: string;
  /** What others leave to it for now. */
  readonly granted: number;
  /** What it is to come to, as many as everybody else has. */
  readonly target: number;
}

/** Who may have how many calls under way; `store/call-shares.ts` keeps it. */
export interface CallShares {
  /** Divides anew, and keeps `holder`'s part for it. */
  renew(holder: string, wishes: readonly ShareWish[]): Promise<readonly Share[]>;
  leave(holder: string): Promise<void>;
}
