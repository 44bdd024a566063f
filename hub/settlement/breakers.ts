/**
 * The breakers of all remotes as one process sees them.
 *
 * Authoritative is `hub.channel_states`. This process reads it once per `pollMs`, in one statement for all remotes,
 * and calls on what it read last; so a breaker that opens elsewhere is obeyed here after `pollMs` at the latest, and
 * nothing is asked per call. Failures in a row are counted in memory; one too many, and this process leaves the remote
 * alone at once and writes so. Calls that move something are counted besides, and added to those of the other
 * processes with the next look, though only where some failed: a remote that is well costs no write. While the database
 * is away nothing can be called anyway.
 */
import type { Logger } from 'pino';
import {
  breakerAfter,
  noFailures,
  tallyAfter,
  type Breaker,
  type BreakerInput,
  type BreakerLimits,
  type Remote,
  type Tally,
} from '../core/breaker.ts';
import type { Sign } from '../core/sign.ts';
import { countAfter, isNews, noCalls, type CallCount } from '../core/call-window.ts';
import type { ChannelStates, RemoteState } from './channel-states-port.ts';
import { laterByTimer, type Later } from '../later.ts';

/** Whether a call takes or gives back, or only asks. */
export type CallKind = 'move' | 'look_up';

export interface BreakersOptions {
  readonly states: ChannelStates;
  readonly limitsOf: (remote: Remote) => BreakerLimits;
  readonly pollMs: number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly log: Logger;
  /** Tries `remote`, whose breaker is due for it. Not awaited here. */
  readonly onProbeDue: (remote: Remote, breaker: Breaker) => void;
  /** `remote` is left alone from now on, or no longer. */
  readonly onHeld: (remote: Remote, isHeld: boolean) => void;
  /** Default: a timer of Node's. */
  readonly later?: Later;
}

export interface Breakers {
  /** Until when a remote is left alone at least, `now` or later; undefined: it may be called. */
  heldUntil(remote: Remote, now: Date): Date | undefined;
  /** What a person set for it at run time, calls per second; undefined: nothing. */
  rateMaxOf(remote: Remote): number | undefined;
  /**
   * What an ordinary call showed. `begunAtMs` is monotonic: what began before the remote came back is old. Look-ups are
   * counted by themselves: a remote that answers them and takes nothing is no remote to begin an order at.
   */
  observe(remote: Remote, sign: Sign, begunAtMs: number, kind: CallKind): void;
  /** Changes the shared state. @returns what it is now */
  change(remote: Remote, input: BreakerInput): Promise<Breaker>;
  /** One look at the shared states. The first is to be awaited before anything is called. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function startBreakers(options: BreakersOptions): Breakers {
  const { states, limitsOf, pollMs, monotonicMs, random, log, onProbeDue, onHeld } = options;
  const { later = laterByTimer } = options;
  let known: ReadonlyMap<Remote, RemoteState> = new Map();
  const tallies: Readonly<Record<CallKind, Map<Remote, Tally>>> = { move: new Map(), look_up: new Map() };
  /** Since the last look that had something to tell. */
  const counts = new Map<Remote, CallCount>();
  /** Opened here, not yet written. */
  const unwritten = new Map<Remote, BreakerInput>();
  const backSinceMs = new Map<Remote, number>();
  const held = new Set<Remote>();
  const stopped = new AbortController();
  let cancel = (): void => undefined;

  function isHeld(remote: Remote): boolean {
    if (unwritten.has(remote)) return true;
    const state = known.get(remote);
    return state !== undefined && (state.isPaused || state.breaker.state !== 'closed');
  }

  function heldUntil(remote: Remote, now: Date): Date | undefined {
    const state = known.get(remote);
    // Nobody knows for how long; those who wait are woken by nobody until then.
    if (state?.isPaused) return now;
    if (state !== undefined && state.breaker.state !== 'closed') {
      return state.breaker.until > now ? state.breaker.until : now;
    }
    if (unwritten.has(remote)) return new Date(now.getTime() + limitsOf(remote).openMs);
    return undefined;
  }

  function observe(remote: Remote, sign: Sign, begunAtMs: number, kind: CallKind): void {
    if (held.has(remote) || begunAtMs < (backSinceMs.get(remote) ?? -Infinity)) return;
    const { tally, tripped } = tallyAfter(tallies[kind].get(remote) ?? noFailures, sign, limitsOf(remote));
    tallies[kind].set(remote, tally);
    if (kind === 'move') counts.set(remote, countAfter(counts.get(remote) ?? noCalls, sign));
    if (tripped === undefined) return;
    log.warn({ remote, cause: tripped.cause }, 'this remote is away: it is left alone');
    unwritten.set(remote, tripped);
    tellOfChanges();
    void lookSoon();
  }

  function tellOfChanges(): void {
    for (const remote of new Set([...known.keys(), ...unwritten.keys(), ...held])) {
      const now = isHeld(remote);
      if (now === held.has(remote)) continue;
      if (now) held.add(remote);
      else {
        held.delete(remote);
        backSinceMs.set(remote, monotonicMs());
        for (const kind of Object.values(tallies)) kind.delete(remote);
        counts.delete(remote);
        log.info({ remote }, 'this remote is back');
      }
      onHeld(remote, now);
    }
  }

  let turn: Promise<unknown> = Promise.resolve();
  /** One after the other, so that what was read never hides what was written after it. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function changeNow(remote: Remote, input: BreakerInput): Promise<Breaker> {
    const breaker = await states.change(remote, (before, now) =>
      breakerAfter(before, input, { limits: limitsOf(remote), now, random: random() }),
    );
    const { isPaused = false, rateMax } = known.get(remote) ?? {};
    known = new Map(known).set(remote, { breaker, isPaused, rateMax });
    return breaker;
  }

  /** Adds what was counted here to what the others did. */
  async function tellCount(remote: Remote, count: CallCount, now: Date): Promise<void> {
    const breaker = known.get(remote)?.breaker;
    counts.delete(remote);
    if (breaker !== undefined && breaker.state !== 'closed') return;
    if (!isNews(count, breaker?.window, now, limitsOf(remote).windowMs)) return;
    const { state } = await changeNow(remote, { type: 'counted', count });
    if (state === 'open')
      log.warn({ remote, cause: count.cause }, 'this remote fails too often: it is left alone');
  }

  async function lookNow(): Promise<void> {
    for (const [remote, input] of unwritten) {
      await changeNow(remote, input);
      unwritten.delete(remote);
    }
    const { states: found, now } = await states.read();
    known = found;
    for (const [remote, count] of counts) await tellCount(remote, count, now);
    tellOfChanges();
    for (const [remote, { breaker, isPaused }] of found) {
      if (!isPaused && breaker.state !== 'closed' && breaker.until <= now && !stopped.signal.aborted)
        onProbeDue(remote, breaker);
    }
  }

  function lookSoon(): Promise<void> {
    return inTurn(lookNow).catch((error: unknown) =>
      log.warn({ err: error }, 'the states of the remotes could not be read; the last ones hold'),
    );
  }

  function schedule(): void {
    cancel = later(pollMs, () => {
      void lookSoon().finally(() => {
        if (!stopped.signal.aborted) schedule();
      });
    });
  }
  schedule();

  return {
    heldUntil,
    rateMaxOf: (remote) => known.get(remote)?.rateMax,
    observe,
    change: (remote, input) =>
      inTurn(async () => {
        const breaker = await changeNow(remote, input);
        tellOfChanges();
        return breaker;
      }),
    look: () => inTurn(lookNow),
    stop: async () => {
      stopped.abort();
      cancel();
      await turn;
    },
  };
}
