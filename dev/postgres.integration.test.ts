import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { dismissGuard } from './guard.ts';
import { ensureDatabase, type PostgresServer, startPostgres } from './postgres.ts';
import { identify, identifySelf, type ProcessIdentity } from './process-identity.ts';
import { endProcess } from './server-process.ts';
import { eventually } from './testing/index.ts';
import { guardOf } from './testing/process-table.ts';
import { makeTestFolder, removeTestFolder } from './testing/servers.ts';

let folder: string;
let server: PostgresServer | undefined;
beforeEach(() => {
  folder = join(makeTestFolder('postgres'), 'cluster');
});
afterEach(async () => {
  await server?.dispose();
  server = undefined;
  removeTestFolder(join(folder, '..'));
  await dismissGuard();
});

describe('an embedded Postgres', () => {
  test('listens on the loopback interface only and asks for its password', async () => {
    server = await start();
    const { rows } = await query<{ listen_addresses: string }>(server.url, 'show listen_addresses');
    expect(rows).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test('keeps its data over stop, kill and a second start on the same folder', async () => {
    server = await start();
    const { url } = server;
    await query(url, 'create table kept (n integer)');
    for (const how of ['stop', 'kill'] as const) {
      await query(url, 'insert into kept (n) values (1)');
      await server[how]();
      await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
      await server.start();
    }
    await server.dispose();
    server = await start();
    expect((await query(server.url, 'select n from kept')).rowCount).toBe(2);
  });

  test('on a folder in use refuses and names the process', async () => {
    server = await start();
    await expect(start()).rejects.toThrow(`is in use by process ${process.pid}`);
  });

  test('starts although a stale postmaster.pid names a living process of somebody else', async () => {
    server = await start();
    await server.kill();
    const pidFile = join(server.folder, 'data', 'postmaster.pid');
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    await server.start();
    expect((await query(server.url, 'select 1')).rowCount).toBe(1);
  });

  test('two that ask for the same database at once both get it', async () => {
    server = await start();
    const { url } = server;
    const urls = await Promise.all([ensureDatabase(url, 'points_hub'), ensureDatabase(url, 'points_hub')]);
    expect(urls[0]).toBe(urls[1]);
    await query(urls[0], 'select 1');
  });
});

describe('when the process that started Postgres is killed', () => {
  test('while initdb runs, the next start begins anew', async () => {
    const starter = startElsewhere();
    await eventually('initdb runs', () => Promise.resolve(isInitdbAtWork()));
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    server = await start();
    expect((await query(server.url, 'select 1')).rowCount).toBe(1);
  }, 60_000);

  test('the guard stops the server', async () => {
    const { starter, postmaster } = await startedElsewhere();
    starter.kill('SIGKILL');
    await eventually('Postgres ends', () => Promise.resolve(identify(postmaster.pid) === undefined));
  }, 60_000);

  test('together with its guard, the next start finds the orphan and takes its place', async () => {
    const { starter, guard, postmaster } = await startedElsewhere();
    // The guard first, or it would do its duty.
    await endProcess(guard, 'SIGKILL', 5_000);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(identify(postmaster.pid)).toEqual(postmaster);
    server = await start();
    expect(identify(postmaster.pid)).toBeUndefined();
    expect((await query(server.url, 'select 1')).rowCount).toBe(1);
  }, 60_000);
});

function isInitdbAtWork(): boolean {
  if (!existsSync(folder)) return false;
  const draft = readdirSync(folder).find(
    (name) => name.startsWith('data.draft-') && !/\.(log|password)$/.test(name),
  );
  return draft !== undefined && existsSync(join(folder, draft, 'base'));
}

function start(): Promise<PostgresServer> {
  return startPostgres({ folder, durable: false });
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<pg.QueryResult<Row>> {
  const client = new pg.Client({ connectionString: url });
  // A server that is killed ends the connection, which is what some tests are about.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.query<Row>(sql);
  } finally {
    await client.end();
  }
}

function startElsewhere(): ChildProcess {
  const module = JSON.stringify(join(import.meta.dirname, 'postgres.ts'));
  const script = `
    const { startPostgres } = await import(${module});
    await startPostgres({ folder: ${JSON.stringify(folder)}, durable: false });
    console.log('started');
    setInterval(() => undefined, 60_000);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function startedElsewhere(): Promise<{
  starter: ChildProcess;
  guard: ProcessIdentity;
  postmaster: ProcessIdentity;
}> {
  const starter = startElsewhere();
  if (starter.stdout === null) throw new Error('no output to wait for');
  await once(starter.stdout, 'data');
  const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const postmaster = identify(pid);
  const guard = await guardOf(starter.pid ?? 0);
  if (postmaster === undefined) throw new Error(`no postmaster ${pid}`);
  expect(postmaster).not.toEqual(identifySelf());
  return { starter, guard, postmaster };
}
