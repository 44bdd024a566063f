import { afterEach, describe, expect, test } from '@jest/globals';
import { createSandbox, type Sandbox } from '@points-hub/adapters/sandbox';
import { eventually } from '@points-hub/dev/testing';
import { openDatabase } from '../store/database.ts';
import { memberLanes } from '../store/member-lanes.ts';
import { configFolder, type ConfigFolder } from '../testing/config-folder.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';
import { turnstile, type Turnstile } from '../testing/turnstile.ts';

const limitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 64, connectionsMax: 64 }';
const portalLimitsWere = 'limits: { callTimeoutMs: 5000, concurrencyMax: 256, connectionsMax: 128 }';

let hub: HubUnderTest;
let config: ConfigFolder | undefined;
let remote: Sandbox | undefined;
let gate: Turnstile | undefined;

afterEach(async () => {
  // A hub ends when its calls have.
  gate?.letOn();
  await hub.close();
  await gate?.close();
  await remote?.close();
  await config?.remove();
  gate = remote = config = undefined;
});

async function placeAll(count: number, members: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const deductions = [{ channel: 'airmiles', points: '1.25' }];
    await hub.place({ orderId: `order-${index}`, userId: `user-${index % members}`, deductions });
  }
}

describe('the lane of a member', () => {
  /** 24 orders of two members by two hubs at a channel that takes its time; how many calls it ever had at once. */
  async function mostAtOnce(perUserLane: boolean): Promise<number[]> {
    remote = await createSandbox({ channels: ['airmiles'], latencyMs: 30 });
    gate = await turnstile(remote.url, (body) => (JSON.parse(body) as { member: string }).member);
    config = await configFolder({
      airmiles: [
        ['${SANDBOX_URL}', gate.url],
        ['perUserLane: false', `perUserLane: ${perUserLane}`],
        [limitsWere, limitsWere.replace('callTimeoutMs: 5000', 'callTimeoutMs: 20000')],
      ],
    });
    hub = await hubUnderTest('rabbitmq');
    await placeAll(24, 2);
    const { path } = config;
    // Kept inside until both members' calls are there, or, without a lane, a second one of the same member.
    gate.hold();
    const inside = (): number[] => [...(gate?.mostAtOnce.values() ?? [])];
    await Promise.all([hub.start({ configFolder: path }), hub.start({ configFolder: path })]);
    await eventually('all are there that may come', async () =>
      Promise.resolve(perUserLane ? inside().length === 2 : Math.max(...inside()) > 1),
    );
    gate.letOn();
    await hub.allSettled();
    expect(remote.books().channels['airmiles']?.net).toBe('30');
    return inside();
  }

  test('has one call of its member at a time, whichever process makes it', async () => {
    expect(await mostAtOnce(true)).toEqual([1, 1]);
    const { rows } = await hub.database.knex.raw<{ rows: { attempts: string; failures: string }[] }>(
      'select max(attempts) as attempts, max(failures) as failures from hub.deductions',
    );
    // Waiting costs nothing: one call to the channel, one to the portal.
    expect(rows).toEqual([{ attempts: 2, failures: 0 }]);
    expect(await hub.database.knex('hub.member_lanes').select()).toEqual([]);
  }, 60_000);

  test('is not there where the channel does not ask for it', async () => {
    expect(Math.max(...(await mostAtOnce(false)))).toBeGreaterThan(1);
  }, 60_000);

  test('is taken by one holder, kept by it, and free when the time of a vanished one is past', async () => {
    hub = await hubUnderTest('in-process');
    await placeAll(2, 1);
    const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 4 });
    try {
      const lanes = memberLanes(database, (work) => work());
      const first = await Promise.all(['a', 'b', 'c'].map((holder) => lanes.take('1', holder, 60_000)));
      const [taken] = first.filter((lane) => lane !== undefined);
      expect(first.filter((lane) => lane !== undefined)).toHaveLength(1);
      if (taken === undefined) throw new Error('nobody has it');
      expect(await lanes.take('2', 'd', 60_000)).toBeUndefined();
      expect(await lanes.take('1', taken.holder, 60_000)).toMatchObject({ holder: taken.holder });
      await lanes.leave({ ...taken, holder: 'd' });
      expect(await lanes.take('2', 'd', 60_000)).toBeUndefined();
      await hub.database.knex('hub.member_lanes').update({ held_until: hub.database.knex.fn.now() });
      expect(await lanes.take('2', 'd', 60_000)).toMatchObject({ holder: 'd' });
    } finally {
      await database.close();
    }
  });
});

describe('the rate of a remote', () => {
  test('holds for all processes together, and every order settles', async () => {
    config = await configFolder({
      airmiles: [[limitsWere, 'limits: { ratePerSecond: 40 }']],
      portal: [[portalLimitsWere, 'limits: { ratePerSecond: 50 }']],
    });
    hub = await hubUnderTest('rabbitmq');
    await placeAll(60, 60);
    const { path } = config;
    await Promise.all([hub.start({ configFolder: path }), hub.start({ configFolder: path })]);
    await hub.allSettled();
    expect(hub.sandbox.books().channels['airmiles']?.net).toBe('75');
    // The line is as long as the calls need, from the first of them on: as many turns as calls at least.
    const { rows } = await hub.database.knex.raw<{ rows: { leg: string; calls: number; turns: number }[] }>(
      `select
         leg, count(*)::int as calls,
         (extract(epoch from min(next_at) - min(intended_at)) * min(rate) + 1)::int as turns
       from hub.attempts
       join (values ('points', 'channel:airmiles', 40), ('quota', 'portal', 50)) as rates (leg, remote, rate) using (leg)
       join hub.call_lines using (remote)
       group by leg
       order by leg`,
    );
    expect(rows.map(({ leg, calls }) => [leg, calls])).toEqual([
      ['points', 60],
      ['quota', 60],
    ]);
    for (const { calls, turns } of rows) expect(turns).toBeGreaterThanOrEqual(calls);
  }, 60_000);
});
