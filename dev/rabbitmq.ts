import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { takeLock } from './lock.ts';
import { freePort } from './ports.ts';
import type { RabbitMqProgram } from './rabbitmq-program.ts';
import { forgetProcesses, endRecorded, recordProcesses } from './server-record.ts';
import { endProcess, launch, type ServerProcess, tailOf } from './server-process.ts';

const NODE_NAME = 'points_hub@localhost';
const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 60_000;
const POLL_MS = 25;

export interface RabbitMqOptions {
  readonly program: RabbitMqProgram;
  /** Where its data, settings and log live; made if missing, kept if there. */
  readonly folder: string;
  /** For AMQP; undefined: any free port. */
  readonly port?: number | undefined;
  /** Called when the broker ends without having been told to. */
  readonly onUnexpectedExit?: (how: string) => void;
}

/** A RabbitMQ of our own on 127.0.0.1. */
export interface RabbitMqServer {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** An orderly stop. Idempotent. */
  stop(): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing is answered any more until it is killed. */
  freeze(): void;
  /** SIGKILL, as by a crash. */
  kill(): Promise<void>;
  /** Starts again after `stop` or `kill`: same data, same port. Resolves once it takes connections. */
  start(): Promise<void>;
  /** `stop`, and gives the folder free for others. */
  dispose(): Promise<void>;
}

/**
 * Starts a private RabbitMQ: own node name, ports, port mapper, cookie, settings and data, all on the loopback
 * interface, so that it neither meets nor disturbs another broker of this machine. One whose starter died is found
 * by the record in the folder and stopped first.
 *
 * @throws Error when a living process uses the folder, or the broker does not start (with the end of its log).
 */
export async function startRabbitMq(options: RabbitMqOptions): Promise<RabbitMqServer> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const outcome = takeLock(folder);
  if (outcome.type === 'held') throw new Error(`${folder} is in use by process ${outcome.owner.pid}`);
  try {
    const ports = {
      amqp: options.port ?? (await freePort()),
      distribution: await freePort(),
      epmd: await freePort(),
    };
    let running: RunningBroker | undefined;
    const start = async (): Promise<void> => {
      if (running !== undefined) throw new Error(`RabbitMQ on ${folder} is already running`);
      const started = await launchUntilReady(options.program, folder, ports);
      running = started;
      void started.broker.exited.then((how) => {
        if (running === started) options.onUnexpectedExit?.(how);
      });
    };
    const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
      const ending = running;
      running = undefined;
      if (ending !== undefined) await endBroker(ending, folder, signal);
    };
    await start();
    return {
      url: `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
      port: ports.amqp,
      folder,
      start,
      freeze: () => running?.broker.signal('SIGSTOP'),
      stop: () => end('SIGTERM'),
      kill: () => end('SIGKILL'),
      dispose: async () => {
        await end('SIGTERM');
        outcome.lock.release();
      },
    };
  } catch (error) {
    outcome.lock.release();
    throw error;
  }
}

interface BrokerPorts {
  readonly amqp: number;
  readonly distribution: number;
  readonly epmd: number;
}

interface RunningBroker {
  readonly broker: ServerProcess;
  readonly epmd: ServerProcess;
}

async function launchUntilReady(
  program: RabbitMqProgram,
  folder: string,
  ports: BrokerPorts,
): Promise<RunningBroker> {
  await endRecorded(folder, STOP_WITHIN_MS);
  const environment = brokerEnvironment(folder, ports);
  const log = join(folder, 'rabbitmq.log');
  // The port mapper is started here, in the foreground: the one that Erlang starts by itself is a daemon that
  // outlives the broker and belongs to nobody.
  const epmd = await launch({
    command: program.epmd,
    args: ['-port', String(ports.epmd), '-address', '127.0.0.1'],
    environment,
    workingFolder: folder,
    logFile: undefined,
    endBy: 'KILL',
  });
  recordProcesses(folder, [epmd.identity]);
  let broker: ServerProcess | undefined;
  const deadline = Date.now() + START_WITHIN_MS;
  try {
    await until(deadline, epmd, () => accepts(ports.epmd));
    broker = await launch({
      command: program.server,
      args: [],
      environment,
      workingFolder: folder,
      logFile: log,
      endBy: 'TERM',
    });
    recordProcesses(folder, [broker.identity, epmd.identity]);
    await until(deadline, broker, () => speaksAmqp(ports.amqp));
  } catch (cause) {
    await endBroker({ broker: broker ?? epmd, epmd }, folder, 'SIGKILL');
    throw new Error(`RabbitMQ did not start on ${folder}:\n${tailOf(log)}`, { cause });
  }
  broker.letGo();
  epmd.letGo();
  return { broker, epmd };
}

async function endBroker(
  { broker, epmd }: RunningBroker,
  folder: string,
  signal: NodeJS.Signals,
): Promise<void> {
  await endProcess(broker.identity, signal, STOP_WITHIN_MS);
  await broker.awaitExit();
  await endProcess(epmd.identity, 'SIGTERM', STOP_WITHIN_MS);
  await epmd.awaitExit();
  forgetProcesses(folder);
}

function brokerEnvironment(folder: string, ports: BrokerPorts): NodeJS.ProcessEnv {
  const settings = join(folder, 'rabbitmq.conf');
  const [advanced, plugins, shellSettings] = ['advanced.config', 'enabled_plugins', 'rabbitmq-env.conf'].map(
    (name) => join(folder, name),
  ) as [string, string, string];
  writeFileSync(
    settings,
    [
      `listeners.tcp.local = 127.0.0.1:${ports.amqp}`,
      'disk_free_limit.absolute = 50MB',
      // The write-ahead log of quorum queues takes 512 MB by default, which is for servers.
      'raft.wal_max_size_bytes = 67108864',
      '',
    ].join('\n'),
  );
  writeFileSync(advanced, '[].\n');
  writeFileSync(plugins, '[].\n');
  writeFileSync(shellSettings, '');
  // Settings of a broker that somebody runs on this machine must not leak into ours.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(RABBITMQ_|ERL_|NOTIFY_SOCKET)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    // Erlang keeps its cookie in the home folder, which may be read-only or somebody else's.
    HOME: folder,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // For every Erlang machine that the scripts start, the short-lived ones too: listen on the loopback interface
    // only, and never start a port mapper as a daemon when ours does not answer.
    ERL_AFLAGS: '-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false',
    RABBITMQ_NODENAME: NODE_NAME,
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CONFIG_FILE: settings,
    RABBITMQ_ADVANCED_CONFIG_FILE: advanced,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_CONF_ENV_FILE: shellSettings,
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
    // Makes the start script become the Erlang machine instead of its parent, so that the process started here is
    // the one to signal; -noinput then takes back what the name of the variable says.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-noinput',
  };
}

async function until(deadline: number, server: ServerProcess, ready: () => Promise<boolean>): Promise<void> {
  while (!(await ready())) {
    if (server.hasExited()) throw new Error(`it ended with ${await server.exited}`);
    if (Date.now() > deadline) throw new Error(`it was not ready within ${START_WITHIN_MS} ms`);
    await delay(POLL_MS);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Whether a broker answers the AMQP 0-9-1 header with `connection.start`, the first method frame on channel 0. */
function speaksAmqp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('AMQP\0\0\x09\x01'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', (bytes) => settle(bytes.subarray(0, 3).equals(Buffer.from([1, 0, 0]))));
  });
}
