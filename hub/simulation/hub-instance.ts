import { pino, type Logger } from 'pino';
import type { Policies } from '../core/deduction.ts';
import { settler, type Settler } from '../settlement/settle.ts';
import type { SettlementStore } from '../settlement/store-port.ts';
import { startSweeper } from '../settlement/sweeper.ts';
import type { MemoryDatabase } from '../settlement/testing/memory-database.ts';
import { connectionLost } from '../settlement/testing/memory-tables.ts';
import type { Passage } from '../settlement/testing/memory-rows.ts';
import { messageNames, type MessageNames } from '../settlement/topology.ts';
import { startWorker } from '../settlement/worker.ts';
import type { HubProcess } from './hub-process.ts';
import type { Messaging } from './messaging.ts';
import { remotesOf, type RemoteWorld } from './remotes.ts';

export interface HubInstanceOptions {
  readonly world: RemoteWorld;
  readonly database: MemoryDatabase;
  readonly link: DatabaseLink;
  readonly messaging: Messaging;
  readonly policiesOf: (channel: string) => Policies;
  readonly wakeAfterMs: number;
  readonly sweepIntervalMs: number;
  /** Told of an error that no fault explains and that the code under test only logs. */
  readonly onError: (error: unknown) => void;
}

/** Whether the database can be reached now. */
export interface DatabaseLink {
  readonly isAway: () => boolean;
}

/** Postgres ends a transaction that its client left idle for so long: `idle_in_transaction_session_timeout`. */
const idleInTransactionMs = 30_000;
const names: MessageNames = { ...messageNames(), queueOf: (channel) => channel };

/** Starts what `run.ts` starts, in a process of the simulated world. @returns the mall API's way to settlement */
export function startHubInstance(process: HubProcess, options: HubInstanceOptions): Settler {
  const { world, database, messaging, policiesOf, wakeAfterMs, sweepIntervalMs } = options;
  const { dice, time } = world;
  const log = silentLogger(options.onError);
  const direct = database.store(passageOf(process, options));
  const store = storeOf(direct, (work) => patiently(process, world, work));
  const settlerOn = (one: SettlementStore): Settler =>
    settler({
      store: one,
      remotes: remotesOf(world, process),
      policiesOf,
      wakeAfterMs,
      log,
      monotonicMs: () => time.nowMs,
      random: () => dice.roll(),
      onCommitted: () => undefined,
    });
  const settle = settlerOn(store);
  void startWorker({
    broker: messaging.connect(process),
    names,
    settler: settle,
    channels: [...world.channels.keys()].map((id) => ({ id, concurrencyMax: 6 })),
    log,
  });
  startSweeper({
    store: sweptStore(direct, options.link),
    settler: settle,
    intervalMs: sweepIntervalMs,
    log,
    onWoken: () => undefined,
    later: (delayMs, run) => {
      process.after(delayMs, run);
      return () => undefined;
    },
  });
  return settlerOn(direct);
}

/** Says nothing, and passes on the errors that it is given. */
function silentLogger(onError: (error: unknown) => void): Logger {
  const warn = (fields: { readonly err?: unknown }): void => {
    if (fields.err !== undefined && !isAway(fields.err)) onError(fields.err);
  };
  return Object.assign(pino({ level: 'silent' }), { warn });
}

/** As `store/patience.ts`: work in hand waits for a database that is away. */
async function patiently<Result>(
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

export function isAway(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && error.code === '57P01';
}

function storeOf(
  direct: SettlementStore,
  bear: <Result>(work: () => Promise<Result>) => Promise<Result>,
): SettlementStore {
  return { ...direct, transact: (orderRowIds, think) => bear(() => direct.transact(orderRowIds, think)) };
}

/** The sweeper's statements fail while the database is away; it says so and goes on at its next look. */
function sweptStore(direct: SettlementStore, { isAway: isDatabaseAway }: DatabaseLink): SettlementStore {
  const orFail = <Result>(work: () => Promise<Result>): Promise<Result> =>
    isDatabaseAway() ? Promise.reject(connectionLost()) : work();
  return {
    ...direct,
    wakeOverdue: (limit) => orFail(() => direct.wakeOverdue(limit)),
    overdueOrders: (limit) => orFail(() => direct.overdueOrders(limit)),
  };
}

/** How one process's transactions fare. */
function passageOf(process: HubProcess, { world, link }: HubInstanceOptions): Passage {
  const { faults, dice, time } = world;
  const openTransactions = new Set<() => void>();
  process.whenDead(() => {
    for (const abort of openTransactions) abort();
  });
  const never = (): Promise<void> => new Promise(() => undefined);
  return (point, abort) => {
    switch (point) {
      case 'begin':
        if (link.isAway()) return Promise.reject(connectionLost());
        if (!process.survives('before transaction')) return never();
        openTransactions.add(abort);
        return process.isRunning ? undefined : new Promise((resolve) => process.whenAwake(resolve));
      case 'statement':
        if (link.isAway()) return Promise.reject(connectionLost());
        if (!process.survives('before transaction')) return never();
        if (faults.strikes('transaction lost')) return Promise.reject(connectionLost());
        return process.sleep(dice.whole(1, 4));
      case 'commit': {
        if (!process.survives('before commit')) return never();
        if (faults.strikes('transaction lost')) {
          openTransactions.delete(abort);
          return Promise.reject(connectionLost());
        }
        let isOpen = true;
        if (!process.isRunning) {
          time.after(idleInTransactionMs, () => {
            if (!isOpen) return;
            faults.met('idle transaction ended');
            abort();
          });
        }
        return new Promise((resolve) => {
          process.after(dice.whole(1, 6), () => {
            isOpen = false;
            resolve();
          });
        });
      }
      case 'answer':
        openTransactions.delete(abort);
        if (!process.survives('after commit')) return never();
        if (faults.strikes('commit answer lost')) return Promise.reject(connectionLost());
        return process.isRunning ? undefined : new Promise((resolve) => process.whenAwake(resolve));
    }
  };
}
