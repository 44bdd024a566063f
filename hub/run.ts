/**
 * One hub process: wires the ports to what is real, starts the roles it was given, stops them in order.
 *
 * The API does not wait for the broker: orders are accepted as long as Postgres is there, and go out when RabbitMQ
 * is back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '@points-hub/adapters';
import {
  connectRabbitMq,
  createInProcessBroker,
  startRelay,
  type Broker,
  type Relay,
} from '@points-hub/outbox';
import type { Logger } from 'pino';
import { openCallbacks } from './callbacks/callbacks.ts';
import { openCallbackReaders } from './callbacks/readers.ts';
import { channelRulesOf, readRemoteConfig } from './config.ts';
import { HubError } from './errors.ts';
import { openGates } from './gates.ts';
import { listen } from './mall-api/server.ts';
import type { Faces } from './operations/face.ts';
import { orderEnds } from './order-ends.ts';
import { openRemotes, policiesByChannel, servedChannels } from './remotes.ts';
import { startDeadLetterDrain } from './settlement/dead-letters.ts';
import type { Entrance } from './settlement/entrance.ts';
import { settler, type Settler } from './settlement/settle.ts';
import type { SettlementStore } from './settlement/store-port.ts';
import { startSweeper } from './settlement/sweeper.ts';
import { messageNames, topology } from './settlement/topology.ts';
import { startWorker } from './settlement/worker.ts';
import type { Settings } from './settings.ts';
import { grantApplicationRole } from './store/application-role.ts';
import { writeChannelRules } from './store/channels.ts';
import { openDatabase } from './store/database.ts';
import { openMessageCase } from './store/message-cases.ts';
import { isMigrated, migrateHub } from './store/migrate.ts';
import { settlementStore } from './store/settlements.ts';

// What only one role needs is loaded when that role starts: mail, sign-in and web pages would make a worker a sixth larger.

/** How late a process learns that another one left a remote alone, or that it is back. */
const gatesPollMs = 1_000;

export interface Hub {
  /** Where the API listens; undefined without that role. */
  readonly url: string | undefined;
  /** Where operators are served; undefined without that role. */
  readonly consoleUrl: string | undefined;
  /** Whether any role keeps running; false after a mere `migrate`. */
  readonly isRunning: boolean;
  /** Takes nothing new, finishes what is in hand, closes everything. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the roles of `settings`.
 *
 * @throws HubError HUB_CONFIG_INVALID, and whatever a wrong address, port or secret leads to
 */
export async function startHub(
  settings: Settings,
  env: Environment,
  log: Logger,
  faces: Faces = {},
): Promise<Hub> {
  const { roles } = settings;
  const stops: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      stopping.abort();
      // The last started stops first; starting may still add to the pile while its own end is awaited.
      for (let stopOne = stops.pop(); stopOne !== undefined; stopOne = stops.pop()) await stopOne();
    })();
    return stopped;
  };

  try {
    const database = openDatabase({
      url: settings.databaseUrl,
      applicationName: 'points-hub',
      poolMax: settings.poolMax,
      log,
    });
    stops.push(() => database.close());
    if (roles.has('migrate')) {
      log.info({ migrations: await migrateHub(database.knex) }, 'the database is up to date');
      const { applicationRole } = settings;
      if (applicationRole !== undefined) await grantApplicationRole(database.knex, applicationRole);
    } else if (!(await isMigrated(database))) {
      throw new HubError(
        'HUB_CONFIG_INVALID',
        'the database has no hub schema yet; run with --roles migrate first',
      );
    }
    if (roles.size === 1 && roles.has('migrate'))
      return { url: undefined, consoleUrl: undefined, isRunning: false, stop };

    const config = readRemoteConfig(settings.configFolder);
    const rules = channelRulesOf(config.channels);
    await writeChannelRules(database, rules);
    const remotes = openRemotes(config, env, stops);
    const names = messageNames(settings.prefix);
    const ends = orderEnds();
    const { wakeAfterMs } = settings;
    let broker: Broker | undefined;
    let relay: Relay | undefined;
    const wakeRelay = (): void => relay?.wake();

    const policies = policiesByChannel(config);
    const storeOf = (patienceUntil: AbortSignal | undefined): SettlementStore =>
      settlementStore({ database, names, wakeAfterMs, patienceUntil, log });
    const settlerOn = (store: SettlementStore, entrance?: Entrance): Settler =>
      settler({
        store,
        remotes,
        ...(entrance === undefined ? {} : { entrance }),
        policiesOf: policies,
        wakeAfterMs,
        takesCallbacks: (id) => (config.channels.get(id)?.callback.trust ?? 'none') !== 'none',
        log,
        monotonicMs: () => performance.now(),
        random: Math.random,
        onCommitted: ({ ended }) => {
          wakeRelay();
          for (const { mallId, orderId } of ended) ends.notify(mallId, orderId);
        },
      });
    // A worker's message in hand waits for a database that is away; whoever asks the API is told so at once.
    const store = storeOf(stopping.signal);
    const settle = settlerOn(store);

    const startMessaging = async (connected: Broker): Promise<void> => {
      broker = connected;
      stops.push(() => connected.close());
      if (roles.has('relay')) {
        const started = startRelay({
          knex: database.knex,
          broker: connected,
          source: `/${settings.prefix}`,
          log,
        });
        relay = started;
        stops.push(() => started.stop());
      }
      if (roles.has('worker')) {
        const channels = servedChannels(config, settings.channels);
        const gates = await openGates({
          database,
          config,
          remotes,
          policiesOf: policies,
          channels: channels.map(({ id }) => id),
          pollMs: gatesPollMs,
          stopping: stopping.signal,
          log,
          settlerWith: (entrance) => settlerOn(store, entrance),
        });
        stops.push(() => gates.stop());
        const worker = await startWorker({ broker: connected, names, settler: gates.settler, channels, log });
        stops.push(() => worker.stop());
        gates.onHeld((channel, isHeld) => worker.hold(channel, isHeld));
        const drain = await startDeadLetterDrain({
          broker: connected,
          names,
          settler: settle,
          openCase: (message) => openMessageCase(database, message),
          log,
        });
        stops.push(() => drain.stop());
      }
    };
    const layout = topology(names, [...config.channels.keys()]);
    const usesBroker = roles.has('relay') || roles.has('worker');
    const { amqpUrl } = settings;
    if (usesBroker && amqpUrl === undefined) {
      log.warn(
        'AMQP_URL is not set: messages stay in this process; fine for one machine, not for production',
      );
      await startMessaging(createInProcessBroker({ topology: layout, log }));
    }
    if (roles.has('sweeper')) {
      const sweeper = startSweeper({
        store,
        settler: settle,
        intervalMs: settings.sweepIntervalMs,
        awayMaxMs: settings.awayMaxMs,
        callbacks: {
          unmatchedAfterMs: settings.unmatchedAfterMs,
          retentionMs: settings.callbackRetentionMs,
        },
        log,
        onWoken: wakeRelay,
      });
      stops.push(() => sweeper.stop());
    }
    let url: string | undefined;
    if (roles.has('api')) {
      const { openMallApi } = await import('./mall-api/app.ts');
      const impatient = storeOf(undefined);
      const api = openMallApi({
        database,
        rules,
        remotes,
        channels: config.channels,
        portal: config.portal,
        placing: { names, wakeAfterMs },
        settler: settlerOn(impatient),
        callbacks: openCallbacks({
          readers: openCallbackReaders(config.channels, env),
          store: impatient,
          onKept: wakeRelay,
          log,
        }),
        orderEnds: ends,
        log,
        onPlaced: wakeRelay,
        trustProxy: settings.trustProxy ?? false,
        readiness: usesBroker ? { broker: () => Promise.resolve(broker?.isReady() ?? false) } : {},
      });
      const server = await listen(api, settings);
      stops.push(() => server.close());
      url = server.url;
      log.info({ url }, 'the API listens');
    }
    let consoleUrl: string | undefined;
    if (settings.console !== undefined) {
      const { startConsole } = await import('./run-console.ts');
      consoleUrl = await startConsole(settings.console, faces, {
        database,
        config,
        names,
        policiesOf: policies,
        wakeAfterMs,
        remotes,
        trustProxy: settings.trustProxy ?? false,
        log,
        onCommitted: wakeRelay,
        stops,
      });
    }
    if (usesBroker && amqpUrl !== undefined) {
      const connecting = connectPatiently(
        () => connectRabbitMq({ url: amqpUrl, topology: layout, name: 'points-hub', log }),
        stopping.signal,
        log,
      ).then((connected) => connected && startMessaging(connected));
      stops.push(() => connecting.then(() => undefined).catch(() => undefined));
      // A wrong topology or a programming error must not leave a hub that quietly does half its work.
      connecting.catch((error: unknown) => {
        log.fatal({ err: error }, 'messaging could not start');
        process.exitCode = 1;
        void stop();
      });
    }
    return { url, consoleUrl, isRunning: true, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Goes on until RabbitMQ is there; undefined when the process stops first. */
async function connectPatiently(
  connect: () => Promise<Broker>,
  signal: AbortSignal,
  log: Logger,
): Promise<Broker | undefined> {
  while (!signal.aborted) {
    try {
      const broker = await connect();
      if (!signal.aborted) return broker;
      await broker.close();
    } catch (error) {
      if (error instanceof TypeError) throw error;
      log.warn({ reason: (error as Error).message }, 'RabbitMQ is away; orders are accepted and wait');
      await delay(1_000, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
