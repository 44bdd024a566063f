/**
 * One seed, one world: malls, processes that run the hub's own settlement, a database, a broker and remotes that do
 * whatever they may, in virtual time. `docs/simulation.md` says what is simulated and what is audited.
 */
import type { Deduction } from '../core/deduction.ts';
import { isWaiting } from '../settlement/testing/memory-case-rows.ts';
import { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import { Audit, isEnded, isGivenBack, type Finding } from './audit.ts';
import { CallAudit } from './call-audit.ts';
import { CaseAudit } from './case-audit.ts';
import { callbackSenders, type CallbackSenders } from './callback-senders.ts';
import { databaseLink } from './database-link.ts';
import { DeadLetterAudit } from './dead-letter-audit.ts';
import { Dice } from './dice.ts';
import { Faults } from './faults.ts';
import { names, startHubInstance, type HubInstance } from './hub-instance.ts';
import { HubProcess, type World } from './hub-process.ts';
import { startMalls } from './malls.ts';
import { Messaging } from './messaging.ts';
import { channelKinds, hardKinds, portalNature, type ChannelKind } from './natures.ts';
import { OperationAudit } from './operation-audit.ts';
import { startOperators } from './operators.ts';
import { relay } from './relay.ts';
import type { Nature } from './book-requests.ts';
import { RemoteBooks } from './remote-books.ts';
import type { RemoteWorld, SimulatedRemote } from './remotes.ts';
import type { Rule, RuleSet } from './rules.ts';
import { Trace } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

export interface SeedResult {
  readonly seed: number;
  readonly finding: Finding | undefined;
  readonly orders: number;
  /** Orders and refunds that waited for a person once nothing went wrong any more. */
  readonly stuck: number;
  readonly things: number;
  readonly hash: string;
  /** How often each fault, arrow and call was met. */
  readonly met: ReadonlyMap<string, number>;
}

const placedWithinMs = 40_000;
const faultsForMs = 90_000;
/** A mall that could not place its order while things went wrong has placed it so long after. */
const lastPlacedMs = 10_000;
/** Once nothing goes wrong any more, every order ends within this time. */
const calmMs = 1_200_000;
/** Once people work off what is left, everything ends within this time. */
const workOffMs = 1_800_000;
/** So often somebody looks whether everything rests. */
const restLookMs = 10_000;
/** So long the world goes on when all orders have ended: what is late then must change nothing. */
const aftermathMs = 100_000;
const wakeAfterMs = 5_000;
const sweepIntervalMs = 4_000;
/** Shorter than in the product, where most outages would be over. */
const awayMaxMs = 4_000;

export interface SimulateOptions {
  /** Gets each line of what happens. */
  readonly print?: (line: string) => void;
  /** Which findings end the run. Default: all. */
  readonly rules?: RuleSet;
}

export async function simulate(seed: number, options: SimulateOptions = {}): Promise<SeedResult> {
  const dice = new Dice(seed);
  const time = new VirtualTime();
  const faults = new Faults(dice, time, faultsForMs);
  const trace = new Trace(options.print);
  const world: World = { dice, time, faults, trace };
  const kinds = chooseKinds(dice);
  const remotes = openRemotes(world, kinds);
  const audit = new Audit(remotes.world, options.rules ?? 'all');
  remotes.auditBy(audit);

  const report = (rule: Rule, detail: string): void => audit.report(rule, detail);
  const met = (what: string): void => faults.met(what);

  const instances: HubInstance[] = [];
  const link = databaseLink(world);
  const deadLetters = new DeadLetterAudit(() => database.tables.cases.cases(), report);
  const messaging = new Messaging({
    world,
    deadLetters: names.deadLetters,
    report,
    onDeadLetterDone: (messageId, body) => deadLetters.acknowledged(messageId, body),
  });
  const publish = relay(world, messaging, () => instances.map(({ process }) => process));
  const cases = new CaseAudit({ tables: () => database.tables, report, met });
  const operationAudit = new OperationAudit({ report, met });
  const database: MemoryDatabase = new MemoryDatabase({
    now: () => time.now(),
    random: () => dice.roll(),
    wakeAfterMs,
    onCommit: (commit) => {
      audit.committed(commit);
      cases.committed(commit);
    },
    onOperation: (commit) => operationAudit.committed(commit),
    onCorrected: (line, order) => audit.correctionPlaced(line, order),
    onAppended: publish,
  });
  const policiesOf = (channel: string) => kindOf(kinds, channel).policies;
  const processes = dice.whole(2, 3);
  const calls = new CallAudit({
    kinds,
    processes,
    isProbed: (remote) => database.tables.remotes.get(remote)?.breaker.state === 'half_open',
    time,
    met,
    report,
  });

  function start(name: string, place: number): void {
    const process = new HubProcess(name, world);
    process.whenDead(() => time.after(dice.whole(100, 8_000), () => start(name, place)));
    instances[place] = startHubInstance(process, {
      world: remotes.world,
      kinds,
      database,
      link,
      messaging,
      calls,
      policiesOf,
      wakeAfterMs,
      sweepIntervalMs,
      awayMaxMs,
      report,
    });
  }
  for (let place = 0; place < processes; place += 1) start(`hub ${place + 1}`, place);
  const orders = dice.whole(6, 24);
  const malls = startMalls({
    world: remotes.world,
    kinds,
    database,
    link,
    audit,
    apis: () => instances,
    orders,
    placedWithinMs,
  });
  const senders = callbackSenders({ world: remotes.world, kinds, instances: () => instances, report });
  remotes.tellTo({
    told: (channel, told) => {
      senders.told(channel, told);
      malls.told(told);
    },
  });
  const operators = startOperators({
    world: remotes.world,
    database,
    cases,
    report,
    instances: () => instances,
  });

  const hasFinding = (): boolean => audit.finding !== undefined;
  /** Goes on until `isOver`, which is looked at every now and then. */
  async function runUntil(untilMs: number, isOver: () => boolean): Promise<number> {
    let done = 0;
    // By a clock of its own: the world's stands still where nothing happens.
    for (let atMs = time.elapsedMs; atMs < untilMs && !hasFinding() && !isOver(); atMs += restLookMs)
      done += await time.run(atMs + restLookMs, hasFinding);
    return done;
  }
  const left = () => leftOver(database, audit, messaging);
  let things = await time.run(faultsForMs + lastPlacedMs, hasFinding);
  things += await runUntil(faultsForMs + calmMs, () => left().moving.length === 0);
  if (left().moving.length > 0) report('every order ends', left().moving.join('; '));
  const stuck = left().waiting;
  operators.workOff();
  const isDone = (): boolean => left().cases === 0 && audit.allHasEnded && !isLookedAtLater(database);
  things += await runUntil(time.elapsedMs + workOffMs, isDone);
  things += await time.run(time.elapsedMs + aftermathMs, hasFinding);
  things += await runUntil(time.elapsedMs + workOffMs, isDone);
  if (!hasFinding()) auditEnd(database, audit, cases);
  return {
    seed,
    finding: audit.finding,
    orders,
    stuck,
    things,
    hash: trace.hash(),
    met: new Map([...faults.counts, ...audit.met]),
  };
}

/** What has not ended, and whether it waits for a person or for something that comes by itself. */
function leftOver(
  database: MemoryDatabase,
  audit: Audit,
  messaging: Messaging,
): { readonly moving: readonly string[]; readonly waiting: number; readonly cases: number } {
  const moving: string[] = [];
  let waiting = 0;
  if (messaging.deadLetters > 0) moving.push(`${messaging.deadLetters} dead letters`);
  if (!audit.allHasEnded) {
    for (const { order, deductions } of database.settlements()) {
      const own = deductions.filter(({ refund }) => refund === undefined);
      const lines = deductions.filter((line) => line.refund !== undefined && !isGivenBack(line));
      const subjects = [...(isEnded(order) ? [] : [own]), ...lines.map((line) => [line])];
      for (const subject of subjects) {
        if (subject.some(waitsForAPerson)) waiting += 1;
        else moving.push(`order ${order.orderId} is ${order.status}: ${subject.map(inWords).join(', ')}`);
      }
    }
  }
  return { moving, waiting, cases: database.tables.cases.cases().filter(isWaiting).length };
}

/** Whether something is to be looked at once more that was held to be without effect. */
function isLookedAtLater(database: MemoryDatabase): boolean {
  return [...database.settlements()].some(({ deductions }) =>
    deductions.some(({ lateCheck }) => lateCheck !== undefined),
  );
}

/** At the end no remote is away, so whoever waits for one has to go on by himself. */
function waitsForAPerson({ attention }: Deduction): boolean {
  return attention?.type === 'held' && attention.cause !== 'remote_away';
}

/** What must hold when all is over. */
function auditEnd(database: MemoryDatabase, audit: Audit, cases: CaseAudit): void {
  for (const { order, deductions } of database.settlements()) {
    const own = deductions.filter(({ refund }) => refund === undefined);
    if (isEnded(order)) {
      audit.compareBooks({ order, deductions });
      const watched = own.filter(({ wakeBy, lease }) => wakeBy !== undefined || lease !== undefined);
      if (watched.length > 0) audit.report('an ended order is let rest', `order ${order.orderId}`);
      const wasTold = own.length === 0 || audit.wasTold(`${order.orderId} ${order.status}`);
      if (!wasTold)
        audit.report('an end is told once', `order ${order.orderId} is ${order.status}, and nobody knows`);
    } else {
      audit.report(
        'every order ends',
        `order ${order.orderId} is ${order.status}: ${own.map(inWords).join(', ')}`,
      );
    }
    for (const line of deductions) {
      if (line.refund !== undefined && !isGivenBack(line))
        audit.report('every refund ends', `order ${order.orderId}, ${inWords(line)}`);
    }
  }
  cases.auditCases();
  for (const { channel, eventId, known, appliedAt, wakeBy } of database.tables.callbacks.rows()) {
    const isKept = known === undefined ? wakeBy === undefined : appliedAt !== undefined;
    if (!isKept) audit.report('no callback is lost', `${eventId} of ${channel}`);
  }
  for (const { id, cause, state } of database.tables.cases.cases().filter(isWaiting))
    audit.report('every case ends', `case ${id} is ${state}: ${cause}`);
}

function inWords({ id, channel, points, quota }: Deduction): string {
  return `deduction ${id} at ${channel}: points ${points.state}, quota ${quota.state}`;
}

function chooseKinds(dice: Dice): Map<string, ChannelKind> {
  const chosen = dice.some(channelKinds, 5);
  if (dice.chance(0.15)) chosen.push(dice.pick(hardKinds));
  return new Map(chosen.map((kind, index) => [`channel-${index + 1}`, kind]));
}

function kindOf(kinds: ReadonlyMap<string, ChannelKind>, channel: string): ChannelKind {
  const kind = kinds.get(channel);
  if (kind === undefined) throw new Error(`there is no channel ${channel}`);
  return kind;
}

/** Of each holder, in hundredths: now and then too little for all that is asked. */
function drawnBalance(dice: Dice): number {
  return dice.chance(0.2) ? 6e4 : 1e8;
}

/** The remotes of a world, with their books. */
export function openRemotes(
  world: World,
  kinds: ReadonlyMap<string, ChannelKind>,
  balanceFor = drawnBalance,
): { readonly world: RemoteWorld; auditBy(audit: Audit): void; tellTo(senders: CallbackSenders): void } {
  let audit: Audit | undefined;
  let senders: CallbackSenders | undefined;
  function open(leg: 'points' | 'quota', nature: Nature, channel = ''): SimulatedRemote {
    const { dice, time } = world;
    const balance = balanceFor(dice);
    const books = new RemoteBooks({
      nature,
      dice,
      time,
      balanceOf: () => balance,
      onRequest: (request) => audit?.requested(leg, request),
      onMoved: (movement) => audit?.moved(leg, movement),
      onTold: (told) => senders?.told(channel, told),
    });
    // A refusal that is not remembered is worth nothing if the same request may be asked once more by a proxy.
    return {
      books,
      mayDouble: nature.policy.remembersRejections,
      awayUntilMs: 0,
      awayAs: 'refusing',
      shortUntilMs: new Map(),
    };
  }
  const channels = new Map([...kinds].map(([id, { nature }]) => [id, open('points', nature, id)]));
  return {
    world: { ...world, portal: open('quota', portalNature), channels },
    auditBy: (one) => {
      audit = one;
    },
    tellTo: (one) => {
      senders = one;
    },
  };
}
