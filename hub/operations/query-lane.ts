/**
 * A person's look-up keeps the member's lane as any call does: a channel that bears one call per member fails or loses
 * updates otherwise. Breakers, pauses and rates do not hold it up: whether a remote that is left alone is back is what
 * the person may want to know, and one call moves nothing.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Policies } from '../core/deduction.ts';
import type { MemberLanes } from '../settlement/turns-port.ts';
import type { CaseStore } from './case-store-port.ts';
import { busy } from './wish.ts';

export interface QueryLaneOptions {
  readonly cases: Pick<CaseStore, 'read' | 'readSubject'>;
  readonly lanes: MemberLanes;
  readonly needsLane: (channel: string) => boolean;
  readonly policiesOf: (channel: string) => Policies;
  readonly log: Logger;
}

/** Room for recording what was found. */
const marginMs = 1_000;

/**
 * Runs `work`, which calls the channel that a case is about at most once.
 *
 * @throws HubError HUB_CASE_BUSY while another call for the member is under way
 */
export async function inLane<Result>(
  { cases, lanes, needsLane, policiesOf, log }: QueryLaneOptions,
  caseId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const deductionId = (await cases.readSubject(caseId))?.deductionId ?? undefined;
  const about = deductionId === undefined ? undefined : await cases.read(caseId);
  const channel = about?.leg === 'points' ? (about.channel ?? undefined) : undefined;
  if (deductionId === undefined || channel === undefined || !needsLane(channel)) return work();
  const { sendWindowMs, points } = policiesOf(channel);
  const lane = await lanes.take(deductionId, randomUUID(), sendWindowMs + points.callDeadlineMs + marginMs);
  if (lane === undefined) throw busy('a call for this member is under way at the channel; try again');
  try {
    return await work();
  } finally {
    await lanes.leave(lane).catch((error: unknown) => {
      log.warn({ err: error, channel }, 'a lane was not given back; it is free when its time is past');
    });
  }
}
