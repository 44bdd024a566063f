/** How many calls a channel bears at a time, as it sees them itself: per member, all in all, per second. */
import type { Remote } from '../core/breaker.ts';
import { portalConcurrencyMax, type ChannelKind } from './natures.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Rule } from './rules.ts';

/** One call to the portal. */
export type PortalCall = Pick<CallSeen, 'caller'>;

/** One call to a channel. */
export interface CallSeen {
  readonly channel: string;
  /** Whose points are concerned. */
  readonly holder: string;
  /** The process that calls. */
  readonly caller: string;
  /** A person's look-up waits for nobody's turn, and is one of few; but the member's lane holds for it as well. */
  readonly for: 'worker' | 'person';
}

export interface CallAuditOptions {
  readonly kinds: ReadonlyMap<string, ChannelKind>;
  readonly processes: number;
  /** Whether somebody may be probing, with one call besides all others. */
  readonly isProbed: (remote: Remote) => boolean;
  readonly time: VirtualTime;
  readonly met: (what: string) => void;
  readonly report: (rule: Rule, detail: string) => void;
}

export class CallAudit {
  readonly #options: CallAuditOptions;
  readonly #underWay = new Map<string, Set<CallSeen>>();
  readonly #atPortal = new Set<PortalCall>();
  readonly #buckets = new Map<string, { level: number; atMs: number }>();

  constructor(options: CallAuditOptions) {
    this.#options = options;
  }

  /** A call's first byte leaves. @returns what is to be told when its connection is over */
  begins(call: CallSeen): () => void {
    const { kinds, isProbed, report, met } = this.#options;
    const { channel, holder } = call;
    const kind = kinds.get(channel);
    if (kind === undefined) throw new Error(`there is no channel ${channel}`);
    const underWay = this.#underWay.get(channel) ?? new Set();
    this.#underWay.set(channel, underWay);
    const others = [...underWay];
    if (others.length > 0) met('calls at once');
    if (kind.needsLane && others.some((other) => other.holder === holder)) {
      report('one call per member at a time', `${channel} has two calls for ${holder}`);
    }
    if (call.for === 'person') {
      if (kind.needsLane) met('a person called in a lane');
      underWay.add(call);
      return () => underWay.delete(call);
    }
    const counted = others.filter((other) => other.for === 'worker');
    if (counted.some(({ caller }) => caller !== call.caller)) met('calls of several processes at once');
    if (counted.length === kind.concurrencyMax - 1) met('as many calls at once as allowed');
    if (counted.length + 1 > kind.concurrencyMax + (isProbed(`channel:${channel}`) ? 1 : 0)) {
      const callers = [...counted, call].map((one) => one.caller).join(', ');
      report('no more calls at once than allowed', `${channel} has calls of ${callers}`);
    }
    if (kind.ratePerSecond !== undefined) this.#pour(channel, kind.ratePerSecond, kind.concurrencyMax);
    underWay.add(call);
    return () => underWay.delete(call);
  }

  /** A call of a worker's to the portal, about quota. @returns as `begins` */
  beginsAtPortal(call: PortalCall): () => void {
    const { isProbed, report, met } = this.#options;
    const callers = [...this.#atPortal, call].map(({ caller }) => caller).join(', ');
    const atOnce = this.#atPortal.size + 1;
    if (atOnce === portalConcurrencyMax) met('as many calls at once at the portal as allowed');
    if (atOnce > portalConcurrencyMax + (isProbed('portal') ? 1 : 0))
      report('no more calls at once than allowed', `the portal has calls of ${callers}`);
    this.#atPortal.add(call);
    return () => this.#atPortal.delete(call);
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
