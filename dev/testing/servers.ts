import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dismissGuard, keepFolder, removeFolderOnDeath } from '../guard.ts';
import { type PostgresServer, startPostgres } from '../postgres.ts';
import { ensureRabbitMqInstalled } from '../rabbitmq-install.ts';
import { type RabbitMqServer, startRabbitMq } from '../rabbitmq.ts';

let folder: string | undefined;
let postgres: PostgresServer | undefined;
let rabbitMq: RabbitMqServer | undefined;

/**
 * Gives the tests their servers: those named by DATABASE_URL and AMQP_URL, else private ones that live until
 * `stopTestServers`. Their URLs are left in TEST_DATABASE_URL and TEST_AMQP_URL.
 *
 * @throws Error saying what to install where there is no RabbitMQ; there is no stand-in.
 */
export async function startTestServers(): Promise<void> {
  folder = makeTestFolder('servers');
  try {
    const started = await Promise.allSettled([openPostgres(folder), openRabbitMq(folder)]);
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
  } catch (error) {
    await stopTestServers();
    throw error;
  }
}

/** Stops what `startTestServers` started and removes its data. */
export async function stopTestServers(): Promise<void> {
  await Promise.all([postgres?.dispose(), rabbitMq?.dispose()]);
  postgres = rabbitMq = undefined;
  if (folder !== undefined) removeTestFolder(folder);
  folder = undefined;
  await dismissGuard();
}

/** A new temporary folder that goes away even if this process is killed. */
export function makeTestFolder(purpose: string): string {
  const made = mkdtempSync(join(tmpdir(), `points-hub-${purpose}-`));
  // Run by root, Postgres is another user and must get through.
  chmodSync(made, 0o755);
  removeFolderOnDeath(made);
  return made;
}

/** Removes a folder from `makeTestFolder`. */
export function removeTestFolder(made: string): void {
  rmSync(made, { recursive: true, force: true });
  keepFolder(made);
}

async function openPostgres(parent: string): Promise<void> {
  let url = process.env['DATABASE_URL'];
  if (url === undefined) {
    postgres = await startPostgres({ folder: join(parent, 'postgres'), durable: false });
    url = postgres.url;
  }
  process.env['TEST_DATABASE_URL'] = url;
}

async function openRabbitMq(parent: string): Promise<void> {
  let url = process.env['AMQP_URL'];
  if (url === undefined) {
    rabbitMq = await startRabbitMq({ program: ensureRabbitMqInstalled(), folder: join(parent, 'rabbitmq') });
    url = rabbitMq.url;
  }
  process.env['TEST_AMQP_URL'] = url;
}
