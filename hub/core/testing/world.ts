/**
 * A world around the core in virtual time: one order, its remotes, messages and workers. A list of choices decides
 * every fault (requests lost or late, answers lost, crashes between any two steps, messages lost or doubled); when
 * it is used up, everything goes well. What the walk saw is checked at each step by `witness`.
 */
import type { LookUpOutcome, Outcome } from '@points-hub/adapters';
import { directionOfAction, lookUpOfAction } from '../action.ts';
import { advance, type Attempt, type DeductionInput, type Message } from '../advance.ts';
import type { Callback, CallbackEffect } from '../callback.ts';
import type { Answer, Deduction, Policies } from '../deduction.ts';
import { operationKey } from '../operation-key.ts';
import type { Settlement } from '../order.ts';
import { remoteModel, type Nature, type RemoteModel, type Twist } from './remote-model.ts';
import { at, deduction, settlement } from './samples.ts';

export interface Scenario {
  readonly deductions: readonly { readonly points: Nature; readonly quota: Nature }[];
  readonly choices: readonly number[];
  /** Whether channels tell by themselves how an operation stands: early, late, twice, out of order. Default: not. */
  readonly tells?: boolean;
}

export interface Remotes {
  readonly points: RemoteModel;
  readonly quota: RemoteModel;
}

/** One step of the walk, as a check sees it. */
export interface Sight {
  readonly before: Settlement;
  readonly after: Settlement;
  readonly attempt: Attempt | undefined;
  readonly now: Date;
  readonly policiesOf: (channel: string) => Policies;
  readonly remotesOf: (channel: string) => Remotes;
}

export interface Walk {
  readonly end: Settlement;
  readonly stuck: ReadonlySet<string>;
  readonly calls: number;
  readonly fates: ReadonlySet<Fate>;
  /** What callbacks came to. */
  readonly effects: readonly CallbackEffect[];
  readonly remotesOf: (channel: string) => Remotes;
}

/** What can become of one call. All but the first are faults. */
export const allFates = [
  'answered',
  'answer lost',
  'request lost',
  'request late',
  'not sent',
  'misconfigured',
  'crash before sending',
  'crash after sending',
  'crash, request late',
  'recorded too late',
  'refused for now',
  'half taken',
] as const;
export type Fate = (typeof allFates)[number];

const stepsMax = 4_000;
const begin = at(0).getTime();

export function walk(
  { deductions, choices, tells = false }: Scenario,
  witness: (sight: Sight) => void,
): Walk {
  const remotes = deductions.map(({ points, quota }) => ({
    points: remoteModel(points),
    quota: remoteModel(quota),
  }));
  const remotesOf = (channel: string): Remotes => of(remotes, Number(channel));
  const policiesOf = (channel: string): Policies => {
    const { points, quota } = of(deductions, Number(channel));
    const backoff = { firstMs: 250, maxMs: 60_000 };
    return { points: points.policy, quota: quota.policy, backoff, sendWindowMs: 5_000 };
  };
  let state = settlement(
    deductions.map(({ points: { holds = false } }, index) =>
      deduction({ id: `d${index}`, channel: `${index}`, keyBase: `${index}`, wakeBy: at(5), holds }),
    ),
  );
  let nowMs = begin;
  let nextChoice = 0;
  let calls = 0;
  const stuck = new Set<string>();
  const fates = new Set<Fate>();
  const effects: CallbackEffect[] = [];
  const kept = new Map<string, Callback>();
  let told = 0;
  const agenda: { readonly atMs: number; readonly run: () => void }[] = [];

  function choose(options: number): number {
    const choice = choices[nextChoice] ?? 0;
    nextChoice += 1;
    return choice % options;
  }
  function later(delayMs: number, run: () => void): void {
    agenda.push({ atMs: nowMs + delayMs, run });
  }

  function take(input: DeductionInput): void {
    const before = state;
    const now = new Date(nowMs);
    const result = advance(before, [input], {
      now,
      policiesOf,
      random: () => 0.5,
      wakeAfterMs: 5_000,
      callbacks: [...kept.values()],
    });
    state = result.settlement;
    for (const { id, effect } of result.heard) {
      kept.delete(id);
      effects.push(effect);
    }
    const [verdict] = result.verdicts;
    const attempt = verdict?.type === 'call' ? verdict.attempt : undefined;
    witness({ before, after: state, attempt, now, policiesOf, remotesOf });
    if (verdict?.type === 'stuck') stuck.add(input.deductionId);
    else if (verdict?.type === 'call') stuck.delete(input.deductionId);
    result.messages.forEach(post);
    if (attempt !== undefined) call(attempt);
  }

  function post(message: Message): void {
    if (message.type !== 'deduction_due') return;
    const { deductionId, availableAt } = message;
    const delayMs = Math.max(0, (availableAt?.getTime() ?? nowMs) - nowMs);
    const deliver = (): void => take({ type: 'delivery', deductionId });
    const fate = choose(8);
    if (fate === 1) return;
    later(fate === 3 ? delayMs + 90_000 : delayMs, deliver);
    if (fate === 2) later(delayMs + 7, deliver);
  }

  function call(attempt: Attempt): void {
    calls += 1;
    const { [attempt.call.leg]: policy, sendWindowMs } = policiesOf(attempt.channel);
    const { [attempt.call.leg]: remote } = remotesOf(attempt.channel);
    const overMs = sendWindowMs + policy.callDeadlineMs;
    const isLookUp = lookUpOfAction(attempt.call.action) !== undefined;
    const fate = of(allFates, choose(allFates.length));
    fates.add(fate);
    const report = (afterMs: number, outcome: Outcome | LookUpOutcome): void =>
      later(afterMs, () => take(outcomeOf(attempt, outcome)));
    const arrive = (
      afterMs: number,
      twist: Twist,
      answered?: (outcome: Outcome | LookUpOutcome) => void,
    ): void =>
      later(afterMs, () => {
        const isForward = directionOfAction(attempt.call.action) === 'deduct';
        const effective = isForward ? twist : 'none';
        // Apart from its answer, which may be lost: an optional call would not even make the request.
        const outcome = isLookUp ? remote.look(attempt, nowMs) : remote.receive(attempt, nowMs, effective);
        answered?.(outcome);
        if (tells && !isLookUp && attempt.call.leg === 'points') {
          const { lagMs, pendingMs } = of(deductions, Number(attempt.channel)).points;
          tell(attempt, choose(2) * Math.max(lagMs, pendingMs));
        }
      });
    const lateMs = (): number => Math.min(overMs - 1, choose(100) * 100);
    const evidence = {};
    switch (fate) {
      case 'answered':
        return arrive(10, 'none', (outcome) => report(10, outcome));
      case 'refused for now':
        return arrive(10, 'poor', (outcome) => report(10, outcome));
      case 'half taken':
        return arrive(10, 'half', (outcome) => report(10, outcome));
      case 'recorded too late':
        return arrive(10, 'none', (outcome) => report(overMs + 3_000, outcome));
      case 'answer lost':
        arrive(10, 'none');
        return report(policy.callDeadlineMs, { type: 'unknown', cause: 'timeout', evidence });
      case 'request lost':
        return report(policy.callDeadlineMs, { type: 'unknown', cause: 'timeout', evidence });
      case 'request late':
        arrive(lateMs(), 'none');
        return report(20, { type: 'unknown', cause: 'connection_lost', evidence });
      case 'not sent':
        return report(10, { type: 'not_sent', cause: 'connect_failed', evidence });
      case 'misconfigured':
        return report(10, { type: 'misconfigured', code: 'authentication', evidence });
      case 'crash before sending':
        return;
      case 'crash after sending':
        return arrive(10, 'none');
      case 'crash, request late':
        return arrive(lateMs(), 'none');
    }
  }

  /** What the remote says of an operation after `afterMs` reaches us, perhaps twice, when something else may be true. */
  function tell({ key, call: { action }, channel, deductionId }: Attempt, afterMs: number): void {
    const direction = directionOfAction(action);
    later(afterMs, () => {
      const { points } = remotesOf(channel);
      const found = points.find(key, nowMs);
      if (found.type !== 'found') return;
      const said = choose(5) === 1 ? ({ type: 'hint', evidence: {} } as const) : found.outcome;
      for (let copies = choose(3); copies > 0; copies -= 1) {
        later(choose(200) * 100, () => {
          told += 1;
          const id = `c${told}`;
          kept.set(id, { id, deductionId, direction, said, receivedAt: new Date(nowMs) });
          bring(id, deductionId);
        });
      }
    });
  }

  /** Its message, and after that the sweeper's, until somebody has taken it in. */
  function bring(id: string, deductionId: string): void {
    take({ type: 'delivery', deductionId });
    if (kept.has(id)) later(5_000, () => bring(id, deductionId));
  }

  deductions.forEach((_, index) => later(0, () => take({ type: 'delivery', deductionId: `d${index}` })));
  for (let steps = 0; ; steps += 1) {
    if (steps === stepsMax) throw new Error(`after ${stepsMax} steps no end is in sight`);
    const next = agenda.toSorted((one, other) => one.atMs - other.atMs)[0];
    const overdue = state.deductions
      .filter(({ id, wakeBy }) => wakeBy !== undefined && !stuck.has(id))
      .toSorted((one, other) => wakeMs(one) - wakeMs(other))[0];
    if (overdue !== undefined && (next === undefined || wakeMs(overdue) < next.atMs)) {
      nowMs = Math.max(nowMs, wakeMs(overdue));
      take({ type: 'delivery', deductionId: overdue.id });
    } else if (next !== undefined) {
      agenda.splice(agenda.indexOf(next), 1);
      nowMs = next.atMs;
      next.run();
    } else {
      return { end: state, stuck, calls, fates, effects, remotesOf };
    }
  }
}

/** The forward key of a leg of `one`, under which its remote's books have it. */
export function forwardKey({ keyBase }: Deduction, leg: 'points' | 'quota'): string {
  return operationKey(keyBase, leg, 'deduct');
}

function outcomeOf(attempt: Attempt, outcome: Outcome | LookUpOutcome): DeductionInput {
  const { deductionId, token, call, intendedAt } = attempt;
  const answer = (
    lookUpOfAction(call.action) !== undefined ? { type: 'found_out', outcome } : { type: 'acted', outcome }
  ) as Answer;
  return { type: 'outcome', deductionId, token, call, answer, intendedAt };
}

function wakeMs({ wakeBy }: Deduction): number {
  return wakeBy?.getTime() ?? Infinity;
}

function of<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`no item ${index}`);
  return item;
}
