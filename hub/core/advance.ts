/**
 * One transaction's worth of thinking: inputs for one order in, the order's new state and everything to be written
 * with it out. The caller holds the order's lock; that is what makes two workers that record the last two
 * deductions of an order at the same moment settle it.
 */
import type { Admission } from './admission.ts';
import { attemptOf } from './attempt.ts';
import { stuckLookMs } from './attention.ts';
import { freedByItself, held, isHeard, misconfigurationOf, recovered, ruling } from './attend.ts';
import { hear, type Callback } from './callback.ts';
import type { CaseChange, Told } from './case.ts';
import type { Call, Deduction, Policies } from './deduction.ts';
import { enter } from './enter.ts';
import type { Collected, DeductionInput, HeardCallback, Input, Message, Verdict } from './input.ts';
import { intend } from './intent.ts';
import { actingLeg, nextStep, type Step } from './next-step.ts';
import { directionOf, lookUpOf } from './operator.ts';
import { abandonOrder, cancelOrder, decideOrder, type Order, type Settlement } from './order.ts';
import { endedRefunds } from './refund.ts';
import { stageOf, type Stage } from './stage.ts';

export type { Attempt, DeductionInput, Input, Message, Verdict } from './input.ts';

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
  /** Callbacks about the order's deductions that nobody has taken in yet, the first one first. Default: none. */
  readonly callbacks?: readonly Callback[];
}

export interface Advance {
  readonly settlement: Settlement;
  /** One per input, in the same order. */
  readonly verdicts: readonly Verdict[];
  readonly messages: readonly Message[];
  /** What changes of cases, to be written in the same transaction. */
  readonly cases: readonly CaseChange[];
  /** Which callbacks were taken in; the others wait until nobody calls for their deduction. */
  readonly heard: readonly HeardCallback[];
}

/** Applies `inputs`, all of one order, one after the other. */
export function advance(before: Settlement, inputs: readonly Input[], facts: AdvanceFacts): Advance {
  let settlement = before;
  const collected: Collected = { messages: [], cases: [], heard: [] };
  const { messages, cases, heard } = collected;
  const verdicts = inputs.map((input): Verdict => {
    switch (input.type) {
      case 'delivery':
      case 'outcome':
      case 'looked_up':
      case 'look_up':
      case 'retry':
      case 'resolve':
      case 'gave_up': {
        const taken = takeDeductionInput(settlement, input, collected, facts);
        settlement = taken.settlement;
        return taken.verdict;
      }
      case 'cancel':
        settlement = wakeMoved(settlement, cancelOrder(settlement), undefined, collected, facts);
        return { type: 'release' };
      case 'deadline':
        settlement = wakeMoved(settlement, decideOrder(settlement, facts.now), undefined, collected, facts);
        return { type: 'release' };
    }
  });
  if (isEnded(settlement.order) && !isEnded(before.order)) {
    messages.push({ type: 'order_ended', order: settlement.order });
  }
  for (const refund of endedRefunds(before, settlement)) {
    messages.push({ type: 'order_refunded', order: settlement.order, refund });
  }
  return { settlement, verdicts, messages, cases, heard };
}

/** Lets one input of one deduction in, decides the order, and takes that deduction's next step. */
function takeDeductionInput(
  settlement: Settlement,
  input: DeductionInput,
  collected: Collected,
  facts: AdvanceFacts,
): { settlement: Settlement; verdict: Verdict } {
  const found = settlement.deductions.find(({ id }) => id === input.deductionId);
  if (found === undefined) return { settlement, verdict: { type: 'unknown' } };
  const entered = enter(settlement.order, found, input, collected, facts);
  if (entered.type === 'turned_away') {
    return { settlement: withDeduction(settlement, entered.deduction), verdict: entered.verdict };
  }
  const listened = listen(entered.deduction, collected, facts);
  const { abandoned } = entered;
  const entering = withDeduction(settlement, listened);
  const decided =
    abandoned === undefined
      ? decideOrder(entering, facts.now)
      : abandonOrder(entering, { code: abandoned, channel: found.channel, leg: 'points' });
  const woken = wakeMoved(settlement, decided, found.id, collected, facts);
  const { deduction, verdict } = proceed(woken, found.id, input, collected, facts);
  return {
    settlement: withDeduction(woken, deduction),
    verdict: isWish(input) ? { type: 'accepted', correction: entered.correction } : verdict,
  };
}

/** Nobody is calling for the deduction now: it takes in what its remote told by itself, before its next step. */
function listen(
  deduction: Deduction,
  { cases, heard }: Collected,
  { callbacks = [], policiesOf }: AdvanceFacts,
): Deduction {
  let listened = deduction;
  for (const callback of callbacks) {
    if (callback.deductionId !== deduction.id || heard.some(({ id }) => id === callback.id)) continue;
    const { deduction: told, effect } = hear(listened, callback, policiesOf(deduction.channel), cases);
    heard.push({ id: callback.id, effect });
    listened = told;
  }
  return listened;
}

function isWish({ type }: DeductionInput): boolean {
  return type === 'retry' || type === 'resolve';
}

function admitAll(): Admission {
  return { type: 'go' };
}

/** Takes the next step of one deduction: writes its intent down, or its time to be looked at again. */
function proceed(
  { order, deductions }: Settlement,
  deductionId: string,
  input: DeductionInput,
  { messages, cases }: Collected,
  { now, policiesOf, wakeAfterMs, admit = admitAll }: AdvanceFacts,
): { deduction: Deduction; verdict: Verdict } {
  const found = deductions.find(({ id }) => id === deductionId);
  if (found === undefined) throw new Error(`deduction ${deductionId} left its order ${order.id}`);
  const policies = policiesOf(found.channel);
  const stage = stageOf(deductions);
  const operated = operate(order, found, input, policies, messages, { now, wakeAfterMs });
  if (operated !== undefined) return operated;
  const waiting = stillAway(found, input, cases);
  if (waiting !== undefined) return { deduction: { ...waiting, wakeBy: now }, verdict: { type: 'release' } };
  const tried = triedAgain(found, input);
  const deduction =
    tried.attention?.type === 'held' ? freedByItself(tried, stage, policies, now, cases) : tried;
  /** As it stays where no call is made. */
  const unmoved = tried === found ? deduction : found;
  if (deduction.attention?.type === 'held') {
    return {
      deduction: watched(deduction, nextStep(deduction, stage, policies, now), now),
      verdict: { type: 'release' },
    };
  }
  const { action, leg } = attend(deduction, stage, input, policies, now);
  if (action.type === 'hold') {
    const { cause } = action;
    messages.push({ type: 'needs_attention', order, deduction, leg, cause });
    const stuck = held(deduction, leg, cause, toldBy(input), cases);
    return { deduction: { ...stuck, wakeBy: after(now, stuckLookMs) }, verdict: { type: 'stuck' } };
  }
  const step: Step = action.type === 'wait' ? action : nextStep(deduction, stage, policies, now);
  switch (step.type) {
    case 'call': {
      const admission = admit(input, deduction, step.call);
      if (admission.type === 'hold')
        return { deduction: { ...unmoved, wakeBy: admission.until }, verdict: { type: 'release' } };
      if (admission.type === 'queue') {
        messages.push(deductionDue(order, deduction, admission.until));
        const wakeBy = after(admission.until, wakeAfterMs);
        return { deduction: { ...unmoved, wakeBy }, verdict: { type: 'release' } };
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
      return { deduction: notLaterThan(unmoved, step.until, wakeAfterMs), verdict: { type: 'release' } };
    }
    case 'rest':
      return { deduction: atRest(unmoved, now), verdict: { type: 'release' } };
    case 'stuck':
      throw new Error(`deduction ${deductionId} is stuck and has no case`);
  }
}

/** Who waits because his remote is away goes on as soon as he may call it again, as if a person had retried him. */
function triedAgain(deduction: Deduction, input: DeductionInput): Deduction {
  const { attention } = deduction;
  if (input.type !== 'delivery' || attention?.type !== 'held' || !isAway(deduction)) return deduction;
  return { ...deduction, attention: { ...attention, type: 'retried' } };
}

/** After a probe that nobody heard, on behalf of one who waits because his remote is away: he waits on. */
function stillAway(deduction: Deduction, input: DeductionInput, cases: CaseChange[]): Deduction | undefined {
  const { attention } = deduction;
  if (input.type !== 'outcome' || input.isProbe !== true || isHeard(input.answer)) return undefined;
  if (attention?.type !== 'retried' || attention.cause !== 'remote_away') return undefined;
  return held(deduction, attention.leg, attention.cause, input, cases);
}

/** What an operator's input leads to at once; whatever else there is to do is left to a worker. */
function operate(
  order: Order,
  deduction: Deduction,
  input: DeductionInput,
  policies: Policies,
  messages: Message[],
  { now, wakeAfterMs }: Pick<AdvanceFacts, 'now' | 'wakeAfterMs'>,
): { deduction: Deduction; verdict: Verdict } | undefined {
  switch (input.type) {
    case 'delivery':
    case 'outcome':
    case 'gave_up':
      return undefined;
    case 'look_up': {
      const leg = deduction[input.leg];
      const call = lookUpOf(
        input.leg,
        leg,
        input.late ?? directionOf(leg, deduction.goal),
        policies[input.leg],
      );
      const intended = intend(deduction, call, policies, now);
      return {
        deduction: { ...intended, wakeBy: intended.lease?.until },
        verdict: { type: 'call', attempt: attemptOf(deduction, intended, call, policies, now) },
      };
    }
    case 'looked_up':
      if (deduction.attention?.type === 'held') return undefined;
      break;
    case 'retry':
    case 'resolve':
      break;
  }
  messages.push(deductionDue(order, deduction, undefined));
  return { deduction: { ...deduction, wakeBy: after(now, wakeAfterMs) }, verdict: { type: 'release' } };
}

/** What the next step has to reckon with: a retry that met a remote's refused set-up has not helped, either. */
function attend(deduction: Deduction, stage: Stage, input: DeductionInput, policies: Policies, now: Date) {
  const { attention } = deduction;
  const told = toldBy(input);
  if (attention?.type === 'retried' && told !== undefined && misconfigurationOf(told.answer) !== undefined) {
    return { action: { type: 'hold', cause: attention.cause }, leg: attention.leg } as const;
  }
  return { action: ruling(deduction, stage, policies, now), leg: actingLeg(deduction) };
}

function watched(deduction: Deduction, step: Step, now: Date): Deduction {
  if (step.type === 'rest') return atRest(deduction, now);
  return { ...deduction, wakeBy: isAway(deduction) ? now : after(now, stuckLookMs) };
}

/** It waits because its remote is away: the sweeper wakes it only when that is back, and then it goes on. */
function isAway({ attention }: Deduction): boolean {
  return attention?.type === 'held' && attention.cause === 'remote_away';
}

/** Nothing is left to do now; the sweeper alone brings a deduction back for its late look. */
function atRest(deduction: Deduction, now: Date): Deduction {
  const { lateCheck, wakeBy: before } = deduction;
  // One that is due and cannot be made waits for its channel's file to be back.
  const wakeBy = lateCheck !== undefined && lateCheck.at <= now ? after(now, stuckLookMs) : lateCheck?.at;
  return before?.getTime() === wakeBy?.getTime() ? deduction : { ...deduction, wakeBy };
}

function toldBy(input: DeductionInput): Told | undefined {
  return input.type === 'outcome' || input.type === 'looked_up' ? input : undefined;
}

/** Looked at after `until` at the latest; untouched where it is due to be anyway, so that a duplicate writes nothing. */
function notLaterThan(deduction: Deduction, until: Date, wakeAfterMs: number): Deduction {
  const wakeBy = after(until, wakeAfterMs);
  const isDueAnyway =
    deduction.wakeBy !== undefined && deduction.wakeBy >= until && deduction.wakeBy <= wakeBy;
  return isDueAnyway ? deduction : { ...deduction, wakeBy };
}

/**
 * An order that turns, or comes to its next stage, wakes each deduction that has something to do now and that nobody is
 * calling for; a caller sees it in its own outcome. `exceptId` is the deduction that takes its next step anyway.
 */
function wakeMoved(
  before: Settlement,
  decided: Settlement,
  exceptId: string | undefined,
  { messages, cases }: Collected,
  facts: AdvanceFacts,
): Settlement {
  const moved = {
    order: decided.order,
    deductions: decided.deductions.map((deduction, index) =>
      recovered(before.deductions[index] ?? deduction, deduction, cases),
    ),
  };
  const stage = stageOf(moved.deductions);
  if (before.order.status !== 'settling') return moved;
  const hasTurned = decided.order.reason !== undefined;
  if (!hasTurned && stage === stageOf(before.deductions)) return moved;
  const { now, policiesOf, wakeAfterMs } = facts;
  const deductions = moved.deductions.map((deduction) => {
    if (deduction.id === exceptId || deduction.lease !== undefined) return deduction;
    const step = nextStep(deduction, stage, policiesOf(deduction.channel), now);
    switch (step.type) {
      case 'rest':
        return atRest(deduction, now);
      case 'wait':
        messages.push(deductionDue(decided.order, deduction, step.until));
        return { ...deduction, wakeBy: after(step.until, wakeAfterMs) };
      case 'call':
      case 'stuck':
        messages.push(deductionDue(decided.order, deduction, undefined));
        return { ...deduction, wakeBy: after(now, wakeAfterMs) };
    }
  });
  return { order: decided.order, deductions };
}

function deductionDue(order: Order, { id, channel }: Deduction, availableAt: Date | undefined): Message {
  const { id: orderRowId, traceparent } = order;
  return { type: 'deduction_due', deductionId: id, orderRowId, channel, availableAt, traceparent };
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
