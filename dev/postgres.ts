import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { takeLock } from './lock.ts';
import { initialiseCluster } from './postgres-cluster.ts';
import { postgresBinaries, postgresUser } from './postgres-binaries.ts';
import { freePort } from './ports.ts';
import { commandLineOf, identify, type ProcessIdentity } from './process-identity.ts';
import { makePassableFolder, reachableFolder } from './reachable-folder.ts';
import { endProcess, launch, type ServerProcess, tailOf } from './server-process.ts';

const SUPERUSER = 'points_hub';
const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;
const POLL_MS = 20;

export interface PostgresOptions {
  /** Where the cluster lives; made if missing, kept if there. */
  readonly folder: string;
  /** Undefined: any free port. */
  readonly port?: number | undefined;
  /** False: a crash of the machine may lose everything, one of the server alone nothing; for tests only. */
  readonly durable: boolean;
  /** Called when the server ends without having been told to. */
  readonly onUnexpectedExit?: (how: string) => void;
}

/** A Postgres of our own on 127.0.0.1. */
export interface PostgresServer {
  /** Of the database `postgres`, with the superuser's password. */
  readonly url: string;
  readonly port: number;
  /** Where the cluster really is: another folder than asked for when root's Postgres user could not reach that one. */
  readonly folder: string;
  /** Fast shutdown: open transactions roll back, committed data is on disk. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, as by a crash. */
  kill(): Promise<void>;
  /** Starts again after `stop` or `kill`: same data, same port. */
  start(): Promise<void>;
  /** `stop`, and gives the folder free for others. */
  dispose(): Promise<void>;
}

/**
 * Starts the Postgres 18 from npm on a folder, with the data that is there. A server of ours whose starter died is
 * found by its pid file in that folder and stopped first; what a crash left behind is cleared away.
 *
 * @throws Error when a living process uses the folder, or the server does not start (with the end of its log).
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = postgresUser();
  const folder = user === undefined ? options.folder : reachableFolder(options.folder, user);
  makePassableFolder(folder);
  const outcome = takeLock(folder);
  if (outcome.type === 'held') throw new Error(`${folder} is in use by process ${outcome.owner.pid}`);
  try {
    const binaries = postgresBinaries(user);
    const data = join(folder, 'data');
    const password = readOrMakePassword(join(folder, 'password'));
    await endOrphan(data);
    if (!existsSync(data))
      await initialiseCluster({
        binaries,
        data,
        user,
        durable: options.durable,
        superuser: SUPERUSER,
        password,
      });
    const port = options.port ?? (await freePort());
    const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
    let server: ServerProcess | undefined;
    const start = async (): Promise<void> => {
      if (server !== undefined) throw new Error(`Postgres on ${folder} is already running`);
      await endOrphan(data);
      const log = join(folder, 'postgres.log');
      const started = await launchUntilReady({
        postgres: binaries.postgres,
        data,
        port,
        durable: options.durable,
        log,
        url,
        user,
      });
      server = started;
      void started.exited.then((how) => {
        if (server === started) options.onUnexpectedExit?.(how);
      });
    };
    const end = async (signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
      const ending = server;
      server = undefined;
      if (ending === undefined) return;
      await endProcess(ending.identity, signal, STOP_WITHIN_MS);
      await ending.awaitExit();
    };
    await start();
    return {
      url,
      port,
      folder,
      start,
      stop: () => end('SIGINT'),
      kill: () => end('SIGKILL'),
      dispose: async () => {
        await end('SIGINT');
        outcome.lock.release();
      },
    };
  } catch (error) {
    outcome.lock.release();
    throw error;
  }
}

/** Makes the database if the server lacks it. Returns its URL. Two callers at once both succeed. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (error) {
    const duplicate = ['42P04', '23505'];
    if (!(error instanceof pg.DatabaseError && duplicate.includes(error.code ?? ''))) throw error;
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

interface Launch {
  readonly postgres: string;
  readonly data: string;
  readonly port: number;
  readonly durable: boolean;
  readonly log: string;
  readonly url: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

async function launchUntilReady(what: Launch): Promise<ServerProcess> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('PG')),
  );
  const deadline = Date.now() + START_WITHIN_MS;
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(what.port),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '200',
    ...(what.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  for (;;) {
    const server = await launch({
      command: what.postgres,
      args: ['-D', what.data, ...flags],
      environment: { ...environment, LC_ALL: 'C' },
      workingFolder: what.data,
      logFile: what.log,
      endBy: 'INT',
      owner: what.user,
    });
    while (!server.hasExited() && Date.now() < deadline) {
      if (await answers(what.url)) {
        server.letGo();
        return server;
      }
      await delay(POLL_MS);
    }
    // The backends of a killed server need a moment to notice; until then a new one refuses to start on their memory.
    const mayRetry =
      server.hasExited() && tailOf(what.log).includes('shared memory block') && Date.now() < deadline;
    if (!mayRetry) {
      await endProcess(server.identity, 'SIGKILL', STOP_WITHIN_MS);
      throw new Error(
        `Postgres did not start on ${what.data} (${await server.awaitExit()}):\n${tailOf(what.log)}`,
      );
    }
    await delay(POLL_MS);
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Stops a server that still runs on this data, and removes the pid file of one that does not. */
async function endOrphan(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const orphan = runningOn(data, pidFile);
  if (orphan !== undefined) await endProcess(orphan, 'SIGINT', STOP_WITHIN_MS);
  // Postgres refuses to start while the number in the file belongs to any process of its user, even a stranger's.
  rmSync(pidFile, { force: true });
}

function runningOn(data: string, pidFile: string): ProcessIdentity | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const found = Number.isInteger(pid) && pid > 1 ? identify(pid) : undefined;
  return found !== undefined && commandLineOf(pid).includes(` ${data}`) ? found : undefined;
}

function readOrMakePassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
