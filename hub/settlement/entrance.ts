/**
 * What stands between a deduction and its remotes besides its own state: breakers, rates, lanes. The settler asks a
 * pass; who gives passes out is wired in `run.ts`.
 */
import type { Admission } from '../core/admission.ts';
import type { Remote } from '../core/breaker.ts';
import type { Answer, Call, Deduction } from '../core/deduction.ts';

export interface Entrance {
  /** For one drive of one deduction. Never throws for a database that is away; then fewer calls are admitted. */
  enter(deductionId: string, channel: string): Promise<Pass>;
}

/** The right of one drive to call, step after step. */
export interface Pass {
  /** Before each transaction: makes good what has run out meanwhile. */
  refresh(): Promise<void>;
  /**
   * Whether `call` may be made now. Asked within a transaction that may be run again, so it answers from memory and
   * spends nothing.
   */
  admit(deduction: Deduction, call: Call, facts: AdmissionFacts): Admission;
  /** The intent of a call is committed; it goes out now. */
  begins(remote: Remote): void;
  /**
   * A call ended. `begunAtMs` is monotonic, from before its intent.
   *
   * @returns whether it was made to see whether its remote is back
   */
  ended(remote: Remote, answer: Answer, begunAtMs: number): boolean;
  /** The drive is over. */
  leave(): Promise<void>;
}

export interface AdmissionFacts {
  /** The database's time. */
  readonly now: Date;
  /** Uniform in [0, 1), for jitter. */
  readonly random: number;
}

const freePass: Pass = {
  refresh: () => Promise.resolve(),
  admit: () => ({ type: 'go' }),
  begins: () => undefined,
  ended: () => false,
  leave: () => Promise.resolve(),
};

/** Every call may be made at once. */
export const openEntrance: Entrance = { enter: () => Promise.resolve(freePass) };
