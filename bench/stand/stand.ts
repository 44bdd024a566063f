/** The machines of one benchmark: a Postgres with durable defaults and a RabbitMQ, for this run alone. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { dismissGuard, keepFolder, removeFolderOnDeath } from '../../dev/guard.ts';
import { ensureDatabase, startPostgres } from '../../dev/postgres.ts';
import { startRabbitMq } from '../../dev/rabbitmq.ts';
import { ensureRabbitMqInstalled } from '../../dev/rabbitmq-install.ts';
import { runProgram } from './program.ts';

export interface StandOptions {
  /** Where the databases live; undefined: the system's temporary folder. */
  readonly dataFolder: string | undefined;
  /** Gets the CPU profiles of the hub's processes. */
  readonly profileFolder: string | undefined;
  readonly say: (line: string) => void;
}

export interface Stand {
  /** For logs and whatever else a scenario leaves; goes away with the stand. */
  readonly folder: string;
  readonly profileFolder: string | undefined;
  readonly amqpUrl: string;
  readonly postgresFolder: string;
  /** The number of the server process itself. */
  readonly postgresPid: number;
  readonly rabbitMqPids: readonly number[];
  readonly say: (line: string) => void;
  /** An empty database with the hub's tables, the mall `bench` and a key of it. */
  newDatabase(name: string): Promise<{ readonly url: string; readonly apiKey: string }>;
  dropDatabase(name: string): Promise<void>;
  /** Asks the server itself, as its superuser. */
  query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]>;
  /** Ends what `later` was told, then the servers, then removes the data. Idempotent. */
  close(): Promise<void>;
  /** Has something ended when the stand closes, the last first; the answer takes it off the list. */
  later(end: () => Promise<void>): () => void;
}

const template = 'hub_template';
/** Orders of the hub begin here; what is loaded as history has lower numbers. */
export const firstOrderRowId = 1_000_000_000;

/** @throws Error that says what to install where there is no RabbitMQ */
export async function openStand({ dataFolder, profileFolder, say }: StandOptions): Promise<Stand> {
  const program = ensureRabbitMqInstalled();
  const parent = dataFolder ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'points-hub-bench-'));
  // Run by root, Postgres is another user and must get through.
  chmodSync(folder, 0o755);
  removeFolderOnDeath(folder);
  const ends = new Set<() => Promise<void>>();
  const later = (end: () => Promise<void>): (() => void) => {
    ends.add(end);
    return () => ends.delete(end);
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const end of [...ends].toReversed()) await end().catch((error: unknown) => say(String(error)));
      rmSync(folder, { recursive: true, force: true });
      keepFolder(folder);
      await dismissGuard();
    })();
    return closing;
  };
  try {
    const postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: true });
    later(async () => {
      await postgres.dispose();
      // Where root's Postgres user could not reach ours it lies elsewhere.
      rmSync(postgres.folder, { recursive: true, force: true });
    });
    const server = new pg.Pool({ connectionString: postgres.url, max: 2 });
    // Whoever waits for the connection is told by its query.
    server.on('error', () => undefined);
    if (profileFolder !== undefined) {
      await server.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`);
      await postgres.stop();
      await postgres.start();
      await server.query('create extension pg_stat_statements');
    }
    later(() => server.end());
    const rabbitMqFolder = join(folder, 'rabbitmq');
    const rabbitMq = await startRabbitMq({ program, folder: rabbitMqFolder });
    later(() => rabbitMq.dispose());
    const apiKey = await makeTemplate(postgres.url);
    return {
      folder,
      profileFolder,
      say,
      amqpUrl: rabbitMq.url,
      postgresFolder: postgres.folder,
      postgresPid: Number(
        readFileSync(join(postgres.folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
      ),
      rabbitMqPids: pidsRecordedIn(rabbitMqFolder),
      newDatabase: async (name) => {
        await server.query(`create database ${name} template ${template}`);
        const url = new URL(postgres.url);
        url.pathname = `/${name}`;
        return { url: url.href, apiKey };
      },
      dropDatabase: async (name) => {
        await server.query(`drop database if exists ${name} with (force)`);
      },
      query: async <Row extends pg.QueryResultRow>(text: string) => (await server.query<Row>(text)).rows,
      close,
      later,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes the database that all others are copies of. @returns the mall's API key, without a limit that one could meet */
async function makeTemplate(serverUrl: string): Promise<string> {
  const url = await ensureDatabase(serverUrl, template);
  const environment = { ...process.env, DATABASE_URL: url, AMQP_URL: '' };
  await runProgram('hub/main.ts', ['--roles', 'migrate'], environment);
  const key = ['create', '--mall', 'bench', '--rate', '100000', '--json'];
  const { apiKey } = JSON.parse(await runProgram('hub/keys.ts', key, environment)) as { apiKey: string };
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const table of ['orders', 'deductions'])
      await client.query(`alter table hub.${table} alter id restart with ${firstOrderRowId}`);
  } finally {
    await client.end();
  }
  return apiKey;
}

// As dev/server-record.ts writes it: the broker and its port mapper.
function pidsRecordedIn(folder: string): number[] {
  const record = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as { readonly pid: number }[];
  return record.map(({ pid }) => pid);
}
