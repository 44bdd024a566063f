import type { CallKind } from '../call-counts.ts';
import { atItsStage, NO_FAULTS, type CallFaults, type Outage } from './call-faults.ts';
import { Dice } from './dice.ts';
import type { FaultPlan } from './fault-plan.ts';
import { stageOf, type FaultKind, type FaultRule, type Stage } from './fault-rules.ts';

/** One call as far as chance looks at it. */
export interface DrawnCall {
  readonly kind: CallKind;
  /** Its key has been met before. */
  readonly isRepeat: boolean;
  readonly atMs: number;
}

/** The faults of one channel, or of the portal. */
export class RemoteFaults {
  readonly #name: string;
  readonly #seed: number;
  readonly #met = new Map<FaultKind | 'outage', number>();
  #plan: FaultPlan | undefined;
  #dice: Dice;
  #setAtMs = 0;
  /** What is left of each rule that has `next`. */
  #left: number[] = [];

  /** `seed` is for plans that have none. */
  constructor(name: string, seed: number) {
    this.#name = name;
    this.#seed = seed;
    this.#dice = new Dice(seed, name);
  }

  get plan(): FaultPlan | undefined {
    return this.#plan;
  }

  /** Begins again: dice, counts of `next` and the clock of the outages. Undefined ends all faults. */
  set(plan: FaultPlan | undefined, atMs: number): void {
    this.#plan = plan;
    this.#setAtMs = atMs;
    this.#dice = new Dice(plan?.seed ?? this.#seed, this.#name);
    this.#left = plan?.faults.map(({ next }) => next ?? 0) ?? [];
  }

  /**
   * Draws what goes wrong with a call, and takes it off what is left. Outside outages, which draw nothing, every call
   * rolls as often as every other of its kind, so the same seed and the same calls in a row give the same faults.
   */
  draw(call: DrawnCall): CallFaults {
    const plan = this.#plan;
    if (plan === undefined) return NO_FAULTS;
    const outage = this.#outage(plan, call.atMs);
    const latencyMs = this.#latencyMs(plan);
    if (outage !== undefined) return { ...NO_FAULTS, before: outage, latencyMs, met: this.met };

    const hits: { -readonly [stage in Stage]?: { rule: FaultRule; index: number } } = {};
    for (const [index, rule] of plan.faults.entries()) {
      if (!rule.on.includes(call.kind)) continue;
      const isHit =
        rule.probability === undefined ? (this.#left[index] ?? 0) > 0 : this.#dice.roll() < rule.probability;
      // A count of repeats is not used up by requests that repeat nothing; a share may belong to a later twin.
      const isCounted = call.isRepeat || rule.probability !== undefined || stageOf(rule.kind) !== 'repeat';
      if (isHit && isCounted) hits[stageOf(rule.kind)] ??= { rule, index };
    }
    // What never happens has neither an answer nor a callback that could go wrong; nor has a call without a 202 one.
    if (hits.before !== undefined) return this.#use({ before: hits.before }, latencyMs);
    if (hits.async === undefined || call.isRepeat) delete hits.callback;
    if (call.isRepeat) delete hits.async;
    return this.#use(hits, latencyMs);
  }

  /** A fault came true. */
  readonly met = (kind: FaultKind | 'outage'): void => {
    this.#met.set(kind, (this.#met.get(kind) ?? 0) + 1);
  };

  /** As `GET /admin/.../faults` shows it; the secret of callbacks stays here. */
  report() {
    const plan = this.#plan;
    return {
      plan:
        plan === undefined
          ? null
          : {
              ...plan,
              ...(plan.callback === undefined ? {} : { callback: { ...plan.callback, secret: 'whsec_...' } }),
              faults: plan.faults.map((rule, index) =>
                rule.next === undefined ? rule : { ...rule, left: this.#left[index] },
              ),
            },
      seed: plan?.seed ?? this.#seed,
      met: Object.fromEntries(this.#met),
    };
  }

  #use(
    hits: { readonly [stage in Stage]?: { readonly rule: FaultRule; readonly index: number } },
    latencyMs: number,
  ): CallFaults {
    let faults: CallFaults = { ...NO_FAULTS, latencyMs, met: this.met };
    for (const { rule, index } of Object.values(hits)) {
      if (rule.next !== undefined) this.#left[index] = (this.#left[index] ?? 0) - 1;
      faults = { ...faults, ...atItsStage(rule) };
    }
    return faults;
  }

  #outage(plan: FaultPlan, atMs: number): Outage | undefined {
    const sinceMs = atMs - this.#setAtMs;
    const untilMs = plan.outages
      .filter((window) => window.fromMs <= sinceMs && sinceMs < window.untilMs)
      .reduce((latest, window) => Math.max(latest, window.untilMs), 0);
    return untilMs === 0 ? undefined : { kind: 'outage', leftMs: untilMs - sinceMs };
  }

  #latencyMs({ latency }: FaultPlan): number {
    if (latency === undefined) return 0;
    switch (latency.kind) {
      case 'constant':
        return latency.ms;
      case 'uniform':
        return latency.fromMs + this.#dice.roll() * (latency.toMs - latency.fromMs);
      case 'exponential':
        return Math.min(latency.maxMs, -Math.log(1 - this.#dice.roll()) * latency.meanMs);
    }
  }
}
