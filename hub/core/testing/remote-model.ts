/**
 * A remote in a few lines, honest about what its policy promises: it has books, one effect per key where it is
 * idempotent, and look-ups that may lag. What the properties of the core are checked against.
 */
import type {
  Done,
  LookUpOutcome,
  Outcome,
  Pending,
  QueryOutcome,
  Rejected,
  RejectionReason,
} from '@points-hub/adapters';
import type { Decimal } from 'decimal.js';
import { lookUpOfAction } from '../action.ts';
import type { Attempt } from '../advance.ts';
import type { LegPolicy } from '../deduction.ts';
import { Points } from '../points.ts';

export interface Nature {
  readonly policy: LegPolicy;
  /** Whether it holds first. */
  readonly holds?: boolean;
  /** What there is to take. */
  readonly balance: number;
  /** Until a look-up sees what happened; at most `notFoundFinalAfterMs`. */
  readonly lagMs: number;
  /** Above zero: it accepts first and decides so much later. */
  readonly pendingMs: number;
}

/** How one request fares besides what the remote would do: as if it could take nothing, or only half. */
export type Twist = 'none' | 'poor' | 'half';

interface Entry {
  readonly key: string;
  readonly originalKey: string;
  readonly isConfirmation: boolean;
  readonly wanted: Decimal;
  readonly receivedAtMs: number;
  readonly seenFromMs: number;
  readonly decidesAtMs: number;
  readonly twist: Twist;
  /** Undefined until decided. Signed: what was taken, or set aside, from the holder; confirming takes nothing more. */
  outcome: { readonly type: 'done'; readonly taken: Decimal; readonly shown: Decimal } | Refused | undefined;
}
interface Refused {
  readonly type: 'rejected';
  readonly reason: RejectionReason;
}

const evidence = {};
/** From the end of a window until its statement is closed; above any lag. */
const statementDelayMs = 60_000;

export interface RemoteModel {
  receive(attempt: Attempt, nowMs: number, twist: Twist): Outcome;
  /** What a look-up finds, in whichever way it is made. */
  look(attempt: Attempt, nowMs: number): LookUpOutcome;
  /** What a look-up by key finds. */
  find(key: string, nowMs: number): QueryOutcome;
  /** What is taken, or held, under this forward key now, all in all. */
  net(forwardKey: string): Decimal;
  /** Whether what is held under this key is taken for good. */
  isConfirmed(forwardKey: string): boolean;
}

export function remoteModel({ policy, balance, lagMs, pendingMs }: Nature): RemoteModel {
  const entries: Entry[] = [];
  const isIdempotent = policy.idempotency === 'key-replays';
  let left = new Points(balance);

  function net(forwardKey: string): Decimal {
    return entries
      .filter(({ originalKey }) => originalKey === forwardKey)
      .reduce(
        (sum, { outcome }) => (outcome?.type === 'done' ? sum.plus(outcome.taken) : sum),
        new Points(0),
      );
  }

  function isConfirmed(forwardKey: string): boolean {
    return entries.some(
      ({ originalKey, isConfirmation, outcome }) =>
        isConfirmation && originalKey === forwardKey && outcome?.type === 'done',
    );
  }

  const bars = policy.fencesUnknownKeys || policy.releaseBarsHold;

  function decide(entry: Entry): Entry['outcome'] {
    const { key, originalKey, isConfirmation, wanted, twist } = entry;
    if (isConfirmation) {
      const held = net(originalKey);
      if (held.isZero()) return refused('hold_released');
      return { type: 'done', taken: new Points(0), shown: held };
    }
    if (key !== originalKey) {
      const original = entries.find((other) => other.key === originalKey);
      if (original === undefined && !bars) return refused('original_not_found');
      const back = Points.min(wanted, Points.max(net(originalKey), 0));
      return { type: 'done', taken: back.negated(), shown: back };
    }
    const isVoided = entries.some(
      (other) => other !== entry && other.originalKey === key && other.key !== key,
    );
    if (isVoided && bars) return refused('key_voided');
    if (twist === 'poor' || left.lessThan(wanted)) return refused('insufficient_points');
    const taken = twist === 'half' ? wanted.dividedBy(2) : wanted;
    return { type: 'done', taken, shown: taken };
  }

  function decideDue(nowMs: number): void {
    for (const entry of entries) {
      if (entry.outcome !== undefined || entry.decidesAtMs > nowMs) continue;
      entry.outcome = decide(entry);
      if (entry.outcome?.type === 'done') left = left.minus(entry.outcome.taken);
    }
  }

  function answerOf({ key, outcome }: Entry): Done | Rejected | Pending {
    switch (outcome?.type) {
      case undefined:
        return { type: 'pending', remoteId: key, pollAfterMs: 500, evidence };
      case 'done':
        return { type: 'done', points: outcome.shown, remoteId: key, replayed: false, evidence };
      case 'rejected':
        return { type: 'rejected', reason: outcome.reason, evidence };
    }
  }

  function receive({ call, key, originalKey, points }: Attempt, nowMs: number, twist: Twist): Outcome {
    decideDue(nowMs);
    const known = entries.find((entry) => entry.key === key);
    const isForgotten = known?.outcome?.type === 'rejected' && !policy.remembersRejections;
    if (known !== undefined && isIdempotent && !isForgotten) {
      if (!known.wanted.equals(points)) return { type: 'misconfigured', code: 'key_reused', evidence };
      return told(known);
    }
    if (known !== undefined && isForgotten) entries.splice(entries.indexOf(known), 1);
    const entry: Entry = {
      key,
      originalKey: originalKey ?? key,
      isConfirmation: call.action === 'confirm',
      wanted: points,
      receivedAtMs: nowMs,
      seenFromMs: nowMs + lagMs,
      decidesAtMs: nowMs + pendingMs,
      twist,
      outcome: undefined,
    };
    entries.push(entry);
    decideDue(nowMs);
    return told(entry);
  }

  /** The answer to an operation, which may name no points. */
  function told(entry: Entry): Outcome {
    const answer = answerOf(entry);
    if (answer.type !== 'done' || policy.echo === 'points') return answer;
    return { type: 'unknown', cause: 'missing_echo', evidence };
  }

  function find(key: string, nowMs: number): QueryOutcome {
    decideDue(nowMs);
    const entry = entries.find((one) => one.key === key && one.seenFromMs <= nowMs);
    return entry === undefined
      ? { type: 'not_found', evidence }
      : { type: 'found', outcome: answerOf(entry) };
  }

  function look({ key, call, search }: Attempt, nowMs: number): LookUpOutcome {
    const lookUp = lookUpOfAction(call.action);
    if (lookUp === 'query') return find(key, nowMs);
    if (search === undefined) throw new Error('a scan and a statement have a window');
    decideDue(nowMs);
    const seen = entries.filter((one) => one.key === key && one.seenFromMs <= nowMs);
    // Lists show what moved, when it moved, and nothing else.
    const moved = seen.filter(({ outcome }) => outcome?.type === 'done' && !outcome.taken.isZero());
    const [entry, ...more] = moved.filter(({ receivedAtMs }) => receivedAtMs >= search.from.getTime());
    if (more.length > 0) return { type: 'unknown', cause: 'several_effects', evidence };
    if (entry !== undefined) {
      const done = answerOf(entry);
      if (done.type === 'done') return { type: 'found', outcome: done };
    }
    const readyAt = new Date(search.until.getTime() + statementDelayMs);
    if (lookUp === 'statement' && nowMs < readyAt.getTime()) return { type: 'open', readyAt, evidence };
    return { type: 'not_found', evidence };
  }

  return { receive, find, look, net, isConfirmed };
}

function refused(reason: RejectionReason): Refused {
  return { type: 'rejected', reason };
}
