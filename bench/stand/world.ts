/** One run of a scenario: a database, queues, a sandbox with empty books and the hub's processes, for it alone. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import pg from 'pg';
import { readRemoteConfig } from '@points-hub/hub';
import { allocatorSettingsOf, nodeArgumentsOf } from '../../dev/compose.ts';
import { freePort } from '../../dev/ports.ts';
import { messageNames, topology, type MessageNames } from '../../hub/settlement/topology.ts';
import { startProgram, type Program } from './program.ts';
import { usageOf, type Usage } from './process-usage.ts';
import type { Stand } from './stand.ts';

/** The demo's channels, so that limits are those that a reader can look up. */
const configFolder = join(import.meta.dirname, '../../dev/config');
export const channelIds: readonly string[] = [...readRemoteConfig(configFolder).channels.keys()];

export interface WorldOptions {
  readonly name: string;
  /** Of every call to a channel or the portal. */
  readonly latencyMs: number;
}

export interface World {
  readonly stand: Stand;
  /** Of the scenario. */
  readonly name: string;
  /** What exchanges and queues begin with. */
  readonly prefix: string;
  readonly databaseUrl: string;
  readonly sql: pg.Pool;
  readonly apiKey: string;
  readonly sandboxUrl: string;
  readonly sandboxToken: string;
  readonly names: MessageNames;
  /** What a program needs to find database, broker and sandbox. */
  readonly environment: NodeJS.ProcessEnv;
  /** Starts a process of the hub with these roles; resolves when it says that it is ready. */
  startHub(
    roles: string,
    options?: { readonly name?: string; readonly args?: readonly string[] },
  ): Promise<Program>;
  /** CPU time so far and memory now, by kind of process; `hub` is all of its processes, each also by its name. */
  usage(): Usages;
  /** Ends the hub's processes in good order: what is in hand is finished. @throws Error if one had died */
  stopHub(): Promise<void>;
  /** Ends and removes all of it. Idempotent. */
  close(): Promise<void>;
}

export type Usages = Readonly<Record<string, Usage>>;

const readyTexts: readonly (readonly [role: string, text: string])[] = [
  ['worker', 'the worker takes deliveries'],
  ['api', 'the API listens'],
];

export async function openWorld(stand: Stand, { name, latencyMs }: WorldOptions): Promise<World> {
  const id = `${name.replaceAll(/[^a-z0-9]+/g, '_')}_${randomBytes(3).toString('hex')}`;
  const folder = join(stand.folder, id);
  mkdirSync(folder);
  const { url: databaseUrl, apiKey } = await stand.newDatabase(id);
  const sql = new pg.Pool({ connectionString: databaseUrl, max: 8 });
  // Whoever waits for the connection is told by its query.
  sql.on('error', () => undefined);
  const sandboxToken = randomBytes(16).toString('hex');
  const sandboxPort = await freePort();
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  const names = messageNames(id);
  const environment = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    AMQP_URL: stand.amqpUrl,
    HUB_CONFIG: configFolder,
    HUB_PREFIX: id,
    SANDBOX_URL: sandboxUrl,
    SANDBOX_TOKEN: sandboxToken,
    // One of the channels may send callbacks, so its file wants to know how they are signed; here none are sent.
    SANDBOX_CALLBACK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'info',
    // As the image has it: who starts first compiles for all.
    NODE_COMPILE_CACHE: join(stand.folder, 'compiled'),
  };
  const sandbox = await startProgram({
    name: 'sandbox',
    file: 'adapters/sandbox/main.ts',
    args: [
      '--channels',
      channelIds.join(','),
      '--port',
      String(sandboxPort),
      '--latency',
      String(latencyMs),
      '--magic',
      'off',
    ],
    environment,
    folder,
    readyText: 'sandbox at',
  });
  const programs: Program[] = [];
  let closing: Promise<void> | undefined;
  const stopHub = async (): Promise<void> => {
    for (const program of programs.splice(0)) await program.stop();
  };
  const close = (): Promise<void> => {
    closing ??= (async () => {
      isForgotten();
      await stopHub();
      await sandbox.stop();
      await sql.end();
      await removeQueues(stand.amqpUrl, names);
      await stand.dropDatabase(id);
    })();
    return closing;
  };
  const isForgotten = stand.later(close);
  return {
    stand,
    name,
    prefix: id,
    databaseUrl,
    sql,
    apiKey,
    sandboxUrl,
    sandboxToken,
    names,
    environment,
    startHub: async (roles, { name: programName = roles, args = [] } = {}) => {
      const program = await startProgram({
        name: programName,
        file: 'hub/main.ts',
        args: ['--roles', roles, '--port', '0', ...args],
        nodeArgs: [
          ...nodeArgumentsOf(roles),
          ...(stand.profileFolder === undefined
            ? []
            : [
                '--cpu-prof',
                '--cpu-prof-dir',
                stand.profileFolder,
                '--cpu-prof-name',
                `${id}.${programName}.cpuprofile`,
              ]),
        ],
        environment: { ...environment, ...allocatorSettingsOf(roles) },
        folder,
        readyText: readyTexts.find(([role]) => roles.split(',').includes(role))?.[1],
      });
      programs.push(program);
      return program;
    },
    usage: () => ({
      ...Object.fromEntries(programs.map((program) => [program.name, usageOf([program.pid])])),
      hub: usageOf(programs.map(({ pid }) => pid)),
      postgres: usageOf([stand.postgresPid]),
      rabbitmq: usageOf(stand.rabbitMqPids),
      sandbox: usageOf([sandbox.pid]),
    }),
    stopHub,
    close,
  };
}

/** Runs `work` in a world of its own, which is gone afterwards however it ended. */
export async function inWorld<Result>(
  stand: Stand,
  options: WorldOptions,
  work: (world: World) => Promise<Result>,
): Promise<Result> {
  const world = await openWorld(stand, options);
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

async function removeQueues(amqpUrl: string, names: MessageNames): Promise<void> {
  const connection = await connect(amqpUrl);
  try {
    const channel = await connection.createChannel();
    const { queues, exchanges } = topology(names, channelIds);
    for (const { queue } of queues) await channel.deleteQueue(queue);
    for (const { name } of exchanges) await channel.deleteExchange(name);
  } finally {
    await connection.close();
  }
}
