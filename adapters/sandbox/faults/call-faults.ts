import {
  stageOf,
  type AfterEffect,
  type BeforeEffect,
  type CallbackFault,
  type Fault,
  type FaultKind,
  type Repeat,
} from './fault-rules.ts';

/** 503 for every call, with Retry-After until its end. */
export interface Outage {
  readonly kind: 'outage';
  readonly leftMs: number;
}

/** What goes wrong with one call: at most one thing at each stage. */
export interface CallFaults {
  /** Waited before anything else. */
  readonly latencyMs: number;
  readonly before: BeforeEffect | Outage | undefined;
  readonly repeat: Repeat | undefined;
  readonly amount: Fault<'wrong-amount'> | undefined;
  readonly async: Fault<'async'> | undefined;
  readonly callback: CallbackFault | undefined;
  readonly view: Fault<'query-lag'> | undefined;
  readonly after: AfterEffect | undefined;
  /** Called where a fault comes true, which it need not: a request that is refused has no echo to be wrong. */
  readonly met: (kind: FaultKind | 'outage') => void;
}

export const NO_FAULTS: CallFaults = {
  latencyMs: 0,
  before: undefined,
  repeat: undefined,
  amount: undefined,
  async: undefined,
  callback: undefined,
  view: undefined,
  after: undefined,
  met() {},
};

/** A fault in the field of its stage, whose type is made of the kinds that `stageOf` puts there. */
export function atItsStage(fault: Fault): Partial<CallFaults> {
  return { [stageOf(fault.kind)]: fault };
}
