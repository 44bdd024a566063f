import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connect } from 'amqplib';
import { dismissGuard } from './guard.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import { ensureRabbitMqInstalled } from './rabbitmq-install.ts';
import { type RabbitMqServer, startRabbitMq } from './rabbitmq.ts';
import { endProcess } from './server-process.ts';
import { eventually } from './testing/index.ts';
import { guardOf, listeningAddressesOf } from './testing/process-table.ts';
import { makeTestFolder, removeTestFolder } from './testing/servers.ts';

const patienceMs = 60_000;

let folder: string;
let servers: RabbitMqServer[];
beforeEach(() => {
  folder = makeTestFolder('rabbitmq');
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.dispose()));
  removeTestFolder(folder);
  await dismissGuard();
}, patienceMs);

test(
  'two private brokers run side by side, and stopping one leaves nothing of it',
  async () => {
    const [one, other] = await Promise.all([start('one'), start('other')]);
    const processes = recorded('one');
    expect(processes).toHaveLength(2);
    await one.dispose();
    expect(processes.filter(isRunning)).toEqual([]);
    await expect(connect(one.url)).rejects.toThrow('ECONNREFUSED');
    await (await connect(other.url)).close();
  },
  patienceMs,
);

test(
  'a private broker and its port mapper listen on the loopback interface only',
  async () => {
    await start('one');
    const addresses = recorded('one').flatMap(({ pid }) => listeningAddressesOf(pid));
    // AMQP, distribution, port mapper (which has IPv6's loopback, too).
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const address of addresses) expect(['127.0.0.1', '[::1]']).toContain(address);
  },
  patienceMs,
);

test(
  'a broker whose starter and guard were killed is found by its record and replaced',
  async () => {
    const starter = startElsewhere('one');
    if (starter.stdout === null) throw new Error('no output to wait for');
    await once(starter.stdout, 'data');
    const orphans = recorded('one');
    await endProcess(await guardOf(starter.pid ?? 0), 'SIGKILL', 5_000);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(orphans.filter(isRunning)).toHaveLength(2);
    const server = await start('one');
    expect(orphans.filter(isRunning)).toEqual([]);
    await (await connect(server.url)).close();
  },
  patienceMs,
);

test(
  'when the starter is killed while the broker boots, the guard ends broker and port mapper',
  async () => {
    const starter = startElsewhere('one');
    const booting = await eventually('both processes run', () => {
      const processes = tryRecorded('one');
      return Promise.resolve(processes.length === 2 && processes);
    });
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    await eventually('both are gone', () => Promise.resolve(!booting.some(isRunning)), patienceMs);
  },
  patienceMs,
);

async function start(name: string): Promise<RabbitMqServer> {
  const server = await startRabbitMq({ program: ensureRabbitMqInstalled(), folder: join(folder, name) });
  servers.push(server);
  return server;
}

function recorded(name: string): ProcessIdentity[] {
  return JSON.parse(readFileSync(join(folder, name, 'running.json'), 'utf8')) as ProcessIdentity[];
}

function tryRecorded(name: string): ProcessIdentity[] {
  try {
    return recorded(name);
  } catch {
    return [];
  }
}

function startElsewhere(name: string): ChildProcess {
  const [server, program] = ['rabbitmq.ts', 'rabbitmq-install.ts'].map((file) =>
    JSON.stringify(join(import.meta.dirname, file)),
  );
  const script = `
    const { startRabbitMq } = await import(${server});
    const { ensureRabbitMqInstalled } = await import(${program});
    await startRabbitMq({ program: ensureRabbitMqInstalled(), folder: ${JSON.stringify(join(folder, name))} });
    console.log('started');
    setInterval(() => undefined, 60_000);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
