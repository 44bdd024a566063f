/**
 * Who may call which remote when: breakers, rates, places and members' lanes behind one door. On the way of a deduction whose
 * remotes are well and have neither rate nor lane, nothing here touches the database.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { remoteOf, remotesNeededBy, type Admission } from '../core/admission.ts';
import type { BreakerLimits, Remote } from '../core/breaker.ts';
import type { Call, Deduction, Policies } from '../core/deduction.ts';
import { signOf, type Sign } from '../core/sign.ts';
import type { Breakers } from './breakers.ts';
import type { CallLine, Turn } from './call-line.ts';
import type { AdmissionFacts, Entrance, Pass } from './entrance.ts';
import { portalPlaces, type Shares } from './shares.ts';
import type { MemberLane, MemberLanes } from './turns-port.ts';

export interface AdmissionsOptions {
  readonly breakers: Pick<Breakers, 'heldUntil' | 'observe'>;
  readonly limitsOf: (remote: Remote) => BreakerLimits;
  readonly policiesOf: (channel: string) => Policies;
  /** Undefined for a remote without a rate. */
  readonly lineOf: (remote: Remote) => CallLine | undefined;
  readonly places: Pick<Shares, 'enter' | 'leave' | 'isValid'>;
  readonly lanes: MemberLanes;
  readonly needsLane: (channel: string) => boolean;
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/** The right to make the one call that shows whether a remote is back. */
export interface Probe {
  readonly remote: Remote;
  /** No call that could outlast it begins. The database's time. */
  readonly until: Date;
  readonly onSign: (sign: Sign) => void;
}

export interface Admissions extends Entrance {
  enterToProbe(deductionId: string, channel: string, probe: Probe): Promise<Pass>;
}

/** Room for recording an outcome after its call, as for a deduction's lease. */
const laneMarginMs = 1_000;
/** A lane that is taken is asked for again after 100 to 400 ms. */
const laneAgain = { minMs: 100, spreadMs: 300 };
/** A call in mid-drive that found no turn comes back after at most this, and then stands in line. */
const turnAgainMs = 500;
/** A delivery waits in hand for a place for so long, and then comes back by a message. */
const placeWaitMs = 5_000;
/** In mid-drive an outcome waits to be recorded, under a lease that ends soon. */
const placeInDriveWaitMs = 200;

export function admissions(options: AdmissionsOptions): Admissions {
  return {
    enter: (deductionId, channel) => enter(options, deductionId, channel, undefined),
    enterToProbe: (deductionId, channel, probe) => enter(options, deductionId, channel, probe),
  };
}

async function enter(
  options: AdmissionsOptions,
  deductionId: string,
  channel: string,
  probe: Probe | undefined,
): Promise<Pass> {
  const { breakers, lineOf, places, lanes, needsLane, limitsOf, policiesOf, monotonicMs, log } = options;
  const own: Remote = `channel:${channel}`;
  const remotes = [own, 'portal'] as const;
  const holder = needsLane(channel) ? randomUUID() : '';
  const turns = new Map<Remote, Turn>();
  let lane: MemberLane | undefined;
  let hasPlace = false;
  let hasPortalPlace = false;
  let portalWaitMs = probe === undefined ? placeWaitMs : 0;
  let probing = probe;

  function longestCallMs({ leg }: Pick<Call, 'leg'>): number {
    const policies = policiesOf(channel);
    return policies.sendWindowMs + policies[leg].callDeadlineMs;
  }

  const laneMs = 2 * longestCallMs({ leg: 'points' }) + laneMarginMs;
  let laneTakenAtMs = 0;
  async function takeLane(): Promise<void> {
    laneTakenAtMs = monotonicMs();
    lane = await lanes.take(deductionId, holder, laneMs);
  }

  function heldUntil(remote: Remote, now: Date): Date | undefined {
    return probing?.remote === remote ? undefined : breakers.heldUntil(remote, now);
  }

  function admit(deduction: Deduction, call: Call, { now, random }: AdmissionFacts): Admission {
    for (const remote of remotesNeededBy(deduction, call)) {
      const until = heldUntil(remote, now);
      if (until !== undefined) return hold(remote, until, random);
    }
    const remote = remoteOf(deduction, call);
    const endsBy = now.getTime() + longestCallMs(call);
    if (probing?.remote === remote && endsBy > probing.until.getTime())
      return hold(remote, probing.until, random);
    // A probe is the only call there is.
    if (remote === own && probing?.remote !== own && !(hasPlace && places.isValid(channel)))
      return queue(now, random * turnAgainMs);
    if (
      remote === 'portal' &&
      probing?.remote !== 'portal' &&
      !(hasPortalPlace && places.isValid(portalPlaces))
    )
      return queue(now, random * turnAgainMs);
    if (lineOf(remote) !== undefined && !turns.has(remote)) return queue(now, random * turnAgainMs);
    if (remote === own && needsLane(channel)) {
      if (lane === undefined || lane.until.getTime() < endsBy)
        return queue(now, laneAgain.minMs + random * laneAgain.spreadMs);
    }
    return { type: 'go' };
  }

  /** Spread over a first pause's length, so that those who wait do not come back together. */
  function hold(remote: Remote, until: Date, random: number): Admission {
    return { type: 'hold', until: after(until, random * limitsOf(remote).openMs) };
  }

  const mayCall = (): boolean => heldUntil(own, new Date()) === undefined;
  // A probe's lease runs: it waits for no place, which its own call does not need.
  if (probe === undefined && mayCall()) hasPlace = await places.enter(channel, placeWaitMs);
  try {
    if (needsLane(channel)) await takeLane();
  } catch (error) {
    await leave();
    throw error;
  }
  const isBlocked = needsLane(channel) && lane === undefined;
  if (!isBlocked && mayCall()) {
    try {
      // A probe's lease runs: it waits in no other line than that of its own call.
      for (const remote of probe === undefined ? remotes : [probe.remote]) {
        const turn = await lineOf(remote)?.wait();
        if (turn !== undefined) turns.set(remote, turn);
      }
    } catch (error) {
      await leave();
      throw error;
    }
  }

  /** Last of all, when nothing else is waited for; nobody knows before whether the next call is the portal's. */
  async function enterPortal(): Promise<void> {
    if (hasPortalPlace || heldUntil('portal', new Date()) !== undefined) return;
    hasPortalPlace = await places.enter(portalPlaces, portalWaitMs);
    portalWaitMs = placeInDriveWaitMs;
  }

  function leavePortal(): void {
    if (hasPortalPlace) places.leave(portalPlaces);
    hasPortalPlace = false;
  }

  async function leave(): Promise<void> {
    for (const [remote, turn] of turns) lineOf(remote)?.giveBack(turn);
    turns.clear();
    if (hasPlace) places.leave(channel);
    hasPlace = false;
    leavePortal();
    if (lane === undefined) return;
    try {
      await lanes.leave(lane);
    } catch (error) {
      log.warn({ err: error, channel }, 'a lane was not given back; it is free when its time is past');
    }
  }

  return {
    refresh: async () => {
      if (lane !== undefined && monotonicMs() - laneTakenAtMs > laneMs / 4) await takeLane();
      for (const remote of remotes) {
        const turn = turns.has(remote) ? undefined : lineOf(remote)?.takeReady();
        if (turn !== undefined) turns.set(remote, turn);
      }
      await enterPortal();
    },
    admit,
    begins: (remote) => {
      turns.delete(remote);
      if (remote !== 'portal') leavePortal();
    },
    ended: (remote, answer, begunAtMs) => {
      if (remote === 'portal') leavePortal();
      const sign = signOf(answer);
      if (probing?.remote !== remote) {
        breakers.observe(remote, sign, begunAtMs, answer.type === 'acted' ? 'move' : 'look_up');
        return false;
      }
      probing.onSign(sign);
      probing = undefined;
      return true;
    },
    leave,
  };
}

function queue(now: Date, inMs: number): Admission {
  return { type: 'queue', until: after(now, inMs) };
}

function after(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
