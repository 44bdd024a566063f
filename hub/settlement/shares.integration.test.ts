/** A channel's concurrency and its breaker, held by several processes together on one real Postgres. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSandbox, type Sandbox } from '@points-hub/adapters/sandbox';
import { createTestDatabase, eventually, type TestDatabase } from '@points-hub/dev/testing';
import { pino } from 'pino';
import type { Remote } from '../core/breaker.ts';
import type { Sign } from '../core/sign.ts';
import { callShares } from '../store/call-shares.ts';
import { channelStates } from '../store/channel-states.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { migrateHub } from '../store/migrate.ts';
import { configFolder, type ConfigFolder } from '../testing/config-folder.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';
import { turnstile, type Turnstile } from '../testing/turnstile.ts';
import { startBreakers, type Breakers } from './breakers.ts';
import { startShares, type Shares } from './shares.ts';
import type { CallShares } from './turns-port.ts';

const log = pino({ level: 'silent' });
const monotonicMs = (): number => performance.now();

describe('processes that share a channel', () => {
  let own: TestDatabase;
  let database: Database;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    own = await createTestDatabase();
    await migrateHub(own.knex);
    database = openDatabase({ url: own.url, applicationName: 'test', poolMax: 6 });
  });

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await database.close();
    await own.drop();
  });

  interface Process {
    readonly shares: Shares;
    /** How many places it fills when it takes all that it gets. */
    inHand(): number;
    /** Postgres is out of its reach from now on. */
    cutOff(): void;
  }

  /**
   * A process that would like all calls at once, and ends none by itself. Its lease is longer than any machine keeps it
   * waiting, unless the test is about one that lapses.
   */
  function join(concurrencyMax: number, leaseMs = 60_000): Process {
    let isCutOff = false;
    let inHand = 0;
    const stored = callShares(database);
    const store: CallShares = {
      renew: (holder, wishes) =>
        isCutOff ? Promise.reject(new Error('away')) : stored.renew(holder, wishes),
      leave: (holder) => stored.leave(holder),
    };
    const shares = startShares({
      store,
      concurrencyMax: new Map([['airmiles', concurrencyMax]]),
      longestCallMs: () => 100,
      pollMs: 20,
      leaseMs,
      monotonicMs,
      log,
      onIdle: () => undefined,
    });
    let isOver = false;
    const fill = async (): Promise<void> => {
      if (!(await shares.enter('airmiles', 5_000))) return;
      inHand += 1;
      if (isOver) shares.leave('airmiles');
    };
    for (let index = 0; index < concurrencyMax; index += 1) void fill();
    stops.push(async () => {
      isOver = true;
      for (let index = inHand; index > 0; index -= 1) shares.leave('airmiles');
      await shares.stop();
    });
    return { shares, inHand: () => inHand, cutOff: () => (isCutOff = true) };
  }

  async function granted(): Promise<number[]> {
    const rows = await own.knex<{ granted: number }>('hub.call_shares').select('granted').orderBy('granted');
    return rows.map((row) => row.granted);
  }

  test('the first has all; who comes later gets a part only as calls of the first end', async () => {
    const first = join(6);
    await eventually('the first has all', async () => first.inHand() === 6 && (await granted()).length === 1);
    const second = join(6);
    await eventually('the second is known', async () => (await granted()).length === 2);
    expect(await granted()).toEqual([0, 6]);
    expect(second.inHand()).toBe(0);
    first.shares.leave('airmiles');
    first.shares.leave('airmiles');
    await eventually('what came free is the second’s', async () => Promise.resolve(second.inHand() === 2));
    expect(await granted()).toEqual([2, 4]);
    first.shares.leave('airmiles');
    await eventually('both have the same', async () => Promise.resolve(second.inHand() === 3));
    first.shares.leave('airmiles');
    await eventually('the first goes on with its part', async () => (await granted()).join() === '3,3');
    expect(second.inHand()).toBe(3);
  });

  test('of fewer places than processes some have none, and no place is given twice', async () => {
    const processes = [join(2), join(2), join(2)];
    const sum = (): number => processes.reduce((all, { inHand }) => all + inHand(), 0);
    await eventually('the places are filled', async () => Promise.resolve(sum() === 2));
    await eventually('all have been heard', async () => (await granted()).length === 3);
    expect((await granted()).reduce((all, one) => all + one, 0)).toBe(2);
    expect(sum()).toBe(2);
  });

  test('what one that vanished had is free when its last call must be over, and it begins no more itself', async () => {
    const vanished = join(4, 300);
    await eventually('it has all', async () => Promise.resolve(vanished.inHand() === 4));
    vanished.cutOff();
    const heir = join(4);
    await eventually('the heir has all', async () => Promise.resolve(heir.inHand() === 4));
    expect(vanished.shares.isValid('airmiles')).toBe(false);
    await eventually('only the heir is left', async () => (await granted()).join() === '4');
  });

  describe('count its failures together', () => {
    const remote: Remote = 'channel:airmiles';
    const away: Sign = { type: 'away', cause: 'timeout', retryAfterMs: 0 };
    const there: Sign = { type: 'there' };

    function watch(failuresMax: number): Breakers & { isHeld(): boolean } {
      const breakers = startBreakers({
        states: channelStates(database),
        limitsOf: () => ({
          failuresMax,
          windowMs: 60_000,
          callsMin: 20,
          failureShareMax: 0.5,
          openMs: 60_000,
          openMaxMs: 60_000,
        }),
        pollMs: 3_600_000,
        monotonicMs,
        random: () => 0,
        log,
        onProbeDue: () => undefined,
        onHeld: () => undefined,
      });
      stops.push(() => breakers.stop());
      return { ...breakers, isHeld: () => breakers.heldUntil(remote, new Date()) !== undefined };
    }

    test('fewer in a row than each may meet open the breaker for all', async () => {
      const [one, other] = [watch(5), watch(5)];
      for (let index = 0; index < 3; index += 1)
        for (const each of [one, other]) each.observe(remote, away, 0, 'move');
      await one.look();
      expect([one.isHeld(), other.isHeld()]).toEqual([false, false]);
      await other.look();
      await one.look();
      expect([one.isHeld(), other.isHeld()]).toEqual([true, true]);
    });

    test('three of five calls that fail, spread over both, open it; nothing is written of a channel that is well', async () => {
      const [one, other] = [watch(1_000), watch(1_000)];
      for (let index = 0; index < 50; index += 1)
        for (const each of [one, other]) each.observe(remote, there, 0, 'move');
      await one.look();
      await other.look();
      expect(await own.knex('hub.channel_states').select()).toEqual([]);
      for (let index = 0; index < 15; index += 1)
        for (const each of [one, other]) each.observe(remote, index % 5 < 3 ? away : there, 0, 'move');
      await one.look();
      expect(one.isHeld()).toBe(false);
      await other.look();
      await one.look();
      expect([one.isHeld(), other.isHeld()]).toEqual([true, true]);
    });

    test('answered look-ups make up for no failed deductions, and unanswered ones open it by themselves', async () => {
      const [taking, asking] = [watch(5), watch(5)];
      for (let index = 0; index < 4; index += 1) {
        taking.observe(remote, away, 0, 'move');
        taking.observe(remote, there, 0, 'look_up');
        asking.observe(remote, away, 0, 'look_up');
        asking.observe(remote, there, 0, 'move');
      }
      expect([taking.isHeld(), asking.isHeld()]).toEqual([false, false]);
      asking.observe(remote, away, 0, 'look_up');
      expect([taking.isHeld(), asking.isHeld()]).toEqual([false, true]);
      taking.observe(remote, away, 0, 'move');
      expect(taking.isHeld()).toBe(true);
      await taking.look();
    });
  });
});

describe('two hubs', () => {
  const limitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 64, connectionsMax: 64 }';
  const portalLimitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 256, connectionsMax: 128 }';
  let hub: HubUnderTest;
  let remote: Sandbox;
  let gate: Turnstile;
  let config: ConfigFolder;

  afterEach(async () => {
    // A hub ends when its calls have.
    gate.letOn();
    await hub.close();
    await gate.close();
    await remote.close();
    await config.remove();
  });

  async function open(limits: string): Promise<void> {
    remote = await createSandbox({ channels: ['airmiles'], latencyMs: 20 });
    gate = await turnstile(remote.url, () => 'anybody');
    config = await configFolder({
      airmiles: [
        ['${SANDBOX_URL}', gate.url],
        [limitsWere, limits],
      ],
    });
    hub = await hubUnderTest('rabbitmq');
  }

  async function openPortal(limits: string): Promise<void> {
    remote = await createSandbox({ channels: ['airmiles', 'bankplus'], latencyMs: 20 });
    gate = await turnstile(remote.url, () => 'anybody');
    config = await configFolder({
      portal: [
        ['${SANDBOX_URL}', gate.url],
        [portalLimitsWere, limits],
      ],
    });
    hub = await hubUnderTest('rabbitmq');
  }

  async function placeAll(first: number, count: number): Promise<void> {
    for (let index = first; index < first + count; index += 1) {
      const deductions = [{ channel: 'airmiles', points: '1.25' }];
      await hub.place({ orderId: `order-${index}`, userId: `user-${index}`, deductions });
    }
  }

  function isTaken(places: number): Promise<unknown> {
    return eventually('every place is taken', async () =>
      Promise.resolve(gate.mostAtOnce.get('anybody') === places),
    );
  }

  /** How many processes are known at the channel, and how many of them have a part of its places. */
  async function callers(): Promise<{ known: number; withPart: number }> {
    const { rows } = await hub.database.knex.raw<{ rows: { known: number; withPart: number }[] }>(
      `select count(*)::int as known, count(*) filter (where granted > 0)::int as "withPart"
       from hub.call_shares where channel = ?`,
      ['airmiles'],
    );
    return rows[0] ?? { known: 0, withPart: 0 };
  }

  // Calls are kept inside while processes come, so that all places are taken on the slowest machine too.
  test('have no more calls at a channel at once than its limit, while one comes and one goes', async () => {
    await open('limits: { callTimeoutMs: 20000, concurrencyMax: 4 }');
    await placeAll(0, 90);
    const first = await hub.start({ configFolder: config.path });
    await eventually('the first is at work', async () => Promise.resolve(gate.passed() > 20));
    gate.hold();
    await hub.start({ configFolder: config.path });
    await placeAll(90, 120);
    await isTaken(4);
    await eventually('the second is known', async () => (await callers()).known === 2);
    gate.letOn();
    await eventually('both have a part', async () => (await callers()).withPart === 2);
    await first.stop();
    await placeAll(210, 60);
    await hub.allSettled();
    expect(gate.mostAtOnce).toEqual(new Map([['anybody', 4]]));
    expect(remote.books().channels['airmiles']?.net).toBe('337.5');
  }, 60_000);

  test('have no more calls at the portal at once than its limit, for all channels together', async () => {
    await openPortal('limits: { callTimeoutMs: 20000, concurrencyMax: 3 }');
    for (let index = 0; index < 60; index += 1) {
      const deductions = ['airmiles', 'bankplus'].map((channel) => ({ channel, points: '1.25' }));
      await hub.place({ orderId: `order-${index}`, userId: `user-${index}`, deductions });
    }
    gate.hold();
    await Promise.all([hub.start({ configFolder: config.path }), hub.start({ configFolder: config.path })]);
    await isTaken(3);
    gate.letOn();
    await hub.allSettled();
    expect(gate.mostAtOnce).toEqual(new Map([['anybody', 3]]));
    expect(remote.books().portal.quotas['airmiles']?.used).toBe('75');
    expect(remote.books().portal.quotas['bankplus']?.used).toBe('75');
  }, 60_000);

  test('leave a channel alone together that fails three calls of five, and settle all when it is well', async () => {
    await open(
      'limits: { callTimeoutMs: 1000, concurrencyMax: 8, breaker: { failuresMax: 1000, openMs: 300, openMaxMs: 600 } }',
    );
    const faults = `${remote.url}/admin/channels/airmiles/faults`;
    const rule = {
      kind: 'error-before-effect',
      status: 503,
      probability: 0.6,
      on: ['deductions', 'lookups'],
    };
    const answer = await fetch(faults, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seed: 1, faults: [rule] }),
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
    await Promise.all([hub.start({ configFolder: config.path }), hub.start({ configFolder: config.path })]);
    await placeAll(0, 80);
    await eventually('it is left alone', async () => {
      const row = await hub.database.knex<{ openings: number }>('hub.channel_states').first('openings');
      return (row?.openings ?? 0) > 0;
    });
    await fetch(faults, { method: 'DELETE' });
    await hub.allSettled();
    expect(remote.books().channels['airmiles']?.net).toBe('100');
    expect(await hub.database.knex('hub.cases').select()).toEqual([]);
  }, 60_000);
});
