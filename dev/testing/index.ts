/**
 * What integration tests build on: databases of their own on one real Postgres, one real RabbitMQ that all share,
 * and private brokers for tests that stop or kill one. `npm test` starts the shared servers.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import knexModule, { type Knex } from 'knex';
import { ensureRabbitMqInstalled } from '../rabbitmq-install.ts';
import { startRabbitMq } from '../rabbitmq.ts';
import { dismissGuard } from '../guard.ts';
import { makeTestFolder, removeTestFolder } from './servers.ts';

const POLL_MS = 20;

// RabbitMQ notes the name of a new quorum queue on disk only once its directory of queues (`names.dets`, auto_save
// 500 ms, src/ra_directory.erl of rabbitmq/ra) was left alone for that long. A kill before then leaves the queue without
// leader and messages for ever; seen with 3.10.8 up to 700 ms after the declaration, and not at 1,000 ms.
const QUEUES_ON_DISK_AFTER_MS = 1_500;

/** A database that one test has for itself. */
export interface TestDatabase {
  readonly url: string;
  /** A pool of up to 10 connections; `drop` ends it. */
  readonly knex: Knex;
  /** Ends the pool, drops the database and whatever connections others still hold to it. Idempotent. */
  drop(): Promise<void>;
}

/** A RabbitMQ that one test has for itself and may stop, kill and start at will. */
export interface PrivateRabbitMq {
  readonly url: string;
  stop(): Promise<void>;
  /**
   * From 1.5 s after the call on it answers nothing, so what is published then is in flight until `kill`; traffic goes
   * on before. Every queue declared before the call survives.
   */
  freeze(): Promise<void>;
  /** SIGKILL; at once when frozen, else as `freeze` 1.5 s after the call. */
  kill(): Promise<void>;
  /** Same data, same port; resolves once it takes connections. */
  start(): Promise<void>;
  /** To be called by every test that started one: stops it and removes its data. Idempotent. */
  dispose(): Promise<void>;
}

/** Makes an empty database with a name of its own on the shared test server. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = fromEnvironment('TEST_DATABASE_URL');
  const name = uniquePrefix('test');
  await onServer(serverUrl, (server) => server.raw('create database ??', [name]));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const knex = knexModule({ client: 'pg', connection: url.href, pool: { min: 0, max: 10 } });
  return {
    url: url.href,
    knex,
    drop: async () => {
      await knex.destroy();
      await onServer(serverUrl, (server) => server.raw('drop database if exists ?? with (force)', [name]));
    },
  };
}

/** The URL of the RabbitMQ that all tests share: name what you declare there with `uniquePrefix`. */
export function testAmqpUrl(): string {
  return fromEnvironment('TEST_AMQP_URL');
}

/** `name` followed by something unique; lower-case letters, digits and `_`, fit for SQL and RabbitMQ names. */
export function uniquePrefix(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}_${randomBytes(6).toString('hex')}`;
}

/**
 * Asks `probe` until it gives something other than undefined or false, and returns that. A probe that throws counts
 * as not yet. By default it gives up before the half minute is over after which the hub helps itself; see jest.config.mjs.
 *
 * @throws Error `not within N ms: WHAT`, with the probe's last error as its cause.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause });
    await delay(POLL_MS);
  }
}

/** Starts a broker for one test; takes about 3 s. */
export async function startPrivateRabbitMq(): Promise<PrivateRabbitMq> {
  const folder = makeTestFolder('private-rabbitmq');
  const server = await startRabbitMq({ program: ensureRabbitMqInstalled(), folder });
  let isFrozen = false;
  return {
    url: server.url,
    stop: () => server.stop(),
    freeze: async () => {
      await delay(QUEUES_ON_DISK_AFTER_MS);
      server.freeze();
      isFrozen = true;
    },
    kill: async () => {
      if (!isFrozen) await delay(QUEUES_ON_DISK_AFTER_MS);
      isFrozen = false;
      await server.kill();
    },
    start: () => server.start(),
    dispose: async () => {
      await server.dispose();
      removeTestFolder(folder);
      await dismissGuard();
    },
  };
}

async function onServer(url: string, statement: (server: Knex) => Knex.Raw): Promise<void> {
  const server = knexModule({ client: 'pg', connection: url, pool: { min: 0, max: 1 } });
  try {
    await statement(server);
  } finally {
    await server.destroy();
  }
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(
      `${name} is not set: a test that needs servers is named *.integration.test.ts and run by npm test`,
    );
  }
  return value;
}
