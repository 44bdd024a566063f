/** In which ways a remote can be asked what became of an operation, what it said, and when that is proof. */
import { lookUps, type Direction, type LookUp } from './action.ts';
import type { LegPolicy } from './deduction.ts';
import { finalAt, type Asked, type Sending } from './leg.ts';

/** The ways in which this remote can be asked, in the order in which they are tried. */
export function lookUpsOf({ query, scan, statement }: LegPolicy): readonly LookUp[] {
  return lookUps.filter((lookUp) => {
    switch (lookUp) {
      case 'query':
        return query === 'by-key';
      case 'scan':
        return scan !== undefined;
      case 'statement':
        return statement !== undefined;
    }
  });
}

/** What a look-up said that did not settle the doubt. */
export type Said =
  /** No answer that says anything. */
  | 'no_answer'
  /** It is not there, which is no proof yet. */
  | 'not_found'
  /** Not everything could be read that it might be in: it never will be. */
  | 'incomplete'
  /** It is not there, in a statement to which something may still be added. */
  | 'open';

const askedTable = {
  query: { no_answer: 'no_answer', not_found: 'not_found', incomplete: 'no_answer', open: 'no_answer' },
  scan: {
    no_answer: 'scan_no_answer',
    not_found: 'scan_not_found',
    incomplete: 'scan_incomplete',
    open: 'scan_no_answer',
  },
  statement: {
    no_answer: 'statement_no_answer',
    not_found: 'statement_not_found',
    incomplete: 'statement_incomplete',
    open: 'statement_open',
  },
} as const satisfies Record<LookUp, Record<Said, Asked>>;

/** What a leg in doubt remembers of its latest look-up. */
export function askedAfter(lookUp: LookUp, said: Said): Asked {
  return askedTable[lookUp][said];
}

/** The latest look-up of a leg in doubt, and what it said; undefined where there was none. */
export function latestLookUp(asked: Asked): { readonly lookUp: LookUp; readonly said: Said } | undefined {
  switch (asked) {
    case 'not_yet':
      return undefined;
    case 'no_answer':
    case 'not_found':
      return { lookUp: 'query', said: asked };
    case 'scan_no_answer':
      return { lookUp: 'scan', said: 'no_answer' };
    case 'scan_not_found':
      return { lookUp: 'scan', said: 'not_found' };
    case 'scan_incomplete':
      return { lookUp: 'scan', said: 'incomplete' };
    case 'statement_no_answer':
      return { lookUp: 'statement', said: 'no_answer' };
    case 'statement_not_found':
      return { lookUp: 'statement', said: 'not_found' };
    case 'statement_incomplete':
      return { lookUp: 'statement', said: 'incomplete' };
    case 'statement_open':
      return { lookUp: 'statement', said: 'open' };
  }
}

/**
 * After the last request is over, how long until "not found" is proof. What was taken twice can be given back, but not
 * the other way round, and without keys nothing bars a second time: there giving back waits out the late look first.
 */
export function absenceFinalAfterMs(
  direction: Direction,
  {
    idempotency,
    notFoundFinalAfterMs,
    lateEffectCheckMs,
  }: Pick<LegPolicy, 'idempotency' | 'notFoundFinalAfterMs' | 'lateEffectCheckMs'>,
): number {
  const couldBeTwice = direction === 'give_back' && idempotency === 'none';
  return notFoundFinalAfterMs + (couldBeTwice ? lateEffectCheckMs : 0);
}

/**
 * Whether "not found", asked in this way at `askedAt`, proves that nothing sent had an effect: no request can arrive
 * any more, and the remote would still show it if one had.
 */
export function provesAbsence(
  sending: Sending,
  policy: LegPolicy,
  [lookUp, direction]: readonly [LookUp, Direction],
  askedAt: Date,
): boolean {
  const final = finalAt(sending, absenceFinalAfterMs(direction, policy));
  return askedAt >= final && stillShows(sending, policy, lookUp, askedAt);
}

/** The share of what a remote promises to remember in which we rely on it: room for clocks and its own clean-up. */
export const retentionShare = 0.8;

/** Whether the remote would still show, asked in this way, what the first request did. */
function stillShows({ firstSentAt }: Sending, policy: LegPolicy, lookUp: LookUp, at: Date): boolean {
  const ageMs = at.getTime() - firstSentAt.getTime();
  switch (lookUp) {
    case 'query':
      return remembersKey({ firstSentAt }, policy, at);
    case 'scan':
      return ageMs < (policy.scan?.reachMs ?? 0) * retentionShare;
    case 'statement':
      return ageMs < (policy.statement?.retentionMs ?? 0) * retentionShare;
  }
}

/** Without idempotency there is no retention of keys, and look-ups read the remote's books. */
export function remembersKey(
  { firstSentAt }: Pick<Sending, 'firstSentAt'>,
  policy: LegPolicy,
  at: Date,
): boolean {
  switch (policy.idempotency) {
    case 'none':
      return true;
    case 'key-replays':
      return at.getTime() - firstSentAt.getTime() < policy.idempotencyRetentionMs * retentionShare;
  }
}
