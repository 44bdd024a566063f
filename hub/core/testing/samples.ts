/** Small whole things for the tests of the core: every leg state, every outcome, policies and deductions. */
import type { Done, Misconfigured, NotSent, Outcome, Pending, Rejected, Unknown } from '@points-hub/adapters';
import type { Answer, Deduction, LegPolicy, Policies } from '../deduction.ts';
import type { Leg } from '../leg.ts';
import type { Order, Settlement } from '../order.ts';
import { Points } from '../points.ts';

export const asked = new Points('50');

/** `seconds` after an arbitrary beginning. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);
}

/** A remote that keeps every promise that there is. */
export const bestPolicy: LegPolicy = {
  idempotency: 'key-replays',
  remembersRejections: true,
  idempotencyRetentionMs: Infinity,
  echo: 'points',
  query: 'by-key',
  scan: undefined,
  statement: undefined,
  reversal: 'by-original',
  fencesUnknownKeys: false,
  releaseBarsHold: false,
  notFoundFinalAfterMs: 20_000,
  lateEffectCheckMs: 0,
  callDeadlineMs: 5_000,
  failuresMax: Infinity,
  pendingMaxMs: Infinity,
};

/** Requests sent at 0 s are over at 10 s, and "not found" is final from 30 s on. */
export const policies: Policies = {
  points: bestPolicy,
  quota: { ...bestPolicy, fencesUnknownKeys: true, notFoundFinalAfterMs: 0 },
  backoff: { firstMs: 1_000, maxMs: 60_000 },
  sendWindowMs: 5_000,
};

export function policiesWith(points: Partial<LegPolicy>, quota: Partial<LegPolicy> = {}): Policies {
  return { ...policies, points: { ...policies.points, ...points }, quota: { ...policies.quota, ...quota } };
}

const sending = { firstSentAt: at(0), quietAt: at(10) };
const taken = { points: asked, remoteId: 'T-1' };

/** Every leg that rules tell apart. A state may have several; a test checks that none has none. */
export const legs = {
  idle: { state: 'idle' },
  sent: { state: 'sent', ...sending, unproven: false },
  'sent again': { state: 'sent', ...sending, unproven: true },
  pending: { state: 'pending', ...sending, remoteId: 'T-1' },
  'in doubt': { state: 'in_doubt', ...sending, asked: 'not_yet' },
  'in doubt, not found': { state: 'in_doubt', ...sending, asked: 'not_found' },
  'in doubt, no answer': { state: 'in_doubt', ...sending, asked: 'no_answer' },
  held: { state: 'held', ...taken },
  'confirm sent': { state: 'confirm_sent', ...sending, taken, unproven: false },
  'confirm sent again': { state: 'confirm_sent', ...sending, taken, unproven: true },
  'confirm pending': { state: 'confirm_pending', ...sending, taken },
  'confirm in doubt': { state: 'confirm_in_doubt', ...sending, taken, asked: 'not_yet' },
  'confirm in doubt, not found': { state: 'confirm_in_doubt', ...sending, taken, asked: 'not_found' },
  'confirm in doubt, no answer': { state: 'confirm_in_doubt', ...sending, taken, asked: 'no_answer' },
  'confirm refused': { state: 'confirm_refused', taken, reason: 'hold_expired' },
  'confirmed another amount': { state: 'confirm_refused', taken, reason: 'another_amount' },
  applied: { state: 'applied', ...taken },
  refused: { state: 'refused', reason: 'insufficient_points' },
  void: { state: 'void' },
  'undo sent': { state: 'undo_sent', ...sending, taken, unproven: false },
  'undo sent again': { state: 'undo_sent', ...sending, taken, unproven: true },
  'fence sent': { state: 'undo_sent', ...sending, taken: undefined, unproven: false },
  'undo pending': { state: 'undo_pending', ...sending, taken },
  'undo in doubt': { state: 'undo_in_doubt', ...sending, taken, asked: 'not_yet' },
  'undo in doubt, not found': { state: 'undo_in_doubt', ...sending, taken, asked: 'not_found' },
  'undo in doubt, no answer': { state: 'undo_in_doubt', ...sending, taken, asked: 'no_answer' },
  'fence in doubt': { state: 'undo_in_doubt', ...sending, taken: undefined, asked: 'not_yet' },
  undone: { state: 'undone', points: asked },
  'undo refused': { state: 'undo_refused', taken, reason: 'other' },
} as const satisfies Record<string, Leg>;
export type LegSample = keyof typeof legs;
export const legSamples = Object.keys(legs) as LegSample[];

/** Whether the deduction of a leg like this is one that holds, whatever else is known of it. */
export function isHolding(sample: LegSample): boolean {
  return /^(held|confirm)/.test(sample);
}

export function deduction(changes: Partial<Deduction> = {}): Deduction {
  return {
    id: '1',
    channel: 'airmiles',
    memberRef: 'M-1',
    asked,
    keyBase: 'A'.repeat(26),
    refund: undefined,
    holds: false,
    goal: 'settle',
    points: legs.idle,
    quota: legs.idle,
    failures: 0,
    notBefore: undefined,
    lease: undefined,
    attempts: 0,
    wakeBy: at(30),
    attention: undefined,
    retriedAt: undefined,
    lateCheck: undefined,
    ...changes,
  };
}

const settlingOrder: Order = {
  id: '7',
  mallId: 'mall',
  orderId: 'O-1',
  userId: 'U-1',
  status: 'settling',
  reason: undefined,
  deadlineAt: at(1_000_000),
  traceparent: undefined,
};

export function settlement(deductions: readonly Deduction[], order: Partial<Order> = {}): Settlement {
  return { order: { ...settlingOrder, ...order }, deductions };
}

const evidence = {};

export function done(points: string | typeof asked = asked): Done {
  return { type: 'done', points: new Points(points), remoteId: 'T-1', replayed: false, evidence };
}
export const rejected: Rejected = { type: 'rejected', reason: 'insufficient_points', evidence };
export const pending: Pending = { type: 'pending', remoteId: 'T-2', pollAfterMs: 3_000, evidence };
export const unknown: Unknown = { type: 'unknown', cause: 'timeout', evidence };
export const notSent: NotSent = { type: 'not_sent', cause: 'connect_failed', evidence };
export const misconfigured: Misconfigured = { type: 'misconfigured', code: 'authentication', evidence };
export const keyReused: Misconfigured = { type: 'misconfigured', code: 'key_reused', evidence };

export function acted(outcome: Outcome): Answer {
  return { type: 'acted', outcome };
}
export function found(outcome: Done | Rejected | Pending): Answer {
  return { type: 'found_out', outcome: { type: 'found', outcome } };
}
export const incomplete: Answer = { type: 'found_out', outcome: { type: 'incomplete', evidence } };
/** A statement that should be closed at 50 s. */
export const open: Answer = { type: 'found_out', outcome: { type: 'open', readyAt: at(50), evidence } };
export const notFound: Answer = { type: 'found_out', outcome: { type: 'not_found', evidence } };

/** The facts of a leg that matter to a rule, in a few words. */
export function inWords(leg: Leg): string {
  switch (leg.state) {
    case 'idle':
    case 'void':
    case 'pending':
    case 'confirm_pending':
      return leg.state;
    case 'sent':
      return leg.unproven ? 'sent, unproven' : 'sent';
    case 'in_doubt':
      return `in_doubt, ${leg.asked}`;
    case 'held':
    case 'applied':
    case 'undone':
      return `${leg.state} ${leg.points.toFixed()}`;
    case 'refused':
      return `refused: ${leg.reason}`;
    case 'confirm_sent':
    case 'undo_sent':
      return leg.unproven ? `${leg.state}, unproven` : leg.state;
    case 'undo_pending':
      return 'undo_pending';
    case 'confirm_in_doubt':
    case 'undo_in_doubt':
      return `${leg.state}, ${leg.asked}`;
    case 'confirm_refused':
    case 'undo_refused':
      return `${leg.state}: ${leg.reason}`;
  }
}
