/**
 * One seed, one world: malls, processes that run the hub's own settlement, a database, a broker and remotes that do
 * whatever they may, in virtual time. `docs/simulation.md` says what is simulated and what is audited.
 */
import type { Deduction } from '../core/deduction.ts';
import type { Settler } from '../settlement/settle.ts';
import { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import { Audit, isEnded, isGivenBack, type Finding } from './audit.ts';
import { Dice } from './dice.ts';
import { Faults } from './faults.ts';
import { startHubInstance, type DatabaseLink } from './hub-instance.ts';
import { HubProcess, type World } from './hub-process.ts';
import { startMalls } from './malls.ts';
import { Messaging } from './messaging.ts';
import { channelKinds, hardKinds, portalNature, type ChannelKind } from './natures.ts';
import { relay } from './relay.ts';
import { RemoteBooks, type Nature } from './remote-books.ts';
import type { RemoteWorld, SimulatedRemote } from './remotes.ts';
import type { RuleSet } from './rules.ts';
import { Trace } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

export interface SeedResult {
  readonly seed: number;
  readonly finding: Finding | undefined;
  readonly orders: number;
  /** Orders and refunds that wait for a person, for a reason that their channels allow. */
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
/** So long the world goes on when all orders have ended: what is late then must change nothing. */
const aftermathMs = 100_000;
const wakeAfterMs = 5_000;
const sweepIntervalMs = 4_000;

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

  const instances: { process: HubProcess; settler: Settler }[] = [];
  const link = databaseLink(world);
  const messaging = new Messaging(world, (rule, detail) => audit.report(rule, detail));
  const publish = relay(world, messaging, () => instances.map(({ process }) => process));
  const database = new MemoryDatabase({
    now: () => time.now(),
    random: () => dice.roll(),
    wakeAfterMs,
    onCommit: (commit) => audit.committed(commit),
    onAppended: publish,
  });
  const policiesOf = (channel: string) => kindOf(kinds, channel).policies;

  function start(name: string, place: number): void {
    const process = new HubProcess(name, world);
    process.whenDead(() => time.after(dice.whole(100, 8_000), () => start(name, place)));
    const settler = startHubInstance(process, {
      world: remotes.world,
      database,
      link,
      messaging,
      policiesOf,
      wakeAfterMs,
      sweepIntervalMs,
      onError: (error) => audit.report('nothing throws', String(error)),
    });
    instances[place] = { process, settler };
  }
  const processes = dice.whole(2, 3);
  for (let place = 0; place < processes; place += 1) start(`hub ${place + 1}`, place);
  const orders = dice.whole(6, 24);
  startMalls({ world: remotes.world, database, link, audit, apis: () => instances, orders, placedWithinMs });

  const hasFinding = (): boolean => audit.finding !== undefined;
  let things = await time.run(faultsForMs + lastPlacedMs, hasFinding);
  things += await time.run(faultsForMs + calmMs, () => hasFinding() || audit.allHasEnded);
  things += await time.run(time.elapsedMs + aftermathMs, hasFinding);
  const stuck = hasFinding() ? 0 : auditEnd(database, audit, kinds);
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

/** What must hold when all is over. @returns how many orders and refunds need a person */
function auditEnd(database: MemoryDatabase, audit: Audit, kinds: ReadonlyMap<string, ChannelKind>): number {
  const isStuck = (deduction: Deduction): boolean => mayBeStuck(deduction, kinds);
  let stuck = 0;
  for (const { order, deductions } of database.settlements()) {
    const own = deductions.filter(({ refund }) => refund === undefined);
    if (isEnded(order)) {
      audit.compareBooks({ order, deductions });
      const watched = own.filter(({ wakeBy, lease }) => wakeBy !== undefined || lease !== undefined);
      if (watched.length > 0) audit.report('an ended order is let rest', `order ${order.orderId}`);
      const wasTold = own.length === 0 || audit.wasTold(`${order.orderId} ${order.status}`);
      if (!wasTold)
        audit.report('an end is told once', `order ${order.orderId} is ${order.status}, and nobody knows`);
    } else if (own.some(isStuck)) {
      stuck += 1;
    } else {
      audit.report(
        'every order ends',
        `order ${order.orderId} is ${order.status}: ${own.map(inWords).join(', ')}`,
      );
    }
    for (const line of deductions.filter(({ refund }) => refund !== undefined)) {
      if (isGivenBack(line)) continue;
      if (isStuck(line)) stuck += 1;
      else audit.report('every refund ends', `order ${order.orderId}, ${inWords(line)}`);
    }
  }
  return stuck;
}

/** Whether it waits for a person, and the kind of its channel, or a refusal to give back, allows it. */
function mayBeStuck(deduction: Deduction, kinds: ReadonlyMap<string, ChannelKind>): boolean {
  if (deduction.attention?.type !== 'held') return false;
  const { mayStick } = kindOf(kinds, deduction.channel);
  return mayStick || deduction.points.state === 'undo_refused' || deduction.quota.state === 'undo_refused';
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

function openRemotes(
  world: World,
  kinds: ReadonlyMap<string, ChannelKind>,
): { readonly world: RemoteWorld; auditBy(audit: Audit): void } {
  let audit: Audit | undefined;
  function open(leg: 'points' | 'quota', nature: Nature): SimulatedRemote {
    const { dice, time } = world;
    const isScarce = dice.chance(0.2);
    const books = new RemoteBooks({
      nature,
      dice,
      time,
      balanceOf: () => (isScarce ? 6e4 : 1e8),
      onRequest: (request) => audit?.requested(leg, request),
      onMoved: (movement) => audit?.moved(leg, movement),
    });
    // A refusal that is not remembered is worth nothing if the same request may be asked once more by a proxy.
    return { books, mayDouble: nature.policy.remembersRejections, awayUntilMs: 0, shortUntilMs: new Map() };
  }
  const channels = new Map([...kinds].map(([id, { nature }]) => [id, open('points', nature)]));
  return {
    world: { ...world, portal: open('quota', portalNature), channels },
    auditBy: (one) => {
      audit = one;
    },
  };
}

/** A database that goes away now and then, for all processes at once. */
function databaseLink({ dice, time, faults }: World): DatabaseLink {
  let awayUntilMs = 0;
  return {
    isAway: () => {
      if (time.nowMs < awayUntilMs) return true;
      if (!dice.chance(0.02) || !faults.strikes('database away')) return false;
      awayUntilMs = time.nowMs + dice.whole(200, 15_000);
      return true;
    },
  };
}
