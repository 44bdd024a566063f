/** How many calls a channel bears at a time, as it sees them itself: per member, per process, per second. */
import type { ChannelKind } from './natures.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Rule } from './rules.ts';

/** One call that a worker makes; an operator's look-up is asked for by a person, and nobody counts it. */
export interface CallSeen {
  readonly channel: string;
  /** Whose points are concerned. */
  readonly holder: string;
  /** The process that calls. */
  readonly caller: object;
}

export interface CallAuditOptions {
  readonly kinds: ReadonlyMap<string, ChannelKind>;
  readonly processes: number;
  readonly time: VirtualTime;
  readonly met: (what: string) => void;
  readonly report: (rule: Rule, detail: string) => void;
}

export class CallAudit {
  readonly #options: CallAuditOptions;
  readonly #underWay = new Map<string, Set<CallSeen>>();
  readonly #buckets = new Map<string, { level: number; atMs: number }>();

  constructor(options: CallAuditOptions) {
    this.#options = options;
  }

  /** A call's first byte leaves. @returns what is to be told when its connection is over */
  begins(call: CallSeen): () => void {
    const { kinds, report, met } = this.#options;
    const { channel, holder, caller } = call;
    const kind = kinds.get(channel);
    if (kind === undefined) throw new Error(`there is no channel ${channel}`);
    const underWay = this.#underWay.get(channel) ?? new Set();
    this.#underWay.set(channel, underWay);
    const others = [...underWay];
    if (others.length > 0) met('calls at once');
    if (kind.needsLane && others.some((other) => other.holder === holder)) {
      report('one call per member at a time', `${channel} has two calls for ${holder}`);
    }
    const ofCaller = others.filter((other) => other.caller === caller).length + 1;
    // One more than its deliveries in hand: a probe is made besides them.
    if (ofCaller > kind.concurrencyMax + 1) {
      report('no more calls at once than allowed', `${channel} has ${ofCaller} calls of one process`);
    }
    if (kind.ratePerSecond !== undefined) this.#pour(channel, kind.ratePerSecond, kind.concurrencyMax);
    underWay.add(call);
    return () => underWay.delete(call);
  }

  /** The rate is that of intents: each process may have as many turns in hand, unused, as deliveries. */
  #pour(channel: string, ratePerSecond: number, concurrencyMax: number): void {
    const { processes, time, report } = this.#options;
    const bucket = this.#buckets.get(channel) ?? { level: 0, atMs: time.nowMs };
    this.#buckets.set(channel, bucket);
    const drained = ((time.nowMs - bucket.atMs) / 1_000) * ratePerSecond;
    bucket.level = Math.max(0, bucket.level - drained) + 1;
    bucket.atMs = time.nowMs;
    const most = 1 + processes * (concurrencyMax + 1);
    if (bucket.level > most) {
      report(
        'no more calls per second than allowed',
        `${channel} met ${bucket.level.toFixed(1)} calls at once`,
      );
    }
  }
}
