/**
 * The people: they look at cases and do something about them, several at a time on the same one, through processes
 * that die. What they state is true; whether it is still wanted when it arrives is for the hub to know.
 */
import type { Remote } from '../core/breaker.ts';
import { HubError } from '../errors.ts';
import type { Caller } from '../operations/caller.ts';
import { callerNamed } from '../operations/testing/caller.ts';
import type { Done, Wish } from '../operations/wish.ts';
import type { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import { anyCase } from '../settlement/testing/any-case.ts';
import type { CaseSummary, CaseView } from '../store/cases.ts';
import type { CaseAudit } from './case-audit.ts';
import { isAway } from './database-link.ts';
import { completedByHand, directionAsked, truthOf, type LegCase } from './evidence.ts';
import type { HubInstance } from './hub-instance.ts';
import type { RemoteWorld } from './remotes.ts';
import type { Rule } from './rules.ts';

export interface OperatorsOptions {
  readonly world: RemoteWorld;
  readonly database: MemoryDatabase;
  readonly instances: () => readonly HubInstance[];
  readonly cases: CaseAudit;
  readonly report: (rule: Rule, detail: string) => void;
}

export interface Operators {
  /** From now on every waiting case is retried, and then resolved, until none is left. */
  workOff(): void;
}

const people = [callerNamed('ann', '1'), callerNamed('ben', '2'), callerNamed('cem', '3')] as const;
const thinksMaxMs = 12_000;
const resumeAgainMs = 4_000;
const pauseArrivesWithinMs = 120_000;
/** Between two looks at the same case when everything is to be worked off: long enough for a retry to work. */
const workOffEveryMs = 45_000;
const casesMax = 100;

type Act = 'claim' | 'note' | 'query' | 'retry' | 'resolve' | 'ignore' | 'restore';

/** People begin to work; until the faults are over they do so by chance, with doubtful diligence. */
export function startOperators(options: OperatorsOptions): Operators {
  const { world } = options;
  const { dice, time, faults } = world;

  function workByChance(caller: Caller): void {
    time.after(dice.whole(1_000, 9_000), () => {
      if (faults.areOver) return;
      void lookAround(caller);
      workByChance(caller);
    });
  }

  async function lookAround(caller: Caller): Promise<void> {
    if (dice.chance(0.04)) pauseAndResume(options, caller);
    const found = await list(options, caller, dice.chance(0.8) ? 'open' : 'ignored');
    if (found.length === 0) return;
    const chosen = dice.pick(found);
    // Somebody else looks after it; not everybody cares.
    if (chosen.claimedBy !== null && chosen.claimedBy !== caller.name && dice.chance(0.7)) return;
    const view = await read(options, caller, chosen.id);
    if (view === undefined) return;
    const act = actByChance(view);
    const begin = (who: Caller): void =>
      time.after(dice.whole(0, thinksMaxMs), () => void perform(options, who, act, view));
    begin(caller);
    // Two decide upon the same sight of it.
    if (dice.chance(0.3)) begin(dice.pick(people));
  }

  function actByChance({ state, cause }: CaseView): Act {
    if (state === 'ignored') return dice.pick(['restore', 'restore', 'retry', 'resolve', 'query']);
    if (cause === 'misconfigured') return dice.pick(['claim', 'retry', 'retry', 'ignore', 'note']);
    return dice.pick(['claim', 'note', 'query', 'query', 'retry', 'retry', 'resolve', 'resolve', 'ignore']);
  }

  async function workOffOnce(caller: Caller, tries: Map<string, number>): Promise<void> {
    const waiting = [...(await list(options, caller, 'open')), ...(await list(options, caller, 'ignored'))];
    for (const { id } of waiting) {
      const view = await read(options, caller, id);
      if (view === undefined) continue;
      const tried = tries.get(id) ?? 0;
      tries.set(id, tried + 1);
      await perform(options, caller, nextAct(view, tried), view);
    }
  }

  /** Another try, then a look, then what the remote's own people say; some cases begin elsewhere in that round. */
  function nextAct({ id, state, cause }: CaseView, tried: number): Act {
    if (state === 'ignored') return 'restore';
    if (cause === 'misconfigured') return 'retry';
    return (['retry', 'query', 'claim', 'resolve'] as const)[(tried + Number(id)) % 4] ?? 'resolve';
  }

  for (const caller of people) workByChance(caller);
  return {
    workOff: () => {
      const tries = new Map<string, number>();
      const goOn = (): void => {
        void workOffOnce(people[0], tries);
        time.after(workOffEveryMs, goOn);
      };
      goOn();
    },
  };
}

/** Through a process that runs; undefined while there is none. Never answered where that one dies meanwhile. */
async function through<Result>(
  { world, instances, report }: OperatorsOptions,
  work: (instance: HubInstance) => Promise<Result>,
): Promise<Result | undefined> {
  const { dice, faults } = world;
  const running = instances().filter(({ process }) => process.isRunning);
  if (running.length === 0) return undefined;
  try {
    return await work(dice.pick(running));
  } catch (error) {
    if (error instanceof HubError) faults.met(`operation refused: ${error.code}`);
    else if (isAway(error)) faults.met('operation failed: the database is away');
    else report('nothing throws', `an operation: ${String(error)}`);
    return undefined;
  }
}

async function list(
  options: OperatorsOptions,
  caller: Caller,
  state: CaseSummary['state'],
): Promise<readonly CaseSummary[]> {
  const listed = await through(options, ({ operations }) =>
    operations.list(caller, { ...anyCase, state }, undefined, casesMax),
  );
  return listed?.cases ?? [];
}

function read(options: OperatorsOptions, caller: Caller, caseId: string): Promise<CaseView | undefined> {
  return through(options, ({ operations }) => operations.read(caller, caseId));
}

async function perform(options: OperatorsOptions, caller: Caller, act: Act, view: CaseView): Promise<void> {
  const { world, cases } = options;
  const wish = { caseId: view.id, caller, version: view.version, reason: 'as agreed' };
  const work = act === 'resolve' ? resolution(options, wish, view) : simpleWork(act, wish);
  if (work === undefined) return;
  const done = await through(options, work);
  if (done === undefined) return;
  world.faults.met(`operation ${act}`);
  note(world, `${caller.name} does ${act} on case ${view.id}: ${done.outcome}`);
  if (act !== 'note') cases.acted(view.id, view.version, caller.name);
  cases.auditCases();
}

type Work = (instance: HubInstance) => Promise<Done>;

function simpleWork(act: Exclude<Act, 'resolve'>, wish: Wish & { reason: string }): Work {
  switch (act) {
    case 'claim':
      return ({ operations }) => operations.claim(wish);
    case 'note':
      return ({ operations }) => operations.note({ ...wish, text: 'seen' });
    case 'query':
      return ({ operations }) => operations.query(wish);
    case 'retry':
      return ({ operations }) => operations.retry(wish);
    case 'ignore':
      return ({ operations }) => operations.ignore(wish);
    case 'restore':
      return ({ operations }) => operations.restore(wish);
  }
}

/** What is stated is true at this moment. Undefined where there is nothing yet that could be stated. */
function resolution(options: OperatorsOptions, wish: Wish, view: CaseView): Work | undefined {
  const { world } = options;
  const about = legOf(options, view);
  if (about === undefined) {
    if (view.cause === 'misconfigured') return undefined;
    return ({ operations }) => operations.resolve({ ...wish, truth: undefined, evidence: 'the log' });
  }
  // Only who looks after a case has a remote's people do something about it.
  if (view.claimedBy === wish.caller.name && completedByHand(world, about))
    world.faults.met('given back by hand');
  const truth = truthOf(world, about);
  const direction = directionAsked(about);
  if (truth === undefined) {
    world.faults.met('no truth to state yet');
    return undefined;
  }
  world.faults.met(`truth: ${truth.tookEffect ? 'took effect' : 'did not take effect'}`);
  return async (instance) => {
    try {
      return await instance.operations.resolve({ ...wish, truth, evidence: 'the statement of today' });
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'HUB_SECOND_PERSON_NEEDED') throw error;
      world.faults.met('two people needed');
      return instance.stateByTwo(wish, { truth, direction }, view.points);
    }
  };
}

function legOf({ database }: OperatorsOptions, view: CaseView): LegCase | undefined {
  const deductionId = database.tables.cases.case(view.id)?.deductionId ?? '';
  const found = database.tables.find(deductionId);
  return found === undefined || view.leg === null
    ? undefined
    : { view, leg: view.leg, deduction: found.deduction };
}

/** A remote is left alone by hand for a while; whoever paused it does not forget it. */
function pauseAndResume(options: OperatorsOptions, caller: Caller): void {
  const { world, database } = options;
  const { dice, time, faults, channels } = world;
  const remote = dice.pick<Remote>(['portal', ...[...channels.keys()].map((id): Remote => `channel:${id}`)]);
  const pausedAtMs = time.nowMs;
  const resume = (): void => {
    const isPaused = database.tables.remotes.get(remote)?.isPaused === true;
    if (isPaused) void through(options, ({ states }) => states.resume(remote));
    // A pause that a stopped process took along may come late.
    if (isPaused || time.nowMs < pausedAtMs + pauseArrivesWithinMs) time.after(resumeAgainMs, resume);
  };
  void through(options, ({ states }) => states.pause(remote));
  faults.met('paused by hand');
  note(world, `${caller.name} pauses ${remote}`);
  time.after(dice.whole(1_000, 25_000), resume);
}

function note({ trace, time }: RemoteWorld, line: string): void {
  trace.note(time.elapsedMs, line);
}
