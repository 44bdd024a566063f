import { pino, type Logger } from 'pino';
import type { Direction } from '../core/action.ts';
import type { Truth } from '../core/case.ts';
import type { Policies } from '../core/deduction.ts';
import { openOperations, type Operations } from '../operations/operations.ts';
import type { Done, Wish } from '../operations/wish.ts';
import type { ChannelStates } from '../settlement/channel-states-port.ts';
import { startDeadLetterDrain } from '../settlement/dead-letters.ts';
import type { Entrance } from '../settlement/entrance.ts';
import { settler, type Settler } from '../settlement/settle.ts';
import type { SettlementStore } from '../settlement/store-port.ts';
import { startSweeper } from '../settlement/sweeper.ts';
import type { Pauses } from '../settlement/testing/memory-channel-states.ts';
import type { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import { connectionLost } from '../settlement/testing/memory-tables.ts';
import { messageNames, type MessageNames } from '../settlement/topology.ts';
import { startWorker } from '../settlement/worker.ts';
import type { CallAudit } from './call-audit.ts';
import { isAway, type DatabaseLink } from './database-link.ts';
import { openHubGates, type HubGates } from './hub-gates.ts';
import { laterIn, type HubProcess } from './hub-process.ts';
import type { Messaging } from './messaging.ts';
import type { ChannelKind } from './natures.ts';
import { passageOf } from './passage.ts';
import { remotesOf, type RemoteWorld } from './remotes.ts';
import type { Rule } from './rules.ts';
import { stateByTwo } from './stated-by-two.ts';

export interface HubInstanceOptions {
  readonly world: RemoteWorld;
  readonly kinds: ReadonlyMap<string, ChannelKind>;
  readonly database: MemoryDatabase;
  readonly link: DatabaseLink;
  readonly messaging: Messaging;
  readonly calls: CallAudit;
  readonly policiesOf: (channel: string) => Policies;
  readonly wakeAfterMs: number;
  readonly sweepIntervalMs: number;
  readonly awayMaxMs: number;
  readonly report: (rule: Rule, detail: string) => void;
}

/** What a process serves to those outside. */
export interface HubInstance {
  readonly process: HubProcess;
  /** The mall API's way to settlement: it does not wait for a database that is away. */
  readonly settler: Settler;
  readonly operations: Operations;
  /** Where callbacks come in; it does not wait for a database that is away, either. */
  readonly callbacks: Pick<SettlementStore, 'keepCallback'>;
  /** @param points at stake, by the case */
  stateByTwo(
    wish: Wish,
    stated: { readonly truth: Truth; readonly direction: Direction },
    points: string | null,
  ): Promise<Done>;
  readonly states: ChannelStates & Pauses;
}

/** The names of queues and exchanges; each channel's queue is called as its channel. */
export const names: MessageNames = { ...messageNames(), queueOf: (channel) => channel };

/** Shorter than in the product, where a world's life is over. */
const callbackPatience = { unmatchedAfterMs: 40_000, retentionMs: 120_000 };

/** Starts what `run.ts` starts, in a process of the simulated world. */
export function startHubInstance(process: HubProcess, options: HubInstanceOptions): HubInstance {
  const { world, database, policiesOf, wakeAfterMs, report } = options;
  const { dice, time } = world;
  // No fault explains any other error that the code under test only logs.
  const log = silentLogger((error) => report('nothing throws', String(error)));
  const pass = passageOf(process, options);
  const direct = database.store(pass);
  const settlerOn = (store: SettlementStore, entrance?: Entrance): Settler =>
    settler({
      store,
      remotes: remotesOf(world, process, options.calls),
      ...(entrance === undefined ? {} : { entrance }),
      policiesOf,
      wakeAfterMs,
      takesCallbacks: (channel) => (options.kinds.get(channel)?.tells ?? 'none') !== 'none',
      log,
      monotonicMs: () => time.nowMs,
      random: () => dice.roll(),
      later: laterIn(process),
      onCommitted: () => undefined,
    });
  const subjects = {
    cases: database.caseStore(pass),
    policiesOf,
    random: () => dice.roll(),
    wakeAfterMs,
  };
  void startRoles(process, options, direct, settlerOn, log);
  return {
    process,
    settler: settlerOn(direct),
    callbacks: direct,
    operations: openOperations({
      ...subjects,
      remotes: remotesOf(world, process, options.calls, 'person'),
      lanes: database.memberLanes(pass),
      needsLane: (channel) => options.kinds.get(channel)?.needsLane ?? false,
      monotonicMs: () => time.nowMs,
      log,
      onCommitted: () => undefined,
    }),
    stateByTwo: (wish, stated, points) => stateByTwo(subjects, wish, stated, points),
    states: database.channelStates(pass),
  };
}

async function startRoles(
  process: HubProcess,
  options: HubInstanceOptions,
  direct: SettlementStore,
  settlerOn: (store: SettlementStore, entrance?: Entrance) => Settler,
  log: Logger,
): Promise<void> {
  const { world, kinds, database, messaging, policiesOf, sweepIntervalMs, report } = options;
  const pass = passageOf(process, options);
  const patiently = <Result>(work: () => Promise<Result>): Promise<Result> => bear(process, world, work);
  const store: SettlementStore = {
    ...direct,
    transact: (orderRowIds, think, listening) =>
      patiently(() => direct.transact(orderRowIds, think, listening)),
  };
  const settle = settlerOn(store);
  startSweeper({
    store: sweptStore(direct, options.link, world),
    settler: settle,
    intervalMs: sweepIntervalMs,
    callbacks: callbackPatience,
    awayMaxMs: options.awayMaxMs,
    log,
    onWoken: () => undefined,
    later: laterIn(process),
  });
  const gates: HubGates = openHubGates(process, {
    world,
    kinds,
    policiesOf,
    log,
    report,
    states: database.channelStates(pass),
    lines: patientLines(database.callLines(pass), patiently),
    lanes: patientLanes(database.memberLanes(pass), patiently),
    shares: database.callShares(pass),
    remotes: remotesOf(world, process, options.calls),
    settlerWith: (entrance) =>
      settlerOn(
        watched(store, (attempts) => gates.intended(attempts)),
        entrance,
      ),
  });
  await patiently(() => gates.look());
  const broker = messaging.connect(process);
  const channels = [...kinds].map(([id, { concurrencyMax }]) => ({ id, concurrencyMax }));
  const worker = await startWorker({ broker, names, settler: gates.settler, channels, log });
  gates.onHeld((channel, isHeld) => worker.hold(channel, isHeld));
  await startDeadLetterDrain({
    broker,
    names,
    settler: settle,
    openCase: (message) => database.openMessageCase(message, pass),
    log,
  });
}

type Patiently = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** As `callLines` and `memberLanes` of the real store use their patience. */
function patientLines(lines: ReturnType<MemoryDatabase['callLines']>, patiently: Patiently): typeof lines {
  return { claim: (remote, turns, spacingMs) => patiently(() => lines.claim(remote, turns, spacingMs)) };
}

function patientLanes(lanes: ReturnType<MemoryDatabase['memberLanes']>, patiently: Patiently): typeof lanes {
  return {
    take: (deductionId, holder, forMs) => patiently(() => lanes.take(deductionId, holder, forMs)),
    leave: (lane) => lanes.leave(lane),
  };
}

/** A store whose calls somebody hears of as they are decided upon. */
function watched(store: SettlementStore, onIntended: HubGates['intended']): SettlementStore {
  return {
    ...store,
    transact: (orderRowIds, think, listening) =>
      store.transact(
        orderRowIds,
        (settlements, now, callbacks) => {
          const thought = think(settlements, now, callbacks);
          onIntended(thought.writes.attempts);
          return thought;
        },
        listening,
      ),
  };
}

/** Says nothing, and passes on the errors that it is given. */
function silentLogger(onError: (error: unknown) => void): Logger {
  const warn = (fields: { readonly err?: unknown }): void => {
    if (fields.err !== undefined && !isAway(fields.err)) onError(fields.err);
  };
  return Object.assign(pino({ level: 'silent' }), { warn });
}

/** As `store/patience.ts`: work in hand waits for a database that is away. */
async function bear<Result>(
  process: HubProcess,
  { dice }: RemoteWorld,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
      await process.sleep(dice.whole(25, 2_000));
    }
  }
}

/** The sweeper's statements fail while the database is away; it says so and goes on at its next look. */
function sweptStore(
  direct: SettlementStore,
  { isAway: isDatabaseAway }: DatabaseLink,
  { faults }: RemoteWorld,
): SettlementStore {
  const orFail = <Result>(work: () => Promise<Result>): Promise<Result> =>
    isDatabaseAway() ? Promise.reject(connectionLost()) : work();
  return {
    ...direct,
    wakeOverdue: (limit) => orFail(() => direct.wakeOverdue(limit)),
    overdueOrders: (limit) => orFail(() => direct.overdueOrders(limit)),
    forgetCallbacks: async (limit, retentionMs) => {
      const forgotten = await direct.forgetCallbacks(limit, retentionMs);
      if (forgotten > 0) faults.met('callbacks forgotten');
      return forgotten;
    },
  };
}
