/**
 * Everything that the hub needs, on one machine: a real Postgres, RabbitMQ if there is one, the sandbox's channels
 * and portal, and the hub itself. Each is a process of its own, so that each can be killed and seen to come back.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readRemoteConfig } from '@points-hub/hub';
import { demoConfig, demoNatures } from './demo-config.ts';
import { writeDemoFaults } from './demo-faults.ts';
import { freePort } from './ports.ts';
import { ensureDatabase, startPostgres } from './postgres.ts';
import { findRabbitMq } from './rabbitmq-program.ts';
import { startRabbitMq } from './rabbitmq.ts';
import { endProcess, launch, tailOf, type ServerProcess } from './server-process.ts';

export interface StackOptions {
  /** Where all data live; made if missing, kept if there. */
  readonly folder: string;
  /** For the hub's API; 0 takes a free port. */
  readonly port: number;
  /** `in-process` leaves RabbitMQ aside even if there is one. */
  readonly broker: 'best' | 'in-process';
  /** For the operators' console, 0 for a free port; without it there is none, and nothing of the demo. */
  readonly consolePort?: number;
  /** Told in words what is being done and what went wrong. */
  readonly say: (line: string) => void;
}

/** What the parts of a running stack are reached by. */
export interface StackUrls {
  readonly hub: string;
  readonly sandbox: string;
  readonly database: string;
  readonly amqp: string | undefined;
  /** Of the operators' console, where there is one. */
  readonly console?: string;
  /** The API key of the mall `demo`. */
  readonly apiKey: string;
}

export interface Stack {
  readonly urls: StackUrls;
  /** Which broker runs, in words. */
  readonly brokerInWords: string;
  /** Where orders, keys and the sandbox's books are: not `folder` when root's Postgres user cannot reach that. */
  readonly dataFolder: string;
  readonly logs: { readonly hub: string; readonly sandbox: string };
  /** Stops everything in order, the hub first. Idempotent. */
  stop(): Promise<void>;
}

const configFolder = join(import.meta.dirname, 'config');
const readyWithinMs = 60_000;
const stopWithinMs = 30_000;

/** Starts the whole stack; a hub or sandbox that dies is started again. @throws Error with the end of the log at fault */
export async function startStack({ folder, port, broker, consolePort, say }: StackOptions): Promise<Stack> {
  await expectFree(port);
  if (consolePort !== undefined) await expectFree(consolePort);
  mkdirSync(folder, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      for (let one = stops.pop(); one !== undefined; one = stops.pop()) await one();
    })();
    return stopped;
  };
  try {
    if ((process.env['DATABASE_URL'] ?? '') !== '')
      say('DATABASE_URL is set and not used here: this Postgres is our own.');
    const wanted = join(folder, 'postgres');
    const postgres = await startPostgres({
      folder: wanted,
      durable: true,
      onUnexpectedExit: (how) => void startAgain('Postgres', how, postgres, say),
    });
    // What must be kept or thrown away together lives together: orders, keys, and the sandbox's books.
    const dataFolder = postgres.folder === wanted ? folder : postgres.folder;
    stops.push(() => postgres.dispose());
    const database = await ensureDatabase(postgres.url, 'points_hub');
    const { amqp, brokerInWords } = await startBroker(folder, broker, stops, say);

    const token = secretOf(join(dataFolder, 'sandbox-token'));
    const callbackSecret = `whsec_${Buffer.from(secretOf(join(dataFolder, 'callback-secret'))).toString('base64')}`;
    const sandboxPort = await freePort();
    const sandbox = `http://127.0.0.1:${sandboxPort}`;
    const logs = { hub: join(folder, 'hub.log'), sandbox: join(folder, 'sandbox.log') };
    const environment = {
      ...process.env,
      SANDBOX_URL: sandbox,
      SANDBOX_TOKEN: token,
      SANDBOX_CALLBACK_SECRET: callbackSecret,
      DATABASE_URL: database,
      AMQP_URL: amqp ?? '',
    };
    const hubPort = port === 0 ? await freePort() : port;
    const hub = `http://127.0.0.1:${hubPort}`;
    const faults = join(dataFolder, 'sandbox-faults.json');
    writeDemoFaults(faults, hub, callbackSecret);
    const natures = join(dataFolder, 'sandbox-natures.json');
    writeFileSync(natures, JSON.stringify(demoNatures));
    // What orders of an earlier demo wait for is there whether or not this is one.
    const config = demoConfig(configFolder, folder, consolePort !== undefined);
    await keepRunning({
      name: 'the sandbox',
      args: [
        inRepo('adapters/sandbox/main.ts'),
        '--port',
        String(sandboxPort),
        '--journal',
        join(dataFolder, 'sandbox-books.ndjson'),
        '--faults',
        faults,
        '--natures',
        natures,
        '--channels',
        [...readRemoteConfig(config).channels.keys()].join(','),
      ],
      environment,
      folder,
      logFile: logs.sandbox,
      readyUrl: `${sandbox}/books`,
      stops,
      say,
    });
    await runOnce([inRepo('hub/main.ts'), '--roles', 'migrate'], environment, join(folder, 'migrate.log'));
    const apiKey = await demoKey(dataFolder, environment);
    await keepRunning({
      name: 'the hub',
      args: [inRepo('hub/main.ts'), '--config', config, '--port', String(hubPort)],
      environment,
      folder,
      logFile: logs.hub,
      readyUrl: `${hub}/readyz`,
      stops,
      say,
    });
    const urls = { hub, sandbox, database, amqp, apiKey };
    if (consolePort === undefined) return { urls, brokerInWords, dataFolder, logs, stop };
    const chosenPort = consolePort === 0 ? await freePort() : consolePort;
    const console = `http://127.0.0.1:${chosenPort}`;
    await keepRunning({
      name: 'the console',
      args: [
        inRepo('dlq-console/main.ts'),
        '--roles',
        'console',
        '--config',
        config,
        '--console-port',
        String(chosenPort),
      ],
      environment,
      folder,
      logFile: join(folder, 'console.log'),
      readyUrl: `${console}/ops/v1/openapi.json`,
      stops,
      say,
    });
    return { urls: { ...urls, console }, brokerInWords, dataFolder, logs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startBroker(
  folder: string,
  wanted: StackOptions['broker'],
  stops: (() => Promise<void>)[],
  say: (line: string) => void,
): Promise<{ amqp: string | undefined; brokerInWords: string }> {
  if (wanted === 'in-process') return { amqp: undefined, brokerInWords: 'the in-process broker, as asked' };
  const given = process.env['AMQP_URL'];
  if (given !== undefined && given !== '') {
    await expectAnswerAt(given);
    return { amqp: given, brokerInWords: 'RabbitMQ at AMQP_URL' };
  }
  const program = findRabbitMq();
  if (program === undefined) {
    return {
      amqp: undefined,
      brokerInWords:
        'the in-process broker, because no RabbitMQ is installed and AMQP_URL is not set (apt-get install rabbitmq-server, or brew install rabbitmq)',
    };
  }
  const server = await startRabbitMq({
    program,
    folder: join(folder, 'rabbitmq'),
    onUnexpectedExit: (how) => void startAgain('RabbitMQ', how, server, say),
  });
  stops.push(() => server.dispose());
  return { amqp: server.url, brokerInWords: `a private RabbitMQ at ${server.url}` };
}

/** Whoever has the port would answer in the hub's place. @throws Error that says what to do */
async function expectFree(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (cause) {
    throw new Error(`port ${port} is taken; choose another one, or any: npm start -- --port 0`, { cause });
  }
  probe.close();
  await once(probe, 'close');
}

/** @throws Error that names what is wrong with AMQP_URL, never a password in it */
async function expectAnswerAt(amqpUrl: string): Promise<void> {
  const url = URL.parse(amqpUrl);
  if (url === null || !/^amqps?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error('AMQP_URL must look like amqp://user:password@host:5672');
  }
  const port = Number(url.port === '' ? (url.protocol === 'amqps:' ? 5671 : 5672) : url.port);
  const socket = connect({ host: url.hostname, port, timeout: 5_000 });
  try {
    await Promise.race([
      once(socket, 'connect'),
      once(socket, 'timeout').then(() => {
        throw new Error('no answer');
      }),
    ]);
  } catch (cause) {
    throw new Error(`AMQP_URL names a RabbitMQ at ${url.hostname}:${port} that does not answer`, { cause });
  } finally {
    socket.destroy();
  }
}

/** Starts a server again that ended without having been told to: same data, same port. */
async function startAgain(
  name: string,
  how: string,
  server: { kill(): Promise<void>; start(): Promise<void> },
  say: (line: string) => void,
): Promise<void> {
  say(`${name} ended (${how}); starting it again`);
  try {
    await server.kill();
    await server.start();
    say(`${name} is back`);
  } catch (error) {
    say(
      `${name} does not start again; stop with Ctrl-C: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

interface KeptProgram {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly logFile: string;
  readonly readyUrl: string;
  readonly stops: (() => Promise<void>)[];
  readonly say: (line: string) => void;
}

/**
 * Starts a program, waits until it is ready, and from then on starts it again whenever it dies until it is told to
 * stop. @throws Error with the end of its log when it dies, or takes too long, before it was ever ready
 */
async function keepRunning(program: KeptProgram): Promise<void> {
  const { name, args, environment, folder, logFile, readyUrl, stops, say } = program;
  let isStopping = false;
  let isReady = false;
  let current: ServerProcess;
  const start = async (): Promise<void> => {
    const started = await launch({
      command: process.execPath,
      args,
      environment,
      workingFolder: folder,
      logFile,
      endBy: 'TERM',
    });
    current = started;
    void started.exited.then(async (how) => {
      if (isStopping || !isReady) return;
      say(`${name} ended (${how}); starting it again`);
      await delay(restartPauseMs);
      if (!isStopping) await start();
    });
    if (isReady) return;
    stops.push(async () => {
      isStopping = true;
      await endProcess(current.identity, 'SIGTERM', stopWithinMs);
      await current.awaitExit();
    });
    const deadline = Date.now() + readyWithinMs;
    while (!isReady) {
      if (await answers(readyUrl)) {
        isReady = true;
        return;
      }
      if (started.hasExited()) throw new Error(`${name} did not start:\n${troubleIn(logFile)}`);
      if (Date.now() > deadline) throw new Error(`${name} was not ready in time:\n${troubleIn(logFile)}`);
      await delay(pollMs);
    }
  };
  await start();
}

/** The lines of a log that tell what is wrong; everything if none does. */
function troubleIn(logFile: string): string {
  const lines = tailOf(logFile).split('\n');
  const told = lines.filter((line) => !line.startsWith('{') || /"level":(40|50|60)/.test(line));
  return (told.length > 0 ? told : lines).slice(-troubleLinesMax).join('\n');
}

const troubleLinesMax = 5;

const restartPauseMs = 500;
const pollMs = 50;

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function runOnce(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  logFile: string,
): Promise<string> {
  const program = await launch({
    command: process.execPath,
    args,
    environment,
    workingFolder: import.meta.dirname,
    logFile,
    endBy: 'TERM',
  });
  const how = await program.awaitExit();
  if (how !== 'exit code 0') throw new Error(`${args[0]} ended with ${how}:\n${tailOf(logFile)}`);
  return readFileSync(logFile, 'utf8');
}

/** The key of the mall `demo`, kept in the data folder so that a second start has the same. */
async function demoKey(folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const file = join(folder, 'demo-api-key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const log = join(folder, 'demo-key.json');
  const args = [
    inRepo('hub/keys.ts'),
    'create',
    '--mall',
    'demo',
    '--name',
    'Demo mall',
    '--label',
    'npm start',
    '--rate',
    '10000',
    '--json',
  ];
  const { apiKey } = JSON.parse(await runOnce(args, environment, log)) as { apiKey: string };
  rmSync(log);
  writeFileSync(file, `${apiKey}\n`, { mode: 0o600 });
  return apiKey;
}

function secretOf(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

function inRepo(path: string): string {
  return join(import.meta.dirname, '..', path);
}
