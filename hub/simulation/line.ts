/**
 * The line between a process and a remote: each call arrives or not, in time or late, and so does its answer. The
 * remote's own answer is as sure as it can be; everything else that comes back is doubt.
 */
import type { CallContext, Evidence, NotSent, Unknown, UnknownCause } from '@points-hub/adapters';
import type { Fault } from './faults.ts';
import type { HubProcess, World } from './hub-process.ts';

const evidence: Evidence = {};
/** The quickest way to a remote, and back. */
const hopMinMs = 2;
const hopMaxMs = 25;
/** When "not found" is final by the word of a remote that breaks it, and before it is looked at once more. */
const brokenWordMinMs = 14_000;
const brokenWordMaxMs = 45_000;

type Failure =
  | NotSent
  | Unknown
  | { readonly type: 'misconfigured'; readonly code: 'authentication'; readonly evidence: Evidence };

/** What may happen to a request that was sent: it arrives or not, and what the caller hears instead of the answer. */
const losses: readonly (readonly [fault: Fault, arrives: boolean, heard: 'timeout' | UnknownCause])[] = [
  ['timed out before effect', false, 'timeout'],
  ['timed out after effect', true, 'timeout'],
  ['reset before effect', false, 'connection_lost'],
  ['reset after effect', true, 'connection_lost'],
  ['server error before effect', false, 'server_error'],
  ['server error after effect', true, 'server_error'],
  ['unreadable answer', true, 'unreadable_answer'],
  ['echo missing', true, 'missing_echo'],
];

export interface LineOptions {
  readonly world: World;
  readonly process: HubProcess;
  /** Whether the remote is there now; `mute` takes a request and says nothing. */
  readonly presence: () => Presence;
  /** Whether a request that arrives twice is harmless there. */
  readonly mayDouble: boolean;
  /** Whether a request may arrive when it could not any more by the remote's word. */
  readonly breaksWord: boolean;
  /** Told when a request will arrive late, after its caller has given up. */
  readonly onLate: (arrivesAtMs: number) => void;
  /** Told when the first byte leaves. @returns what is told when the connection is over */
  readonly onBegin: () => () => void;
}

export type Presence = 'there' | 'refusing' | 'mute';

/**
 * One call: `arrive` is what the remote does with the request, at the moment of its arrival, which
 * may be later than it has promised.
 *
 * @returns what the caller hears; never, if its process dies meanwhile
 */
export function overLine<Answer>(
  { world, process, presence, mayDouble, breaksWord, onLate, onBegin }: LineOptions,
  { deadlineMs, maySend }: CallContext,
  arrive: (isLate?: 'against its word') => Answer,
): Promise<Answer | Failure> {
  const { dice, faults, time } = world;
  return new Promise((resolve, reject) => {
    const startedAtMs = time.nowMs;
    let isOver = false;
    let disconnect = (): void => undefined;
    /** The caller hears `answer` at this time, unless its deadline comes first. */
    const hear = (atMs: number, answer: () => Answer | Failure): void => {
      const inTime = atMs <= startedAtMs + deadlineMs;
      time.after((inTime ? atMs : startedAtMs + deadlineMs) - time.nowMs, () => {
        disconnect();
        process.whenAwake(() => {
          if (isOver) return;
          isOver = true;
          resolve(inTime ? answer() : unknown('timeout'));
        });
      });
    };
    const hop = (): number => time.nowMs + dice.whole(hopMinMs, hopMaxMs);

    const send = (): void => {
      if (!maySend()) {
        faults.met('send window over');
        hear(time.nowMs, () => ({ type: 'not_sent', cause: 'send_by_passed', evidence }));
        return;
      }
      disconnect = onBegin();
      process.whenDead(disconnect);
      if (present === 'mute') return hear(Infinity, () => unknown('timeout'));
      if (faults.strikes('rate limited')) {
        const retryAfterMs = dice.whole(0, 8_000);
        const answer: NotSent = { type: 'not_sent', cause: 'rate_limited', evidence };
        return hear(hop() + hopMinMs, () => (dice.chance(0.5) ? answer : { ...answer, retryAfterMs }));
      }
      if (faults.strikes('misconfigured')) {
        return hear(hop(), () => ({ type: 'misconfigured', code: 'authentication', evidence }));
      }
      travel();
      process.survives('after sending');
    };

    const travel = (): void => {
      const sentAtMs = time.nowMs;
      if (breaksWord && faults.strikes('request later than promised')) {
        time.after(dice.whole(brokenWordMinMs, brokenWordMaxMs), () => void arrive('against its word'));
        return hear(hop(), () => unknown('connection_lost'));
      }
      if (faults.strikes('request late')) {
        const arrivesAfterMs = dice.whole(hopMinMs, deadlineMs);
        time.after(arrivesAfterMs, () => void arrive());
        onLate(sentAtMs + arrivesAfterMs);
        return hear(sentAtMs + dice.whole(10, deadlineMs), () => unknown('connection_lost'));
      }
      const loss = losses.find(([fault]) => faults.strikes(fault));
      const arrivesAtMs = hop();
      if (loss === undefined) {
        time.after(arrivesAtMs - sentAtMs, () => {
          const answer = arrive();
          if (faults.strikes('adapter threw')) {
            disconnect();
            process.whenAwake(() => reject(new Error('an adapter that broke its contract')));
            return;
          }
          hear(hop(), () => answer);
          if (mayDouble && faults.strikes('request doubled')) {
            time.after(dice.whole(0, Math.max(0, deadlineMs - (time.nowMs - sentAtMs))), () => void arrive());
          }
        });
        return;
      }
      const [, arrives, heard] = loss;
      if (arrives) time.after(arrivesAtMs - sentAtMs, () => void arrive());
      hear(heard === 'timeout' ? Infinity : arrivesAtMs + hopMinMs, () => unknown(heard));
    };

    if (!process.survives('before sending')) return;
    const present = presence();
    if (present === 'refusing' || faults.strikes('connect failed')) {
      hear(hop(), () => ({ type: 'not_sent', cause: 'connect_failed', evidence }));
      return;
    }
    // A request may wait long for a connection; what its send window is worth shows here.
    const waitMs = faults.strikes('slow connection') ? dice.whole(1, deadlineMs) : 0;
    if (waitMs > 0) process.after(waitMs, send);
    else process.whenAwake(send);
  });
}

function unknown(cause: UnknownCause): Unknown {
  return { type: 'unknown', cause, evidence };
}
