/**
 * One transaction's worth of thinking: inputs for one order in, the order's new state and everything to be written
 * with it out. The caller holds the order's lock; that is what makes two workers that record the last two
 * deductions of an order at the same moment settle it.
 */
import type { Decimal } from 'decimal.js';
import type { Admission } from './admission.ts';
import type { Answer, Call, Deduction, Policies } from './deduction.ts';
import { intend, withoutLease } from './intent.ts';
import type { Leg, Taken } from './leg.ts';
import { nextStep } from './next-step.ts';
import { operationKey } from './operation-key.ts';
import { cancelOrder, decideOrder, type Order, type Settlement } from './order.ts';
import { applyOutcome } from './outcome.ts';
import { endedRefunds, type EndedRefund } from './refund.ts';

export type Input =
  /** A message said: look at this deduction. */
  | { readonly type: 'delivery'; readonly deductionId: string }
  /** A call under attempt `token` ended. `intendedAt` is when its intent was committed. */
  | {
      readonly type: 'outcome';
      readonly deductionId: string;
      readonly token: number;
      readonly call: Call;
      readonly answer: Answer;
      readonly intendedAt: Date;
    }
  /** The mall wants the order cancelled. */
  | { readonly type: 'cancel' }
  /** The sweeper found the order's deadline past. */
  | { readonly type: 'deadline' };

/** What concerns one deduction of an order. */
export type DeductionInput = Extract<Input, { readonly deductionId: string }>;

/** One call to make once the transaction has committed, and the attempt row that is written with it. */
export interface Attempt {
  readonly deductionId: string;
  readonly token: number;
  readonly call: Call;
  /** The key of the operation that is called or looked for. */
  readonly key: string;
  /** The key of the forward operation that is given back; undefined for other calls. */
  readonly originalKey: string | undefined;
  readonly originalRemoteId: string | undefined;
  readonly channel: string;
  readonly memberRef: string;
  readonly points: Decimal;
  readonly intendedAt: Date;
  /** The last moment at which the first byte may leave. */
  readonly sendBy: Date;
}

/** What the worker does with an input once the transaction has committed. */
export type Verdict =
  | { readonly type: 'call'; readonly attempt: Attempt }
  /** Somebody else holds the lease, or nothing is to be done now: acknowledge. */
  | { readonly type: 'release' }
  /** It cannot move by itself: acknowledge, and let a person know. */
  | { readonly type: 'stuck' }
  /** The outcome came under a token that is no longer the lease's: kept as evidence, nothing is decided from it. */
  | { readonly type: 'stale' }
  /** No such deduction. */
  | { readonly type: 'unknown' };

/** A message to append in the same transaction. */
export type Message =
  | {
      readonly type: 'deduction_due';
      readonly deductionId: string;
      readonly orderRowId: string;
      readonly channel: string;
      readonly availableAt: Date | undefined;
      readonly traceparent: string | undefined;
    }
  | { readonly type: 'order_ended'; readonly order: Order }
  | { readonly type: 'order_refunded'; readonly order: Order; readonly refund: EndedRefund };

export interface AdvanceFacts {
  /** The database's time, read in this transaction. */
  readonly now: Date;
  readonly policiesOf: (channel: string) => Policies;
  /** Uniform in [0, 1); called once per outcome. */
  readonly random: () => number;
  /** After how long the sweeper looks at a deduction that a message should have woken. */
  readonly wakeAfterMs: number;
  /** Whether a call may be made now; asked once per call. Default: each may be. */
  readonly admit?: (input: DeductionInput, deduction: Deduction, call: Call) => Admission;
}

export interface Advance {
  readonly settlement: Settlement;
  /** One per input, in the same order. */
  readonly verdicts: readonly Verdict[];
  readonly messages: readonly Message[];
}

/** How long a deduction that needs a person rests before the sweeper looks again. */
const stuckLookMs = 3_600_000;

/** Applies `inputs`, all of one order, one after the other. */
export function advance(before: Settlement, inputs: readonly Input[], facts: AdvanceFacts): Advance {
  let settlement = before;
  const messages: Message[] = [];
  const verdicts = inputs.map((input): Verdict => {
    switch (input.type) {
      case 'delivery':
      case 'outcome': {
        const taken = takeDeductionInput(settlement, input, messages, facts);
        settlement = taken.settlement;
        return taken.verdict;
      }
      case 'cancel':
        settlement = wakeTurned(settlement, cancelOrder(settlement), undefined, messages, facts);
        return { type: 'release' };
      case 'deadline':
        settlement = wakeTurned(settlement, decideOrder(settlement, facts.now), undefined, messages, facts);
        return { type: 'release' };
    }
  });
  if (isEnded(settlement.order) && !isEnded(before.order)) {
    messages.push({ type: 'order_ended', order: settlement.order });
  }
  for (const refund of endedRefunds(before, settlement)) {
    messages.push({ type: 'order_refunded', order: settlement.order, refund });
  }
  return { settlement, verdicts, messages };
}

/** Lets one input of one deduction in, decides the order, and takes that deduction's next step. */
function takeDeductionInput(
  settlement: Settlement,
  input: DeductionInput,
  messages: Message[],
  facts: AdvanceFacts,
): { settlement: Settlement; verdict: Verdict } {
  const found = settlement.deductions.find(({ id }) => id === input.deductionId);
  if (found === undefined) return { settlement, verdict: { type: 'unknown' } };
  const entered = enter(found, input, facts);
  if (entered.type === 'turned_away') return { settlement, verdict: entered.verdict };
  const decided = decideOrder(withDeduction(settlement, entered.deduction), facts.now);
  const woken = wakeTurned(settlement, decided, found.id, messages, facts);
  const { deduction, verdict } = proceed(woken, found.id, input, messages, facts);
  return { settlement: withDeduction(woken, deduction), verdict };
}

type Entered =
  | { readonly type: 'entered'; readonly deduction: Deduction }
  | { readonly type: 'turned_away'; readonly verdict: Verdict };

/** Lets an input in: a delivery if nobody is calling for this deduction, an outcome if its token holds the lease. */
function enter(deduction: Deduction, input: DeductionInput, facts: AdvanceFacts): Entered {
  switch (input.type) {
    case 'delivery':
      if (deduction.lease !== undefined && facts.now < deduction.lease.until) {
        return { type: 'turned_away', verdict: { type: 'release' } };
      }
      return {
        type: 'entered',
        deduction: deduction.lease === undefined ? deduction : withoutLease(deduction),
      };
    case 'outcome': {
      if (deduction.lease?.token !== input.token) return { type: 'turned_away', verdict: { type: 'stale' } };
      const { now, random, policiesOf } = facts;
      const outcomeFacts = {
        policies: policiesOf(deduction.channel),
        now,
        intendedAt: input.intendedAt,
        random: random(),
      };
      return { type: 'entered', deduction: applyOutcome(deduction, input.call, input.answer, outcomeFacts) };
    }
  }
}

function admitAll(): Admission {
  return { type: 'go' };
}

/** Takes the next step of one deduction: writes its intent down, or its time to be looked at again. */
function proceed(
  { order, deductions }: Settlement,
  deductionId: string,
  input: DeductionInput,
  messages: Message[],
  { now, policiesOf, wakeAfterMs, admit = admitAll }: AdvanceFacts,
): { deduction: Deduction; verdict: Verdict } {
  const deduction = deductions.find(({ id }) => id === deductionId);
  if (deduction === undefined) throw new Error(`deduction ${deductionId} left its order ${order.id}`);
  const policies = policiesOf(deduction.channel);
  const step = nextStep(deduction, policies, now);
  switch (step.type) {
    case 'call': {
      const admission = admit(input, deduction, step.call);
      if (admission.type === 'hold')
        return { deduction: { ...deduction, wakeBy: admission.until }, verdict: { type: 'release' } };
      if (admission.type === 'queue') {
        messages.push(deductionDue(order, deduction, admission.until));
        const wakeBy = after(admission.until, wakeAfterMs);
        return { deduction: { ...deduction, wakeBy }, verdict: { type: 'release' } };
      }
      const intended = intend(deduction, step.call, policies, now);
      return {
        deduction: { ...intended, wakeBy: intended.lease?.until },
        verdict: { type: 'call', attempt: attemptOf(deduction, intended, step.call, policies, now) },
      };
    }
    case 'wait': {
      // A delivery that finds a wait does not append a second message: its wake-up is already on the way.
      if (input.type === 'outcome') {
        messages.push(deductionDue(order, deduction, step.until));
      }
      return { deduction: notLaterThan(deduction, step.until, wakeAfterMs), verdict: { type: 'release' } };
    }
    case 'rest':
      return {
        deduction: deduction.wakeBy === undefined ? deduction : { ...deduction, wakeBy: undefined },
        verdict: { type: 'release' },
      };
    case 'stuck':
      return { deduction: { ...deduction, wakeBy: after(now, stuckLookMs) }, verdict: { type: 'stuck' } };
  }
}

/** Looked at after `until` at the latest; untouched where it is due to be anyway, so that a duplicate writes nothing. */
function notLaterThan(deduction: Deduction, until: Date, wakeAfterMs: number): Deduction {
  const wakeBy = after(until, wakeAfterMs);
  const isDueAnyway =
    deduction.wakeBy !== undefined && deduction.wakeBy >= until && deduction.wakeBy <= wakeBy;
  return isDueAnyway ? deduction : { ...deduction, wakeBy };
}

/**
 * Turning an order wakes each deduction that nobody is calling for; a caller sees the new goal in its own outcome.
 * `exceptId` is the deduction that takes its next step anyway.
 */
function wakeTurned(
  before: Settlement,
  turned: Settlement,
  exceptId: string | undefined,
  messages: Message[],
  facts: AdvanceFacts,
): Settlement {
  if (before.order.status !== 'settling' || turned.order.reason === undefined) return turned;
  const { now, policiesOf, wakeAfterMs } = facts;
  const deductions = turned.deductions.map((deduction) => {
    if (deduction.id === exceptId || deduction.lease !== undefined) return deduction;
    const step = nextStep(deduction, policiesOf(deduction.channel), now);
    switch (step.type) {
      case 'rest':
        return { ...deduction, wakeBy: undefined };
      case 'wait':
        messages.push(deductionDue(turned.order, deduction, step.until));
        return { ...deduction, wakeBy: after(step.until, wakeAfterMs) };
      case 'call':
      case 'stuck':
        messages.push(deductionDue(turned.order, deduction, undefined));
        return { ...deduction, wakeBy: after(now, wakeAfterMs) };
    }
  });
  return { order: turned.order, deductions };
}

function deductionDue(order: Order, { id, channel }: Deduction, availableAt: Date | undefined): Message {
  const { id: orderRowId, traceparent } = order;
  return { type: 'deduction_due', deductionId: id, orderRowId, channel, availableAt, traceparent };
}

function attemptOf(
  before: Deduction,
  intended: Deduction,
  call: Call,
  policies: Policies,
  now: Date,
): Attempt {
  const taken = takenBy(before[call.leg]);
  const originalKeyBase = before.refund?.originalKeyBase ?? before.keyBase;
  const isReturn = call.action === 'give_back' || call.action === 'find_give_back';
  return {
    deductionId: before.id,
    token: intended.attempts,
    call,
    key: operationKey(before.keyBase, call.leg, isReturn ? 'give_back' : 'deduct'),
    originalKey: isReturn ? operationKey(originalKeyBase, call.leg, 'deduct') : undefined,
    originalRemoteId: isReturn ? taken?.remoteId : undefined,
    channel: before.channel,
    memberRef: before.memberRef,
    points: (isReturn ? taken?.points : undefined) ?? before.asked,
    intendedAt: now,
    sendBy: after(now, policies.sendWindowMs),
  };
}

/** What is known to have been taken by a leg that is to be given back. */
function takenBy(leg: Leg): Taken | undefined {
  switch (leg.state) {
    case 'applied':
      return leg;
    case 'undo_sent':
    case 'undo_pending':
    case 'undo_in_doubt':
    case 'undo_refused':
      return leg.taken;
    case 'idle':
    case 'sent':
    case 'pending':
    case 'in_doubt':
    case 'refused':
    case 'void':
    case 'undone':
      return undefined;
  }
}

function withDeduction({ order, deductions }: Settlement, changed: Deduction): Settlement {
  return {
    order,
    deductions: deductions.map((deduction) => (deduction.id === changed.id ? changed : deduction)),
  };
}

function isEnded({ status }: Order): boolean {
  return status === 'settled' || status === 'cancelled';
}

function after(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds);
}
