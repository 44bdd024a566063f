/** What `gates.ts` wires, in a process of the simulated world: breakers with their probes, rates, shares, members' lanes. */
import type { Logger } from 'pino';
import type { Attempt } from '../core/advance.ts';
import { remoteOf } from '../core/admission.ts';
import type { Breaker, Remote } from '../core/breaker.ts';
import type { Policies } from '../core/deduction.ts';
import { admissions, type Admissions } from '../settlement/admissions.ts';
import { startBreakers } from '../settlement/breakers.ts';
import { callLine, type CallLine } from '../settlement/call-line.ts';
import type { ChannelStates } from '../settlement/channel-states-port.ts';
import type { Entrance } from '../settlement/entrance.ts';
import { prober } from '../settlement/prober.ts';
import type { Remotes } from '../settlement/remote-call.ts';
import type { Settler } from '../settlement/settle.ts';
import { portalPlaces, startShares } from '../settlement/shares.ts';
import type { CallLines, CallShares, MemberLanes } from '../settlement/turns-port.ts';
import { laterIn, type HubProcess } from './hub-process.ts';
import { breakerLimits, portalConcurrencyMax, type ChannelKind } from './natures.ts';
import type { RemoteWorld } from './remotes.ts';
import type { Rule } from './rules.ts';

export interface HubGatesOptions {
  readonly world: RemoteWorld;
  readonly kinds: ReadonlyMap<string, ChannelKind>;
  readonly policiesOf: (channel: string) => Policies;
  readonly states: ChannelStates;
  readonly lines: CallLines;
  readonly lanes: MemberLanes;
  readonly shares: CallShares;
  readonly remotes: Remotes;
  readonly log: Logger;
  readonly settlerWith: (entrance: Entrance) => Settler;
  readonly report: (rule: Rule, detail: string) => void;
}

export interface HubGates {
  readonly settler: Settler;
  onHeld(listener: (channel: string, isHeld: boolean) => void): void;
  /** One look at the remotes' states and one renewal of shares; to be awaited before anything is called. */
  look(): Promise<void>;
  /** Each call that this process is about to make. */
  intended(attempts: readonly Attempt[]): void;
}

/** As in `gates.ts`. */
type HeldFor = 'away' | 'no share' | 'no portal share';

/** Longer than the product's second, for the sake of speed: a process obeys a breaker so much later. */
const pollMs = 2_500;
/** Several polls, as the product has it. */
const shareLeaseMs = 12_500;

export function openHubGates(process: HubProcess, options: HubGatesOptions): HubGates {
  const { world, kinds, policiesOf, lines, lanes, remotes, log, settlerWith } = options;
  const { dice, faults, time } = world;
  const watch = watchHeld(process, options);
  const held = new Map<string, Set<HeldFor>>([...kinds.keys()].map((id) => [id, new Set()]));
  let listener: (channel: string, isHeld: boolean) => void = () => undefined;
  const monotonicMs = (): number => time.nowMs;
  const later = laterIn(process);

  function holdFor(reason: HeldFor, channel: string, applies: boolean): void {
    const reasons = held.get(channel);
    if (reasons === undefined) return;
    const was = reasons.size > 0;
    if (applies) reasons.add(reason);
    else reasons.delete(reason);
    if (was !== reasons.size > 0) listener(channel, reasons.size > 0);
  }

  const breakers = startBreakers({
    states: watch.states,
    limitsOf: () => breakerLimits,
    pollMs,
    monotonicMs,
    random: () => dice.roll(),
    log,
    onProbeDue: (remote, breaker) => void probing.probe(remote, breaker),
    onHeld: (remote, isHeld) => {
      faults.met(isHeld ? 'a remote is left alone' : 'a remote is called again');
      if (remote !== 'portal') holdFor('away', remote.slice('channel:'.length), isHeld);
    },
    later,
  });
  const shares = startShares({
    store: options.shares,
    concurrencyMax: new Map([
      [portalPlaces, portalConcurrencyMax],
      ...[...kinds].map(([id, { concurrencyMax }]) => [id, concurrencyMax] as const),
    ]),
    longestCallMs: (id) => {
      const [anyChannel = ''] = kinds.keys();
      const { sendWindowMs, points, quota } = policiesOf(id === portalPlaces ? anyChannel : id);
      return sendWindowMs + (id === portalPlaces ? quota : points).callDeadlineMs;
    },
    pollMs,
    leaseMs: shareLeaseMs,
    monotonicMs,
    log,
    onIdle: (id, isIdle) => {
      faults.met(isIdle ? 'a process has no share' : 'a process has a share');
      if (id === portalPlaces)
        for (const channel of kinds.keys()) holdFor('no portal share', channel, isIdle);
      else holdFor('no share', id, isIdle);
    },
    later,
  });
  const ownLines = new Map<Remote, CallLine>();
  for (const [id, { ratePerSecond }] of kinds) {
    if (ratePerSecond === undefined) continue;
    const remote: Remote = `channel:${id}`;
    const sleep = (milliseconds: number): Promise<boolean> => process.sleep(milliseconds).then(() => true);
    ownLines.set(remote, callLine({ lines, remote, ratePerSecond, monotonicMs, sleep }));
  }
  const entrance = admissions({
    breakers,
    limitsOf: () => breakerLimits,
    policiesOf,
    lineOf: (remote) => ownLines.get(remote),
    places: {
      enter: async (id, waitMs) => {
        const hasPlace = await shares.enter(id, waitMs);
        if (!hasPlace)
          faults.met(id === portalPlaces ? 'no place at the portal in time' : 'no place in time');
        return hasPlace;
      },
      leave: (channel) => shares.leave(channel),
      isValid: (id) => {
        const isValid = shares.isValid(id);
        if (!isValid) faults.met('a share that may be over');
        return isValid;
      },
    },
    lanes: {
      ...lanes,
      take: async (deductionId, holder, forMs) => {
        const lane = await lanes.take(deductionId, holder, forMs);
        if (lane === undefined) faults.met('a lane is taken');
        return lane;
      },
    },
    needsLane: (channel) => kinds.get(channel)?.needsLane ?? false,
    monotonicMs,
    log,
  });
  const settler = settlerWith(entrance);
  const probing = prober({
    states: watch.states,
    breakers,
    admissions: oneCallPerProbe(process, entrance, options),
    settler,
    remotes,
    policiesOf,
    channels: [...kinds.keys()],
    log,
  });
  return {
    settler,
    onHeld: (wanted) => {
      listener = wanted;
      for (const [channel, reasons] of held) if (reasons.size > 0) wanted(channel, true);
    },
    look: async () => {
      await Promise.all([breakers.look(), shares.renew()]);
    },
    intended: watch.intended,
  };
}

/** However many deductions a probe tries to go by: one call is made under its lease. */
function oneCallPerProbe(
  process: HubProcess,
  entrance: Admissions,
  { world, report }: HubGatesOptions,
): Admissions {
  const spent = new Set<string>();
  return {
    ...entrance,
    enterToProbe: async (deductionId, channel, probe) => {
      const pass = await entrance.enterToProbe(deductionId, channel, probe);
      let isOver = false;
      return {
        ...pass,
        begins: (remote) => {
          const lease = `${remote} ${probe.until.getTime()}`;
          if (remote === probe.remote && !isOver) {
            world.faults.met('a probe called');
            if (spent.has(lease))
              report(
                'one call per probe',
                `${process.name} calls ${remote} again for deduction ${deductionId}`,
              );
            spent.add(lease);
          }
          pass.begins(remote);
        },
        ended: (remote, answer, begunAtMs) => {
          if (remote === probe.remote) isOver = true;
          return pass.ended(remote, answer, begunAtMs);
        },
      };
    },
  };
}

interface HeldWatch {
  readonly states: ChannelStates;
  readonly intended: (attempts: readonly Attempt[]) => void;
}

/** A probe goes on to the next deduction where one was decided upon and never called for: its commit's answer was lost. */
const candidatesMax = 3;

/**
 * What this process has been told about the remotes, and whether it acts accordingly: no call to one that it knows to
 * be left alone, but for those of a probe whose lease it got.
 */
function watchHeld(process: HubProcess, { states, world, report }: HubGatesOptions): HeldWatch {
  const { faults, time } = world;
  const heldSinceMs = new Map<Remote, number>();
  const paused = new Set<Remote>();
  /** What each probe decided upon. */
  const probes = new Map<Remote, Set<string>>();

  function learn(remote: Remote, isHeld: boolean): void {
    if (!isHeld) heldSinceMs.delete(remote);
    else if (!heldSinceMs.has(remote)) heldSinceMs.set(remote, time.nowMs);
  }

  function learnChange(remote: Remote, after: Breaker, earlier: Breaker | undefined): void {
    learn(remote, after.state !== 'closed' || paused.has(remote));
    if (earlier === undefined || after === earlier) return;
    faults.met(`breaker ${earlier.state} → ${after.state}`);
    world.trace.note(
      time.elapsedMs,
      `${process.name}: breaker of ${remote} ${earlier.state} → ${after.state}`,
    );
    if (after.state === 'half_open') probes.set(remote, new Set());
  }

  return {
    states: {
      read: async () => {
        const found = await states.read();
        for (const [remote, { breaker, isPaused }] of found.states) {
          if (isPaused) paused.add(remote);
          else paused.delete(remote);
          learn(remote, isPaused || breaker.state !== 'closed');
        }
        return found;
      },
      change: async (remote, think) => {
        let earlier: Breaker | undefined;
        const after = await states.change(remote, (before, now) => {
          earlier = before;
          return think(before, now);
        });
        learnChange(remote, after, earlier);
        return after;
      },
      waitingFor: (remote, lookUpsFirst, limit) => states.waitingFor(remote, lookUpsFirst, limit),
    },
    intended: (attempts) => {
      for (const attempt of attempts) {
        const remote = remoteOf(attempt, attempt.call);
        const sinceMs = heldSinceMs.get(remote);
        // In the very millisecond in which it was told it may have decided already.
        if (sinceMs === undefined || sinceMs === time.nowMs) continue;
        const call = `${attempt.deductionId} ${attempt.token}`;
        const probe = probes.get(remote);
        // What was decided may be lost before it is written, and is then decided once more.
        if (probe?.has(call) === true) continue;
        if (probe !== undefined && probe.size < candidatesMax) {
          probe.add(call);
          faults.met('probed by a deduction');
        } else {
          const words = `${process.name} calls ${remote} for deduction ${attempt.deductionId}`;
          report('what is left alone is left alone', words);
        }
      }
    },
  };
}
