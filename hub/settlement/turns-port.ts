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
