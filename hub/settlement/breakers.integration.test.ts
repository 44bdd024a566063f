import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSandbox, type Sandbox } from '@points-hub/adapters/sandbox';
import { eventually } from '@points-hub/dev/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pauseChannel, resumeChannel } from '../store/channel-states.ts';
import { openDatabase } from '../store/database.ts';
import { configFolder, type ConfigFolder } from '../testing/config-folder.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';
import { turnstile, type Turnstile } from '../testing/turnstile.ts';

const breaker = 'breaker: { failuresMax: 3, openMs: 300, openMaxMs: 600 }';
const limits = `limits: { callTimeoutMs: 1000, concurrencyMax: 8, ${breaker} }`;
const portalLimits = `limits: { callTimeoutMs: 1000, ${breaker} }`;
const limitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 64, connectionsMax: 64 }';
const portalLimitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 256, connectionsMax: 128 }';

/** A sandbox of its own for one remote, which goes down and comes back on the same port with the same books. */
interface Outsider {
  readonly url: string;
  books(): ReturnType<Sandbox['books']>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  remove(): Promise<void>;
}

async function outsider(channels: readonly string[]): Promise<Outsider> {
  const folder = await mkdtemp(join(tmpdir(), 'outsider-'));
  const journal = join(folder, 'journal');
  let sandbox = await createSandbox({ channels, journal });
  const { url } = sandbox;
  const port = Number(new URL(url).port);
  let isUp = true;
  const goDown = async (): Promise<void> => {
    if (isUp) await sandbox.close();
    isUp = false;
  };
  return {
    url,
    books: () => sandbox.books(),
    goDown,
    comeBack: async () => {
      sandbox = await createSandbox({ channels, journal, port });
      isUp = true;
    },
    remove: async () => {
      await goDown();
      await rm(folder, { recursive: true });
    },
  };
}

let hub: HubUnderTest;
let away: Outsider;
let gate: Turnstile | undefined;
let config: ConfigFolder;

afterEach(async () => {
  await hub.close();
  await gate?.close();
  gate = undefined;
  await away.remove();
  await config.remove();
});

function order(orderId: string, ...channels: string[]): Parameters<HubUnderTest['place']>[0] {
  return {
    orderId,
    userId: `user of ${orderId}`,
    deductions: channels.map((channel) => ({ channel, points: '2.50' })),
  };
}

async function placeAll(orders: readonly Parameters<HubUnderTest['place']>[0][]): Promise<void> {
  for (const one of orders) await hub.place(one);
}

interface StateRow {
  readonly state: string;
  readonly openings: number;
  readonly cause: string | null;
}

function stateOf(remote: string): Promise<StateRow | undefined> {
  return hub.database.knex<StateRow & { remote: string }>('hub.channel_states').where({ remote }).first();
}

function opened(remote: string, openingsMin = 1): Promise<StateRow> {
  return eventually(`${remote} is left alone`, async () => {
    const row = await stateOf(remote);
    return row !== undefined && row.state !== 'closed' && row.openings >= openingsMin ? row : undefined;
  });
}

async function attemptsOf(leg: string, channel: string): Promise<number> {
  const { rows } = await hub.database.knex.raw<{ rows: { count: string }[] }>(
    `select count(*) from hub.attempts join hub.deductions on deductions.id = deduction_id
     where leg = ? and channel = ?`,
    [leg, channel],
  );
  return Number(rows[0]?.count);
}

async function statuses(orderIds: readonly string[]): Promise<Set<string>> {
  return new Set(await Promise.all(orderIds.map((orderId) => hub.ended(orderId))));
}

describe('a channel that is away', () => {
  beforeEach(async () => {
    away = await outsider(['airmiles']);
    config = await configFolder({
      airmiles: [
        ['${SANDBOX_URL}', away.url],
        [limitsWere, limits],
      ],
    });
    hub = await hubUnderTest('rabbitmq');
  });

  test('300 waiting orders burn no attempts, other channels settle meanwhile, and all settle when it is back', async () => {
    await away.goDown();
    await hub.start({ configFolder: config.path });
    const waiting = Array.from({ length: 300 }, (_, index) => order(`waiting-${index}`, 'airmiles'));
    await placeAll(waiting.slice(0, 150));
    await opened('channel:airmiles');
    await placeAll(waiting.slice(150));
    const others = Array.from({ length: 40 }, (_, index) => order(`other-${index}`, 'bankplus', 'fuelcard'));
    await placeAll(others);
    expect(await statuses(others.map(({ orderId }) => orderId))).toEqual(new Set(['settled']));

    const { openings } = await opened('channel:airmiles', 4);
    // What was in hand when it went down, and one call per probe; the sweeper has looked several times meanwhile.
    expect(await attemptsOf('points', 'airmiles')).toBeLessThanOrEqual(8 + openings + 1);
    expect(await attemptsOf('quota', 'airmiles')).toBe(0);

    await away.comeBack();
    await hub.allSettled();
    expect(away.books().channels['airmiles']?.net).toBe('750');
    expect(hub.sandbox.books().portal.quotas['airmiles']?.used).toBe('750');
    expect((await stateOf('channel:airmiles'))?.state).toBe('closed');
    expect(await hub.database.knex('hub.cases').select()).toEqual([]);
  }, 60_000);

  test('a channel that a person paused is called by nobody, and all is made good once it is resumed', async () => {
    const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1 });
    try {
      await pauseChannel(database, 'channel:airmiles', 'ada', 'they announced maintenance');
      await hub.start({ configFolder: config.path });
      await placeAll(Array.from({ length: 20 }, (_, index) => order(`paused-${index}`, 'airmiles')));
      await placeAll([{ ...order('hurried', 'airmiles'), deadlineSeconds: 1 }, order('other', 'bankplus')]);
      expect(await hub.ended('other')).toBe('settled');
      // A deadline needs no call, so it does not wait.
      expect(await hub.ended('hurried')).toBe('cancelled');
      expect(await attemptsOf('points', 'airmiles')).toBe(0);
      await resumeChannel(database, 'channel:airmiles');
      await statuses(Array.from({ length: 20 }, (_, index) => `paused-${index}`));
      expect(away.books().channels['airmiles']?.net).toBe('50');
    } finally {
      await database.close();
    }
  });
});

describe('two hubs', () => {
  test('probe a channel that does not answer one at a time', async () => {
    away = await outsider(['airmiles']);
    gate = await turnstile(away.url, () => 'anybody');
    config = await configFolder({
      airmiles: [
        ['${SANDBOX_URL}', gate.url],
        [limitsWere, limits.replace('callTimeoutMs: 1000', 'callTimeoutMs: 400')],
      ],
    });
    hub = await hubUnderTest('rabbitmq');
    gate.shut(true);
    await Promise.all([hub.start({ configFolder: config.path }), hub.start({ configFolder: config.path })]);
    await placeAll(Array.from({ length: 40 }, (_, index) => order(`waiting-${index}`, 'airmiles')));
    // The first probe begins when every call that was in hand is over.
    await opened('channel:airmiles', 2);
    gate.forget();
    const { openings } = await opened('channel:airmiles', 6);
    expect(gate.passed()).toBeGreaterThanOrEqual(3);
    expect(gate.passed()).toBeLessThanOrEqual(openings + 1);
    expect(gate.mostAtOnce).toEqual(new Map([['anybody', 1]]));
    gate.shut(false);
    await hub.allSettled();
    expect(away.books().channels['airmiles']?.net).toBe('100');
  }, 60_000);
});

describe('the portal', () => {
  beforeEach(async () => {
    away = await outsider(['airmiles', 'bankplus']);
    config = await configFolder({
      portal: [
        ['${SANDBOX_URL}', away.url],
        [portalLimitsWere, portalLimits],
      ],
    });
    hub = await hubUnderTest('rabbitmq');
  });

  test('being away, no new points are taken, and all settles when it is back', async () => {
    await away.goDown();
    await hub.start({ configFolder: config.path });
    const first = Array.from({ length: 20 }, (_, index) => order(`first-${index}`, 'airmiles'));
    await placeAll(first);
    await opened('portal');
    const taken = await eventually('the points that were under way are recorded', async () => {
      const rows = await hub.database.knex('hub.deductions').whereNotNull('lease_until').count('* as busy');
      return Number(rows[0]?.['busy']) === 0 && (await attemptsOf('points', 'airmiles'));
    });
    const later = Array.from({ length: 60 }, (_, index) => order(`later-${index}`, 'airmiles', 'bankplus'));
    await placeAll(later);
    const { openings } = await opened('portal', 4);
    expect(await attemptsOf('points', 'airmiles')).toBe(taken);
    expect(await attemptsOf('points', 'bankplus')).toBe(0);
    expect(await attemptsOf('quota', 'airmiles')).toBeLessThanOrEqual(taken + openings + 1);
    await away.comeBack();
    await hub.allSettled();
    expect(hub.sandbox.books().channels['airmiles']?.net).toBe('200');
    expect(away.books().portal.quotas['airmiles']?.used).toBe('200');
    expect(away.books().portal.quotas['bankplus']?.used).toBe('150');
  }, 60_000);

  test('being away while nothing waits for it, it is asked what is left, and taken back', async () => {
    await hub.start({ configFolder: config.path });
    await hub.database.knex.raw(
      `insert into hub.channel_states (remote, state, until, openings, cause)
       values ('portal', 'open', now(), 1, 'timeout')`,
    );
    await eventually('it is back', async () => (await stateOf('portal'))?.state === 'closed');
    expect(away.books().portal.calls).toMatchObject({ balances: 1, deductions: 0 });
  });
});
