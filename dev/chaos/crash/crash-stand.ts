/** A hub in a process of its own that hangs on wires, so that it can be killed at any of its calls. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placeOrder, type OrderRequest } from '@points-hub/hub';
import { openDatabase } from '../../../hub/store/database.ts';
import { createApiKey } from '../../../hub/store/malls.ts';
import { migrateHub } from '../../../hub/store/migrate.ts';
import { dismissGuard } from '../../guard.ts';
import { launch, tailOf, type ServerProcess } from '../../server-process.ts';
import {
  createTestDatabase,
  eventually,
  testAmqpUrl,
  uniquePrefix,
  type TestDatabase,
} from '../../testing/index.ts';
import { openAmqpWire } from './amqp-wire.ts';
import { Fuse, type CrashPoint } from './fuse.ts';
import { openHttpWire } from './http-wire.ts';
import { openPostgresWire } from './postgres-wire.ts';
import type { Wire } from './wire.ts';

export interface CrashStandOptions {
  readonly sandboxUrl: string;
  readonly configFolder: string;
  /** From `compileHub`. */
  readonly compiledFolder: string;
}

/** How an order went whose hub was to die at a point. */
export interface Went {
  readonly status: string;
  /** Whether the hub met the point, and died of it. */
  readonly crashed: boolean;
  /** How many calls of each kind there were. */
  readonly counts: ReadonlyMap<string, number>;
}

/** One database, one set of queues, and one hub after the other. */
export interface CrashStand {
  readonly database: TestDatabase;
  /** Starts a hub, which comes up with nothing to do. */
  start(): Promise<void>;
  /** Kills the hub, if there is one. */
  kill(): Promise<void>;
  /**
   * Places an order with the hub that runs, which dies at `point`; then a new one runs. Resolves when the order has
   * ended and nothing is left to be done.
   *
   * @param mustCome waits for the point, be it when the order has ended
   */
  crashInOrder(order: OrderRequest, point: CrashPoint | undefined, mustCome?: boolean): Promise<Went>;
  /** As `crashInOrder`, but the order waits already when the hub that dies is started. */
  crashInStart(order: OrderRequest, point: CrashPoint): Promise<Went>;
  close(): Promise<void>;
}

const hubProgram = join(import.meta.dirname, '../../../hub/main.ts');

/** Halves the start of some hundred hubs. Node writes what it compiled at its exit, which those never come to. */
export async function compileHub(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'points-hub-compiled-'));
  const env = { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: folder };
  await promisify(execFile)(process.execPath, [hubProgram, '--help'], { env });
  return folder;
}

const startMs = 30_000;
const orderMs = 60_000;

export async function openCrashStand(options: CrashStandOptions): Promise<CrashStand> {
  const folder = mkdtempSync(join(tmpdir(), 'points-hub-crash-'));
  const database = await createTestDatabase();
  await migrateHub(database.knex);
  const connection = openDatabase({ url: database.url, applicationName: 'test', poolMax: 1 });
  const { apiKey } = await createApiKey(connection, { mallId: 'shop', ratePerSecond: 10_000 });
  await connection.close();

  const fuse = new Fuse();
  const [sql, amqp, http] = [new URL(database.url), new URL(testAmqpUrl()), new URL(options.sandboxUrl)];
  const wires = [
    await openPostgresWire(sql, fuse),
    await openAmqpWire(amqp, fuse),
    await openHttpWire(http, fuse),
  ] as const;
  const [sqlUrl, amqpUrl, httpUrl] = [sql, amqp, http].map((url, index) => onWire(url, wires[index] as Wire));
  const logFile = join(folder, 'hub.log');
  const prefix = uniquePrefix('crash');
  let hub: ServerProcess | undefined;

  async function launchHub(): Promise<ServerProcess> {
    const settings = `--config ${options.configFolder} --port 0 --prefix ${prefix} --pool 4`;
    const paces = '--sweep-every 400 --wake-after 500';
    hub = await launch({
      command: process.execPath,
      args: [hubProgram, ...`${settings} ${paces}`.split(' ')],
      environment: {
        ...process.env,
        DATABASE_URL: sqlUrl,
        AMQP_URL: amqpUrl,
        SANDBOX_URL: httpUrl,
        SANDBOX_TOKEN: 'unused',
        LOG_LEVEL: 'info',
        NODE_OPTIONS: '',
        NODE_COMPILE_CACHE: options.compiledFolder,
      },
      workingFolder: folder,
      logFile,
      endBy: 'KILL',
    });
    return hub;
  }

  /** The wires first: from the moment of its death on nothing of it may reach anybody. */
  function die(): void {
    for (const wire of wires) wire.cut();
    hub?.signal('SIGKILL');
  }

  async function kill(): Promise<void> {
    const dying = hub;
    die();
    await dying?.awaitExit();
    fuse.reset();
    hub = undefined;
  }

  /** Where the hub that lives listens. A port of one's own could be another's after a death. */
  function address(): string {
    const [, found] =
      /"url":"(http:[^"]+)","msg":"the API listens"/.exec(readFileSync(logFile, 'utf8')) ?? [];
    if (found === undefined) throw new Error('the hub does not listen yet');
    return found;
  }

  async function isUp(): Promise<boolean> {
    if (hub?.hasExited()) throw new Error(`the hub ended:\n${tailOf(logFile)}`);
    return (await fetch(`${address()}/readyz`)).ok;
  }

  async function start(): Promise<void> {
    await launchHub();
    await eventually('the hub is up', isUp, startMs);
  }

  /** As a mall does: again and again until it has an answer. */
  async function place(order: OrderRequest): Promise<void> {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    await eventually(
      'the order is accepted',
      async () => {
        const answer = await fetch(`${address()}/v1/orders`, {
          method: 'POST',
          headers,
          body: JSON.stringify(order),
        });
        await answer.arrayBuffer();
        return answer.ok;
      },
      startMs,
    );
  }

  /** Until the order has ended and nothing is on its way any more. */
  async function settled({ orderId }: OrderRequest): Promise<string> {
    let seen = -1;
    return eventually(
      `order ${orderId} ends`,
      async () => {
        // Nothing was written without a call; a dozen stands that ask all the time would take the hubs' processor.
        if (fuse.passed === seen || !fuse.isQuiet()) return undefined;
        seen = fuse.passed;
        const { rows } = await database.knex.raw<{ rows: { status: string }[] }>(
          `select status from hub.orders
           where order_id = ? and ended_at is not null
             and not exists (select from hub.deductions where wake_by is not null or lease_until is not null)
             and not exists (select from outbox.messages)`,
          [orderId],
        );
        return rows[0]?.status;
      },
      orderMs,
    ).catch(async (cause: unknown) => {
      const { rows } = await database.knex.raw<{ rows: object[] }>('select * from hub.deductions');
      const left = rows.filter((row) => (row as { wake_by: unknown }).wake_by !== null);
      throw new Error(`${JSON.stringify({ left, counts: [...fuse.counts] })}\n${tailOf(logFile)}`, { cause });
    });
  }

  /** Runs `work` with the fuse armed; where it blows, a new hub takes the place of the dead one. */
  async function under(
    point: CrashPoint | undefined,
    mustCome: boolean,
    order: OrderRequest,
    work: () => Promise<unknown>,
    again: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Went> {
    let restart: Promise<void> | undefined;
    fuse.arm(point, () => {
      restart = kill().then(start);
    });
    await work();
    // A call that comes by the clock may come when the order is through already, or only when the API is asked again: a
    // key that was looked up lately is known.
    const hasCome = async (): Promise<boolean> => {
      if (restart === undefined) await again();
      return restart !== undefined;
    };
    if (point !== undefined && mustCome) await eventually(`${point.side} ${point.kind}`, hasCome, startMs);
    const status = await settled(order);
    const went = { status, crashed: restart !== undefined, counts: fuse.counts };
    fuse.arm(undefined);
    await restart;
    return went;
  }

  return {
    database,
    start,
    kill,
    crashInOrder: (order, point, mustCome = false) => {
      const placing = (): Promise<void> => place(order);
      return under(point, mustCome, order, placing, placing);
    },
    crashInStart: async (order, point) => {
      await kill();
      await database.knex.transaction((transaction) =>
        placeOrder(transaction, { mallId: 'shop', ...order }, { prefix }),
      );
      return under(point, true, order, launchHub);
    },
    close: async () => {
      await kill();
      await Promise.all(wires.map((wire) => wire.close()));
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
      await dismissGuard();
    },
  };
}

function onWire(url: URL, { port }: Wire): string {
  const wired = new URL(url);
  wired.hostname = '127.0.0.1';
  wired.port = String(port);
  return wired.href.replace(/\/$/, '');
}
