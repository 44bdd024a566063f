/** The switches of channels by the API, and that workers obey them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import type { Person } from './testing/person.ts';

let ops: ConsoleUnderTest;
let root: Person;
beforeEach(async () => {
  ops = await consoleUnderTest();
  root = await ops.person('root', ['admin']);
});
afterEach(() => ops.close());

interface Channel {
  readonly id: string;
  readonly paused: Readonly<Record<string, unknown>> | null;
  readonly limits: Readonly<Record<string, unknown>>;
  readonly waiting: number;
}

async function channel(id: string): Promise<Channel | undefined> {
  const { channels } = (await ops.ask('GET', '/channels')).body as { channels: readonly Channel[] };
  return channels.find((one) => one.id === id);
}

function place(orderId: string, at = 'airmiles'): Promise<void> {
  return ops.hub.place({ orderId, userId: 'ada', deductions: [{ channel: at, points: '2' }] });
}

/** A worker hears of a pause when it looks next. @returns how many orders, `o-0` on, were settled before it did */
async function placeUntilOneWaits(): Promise<number> {
  for (let number = 0; ; number += 1) {
    await place(`o-${number}`);
    // As long as another order takes, this one would have been begun, too.
    await place(`beside-${number}`, 'bankplus');
    await ops.hub.ended(`beside-${number}`);
    const { knex } = ops.hub.database;
    const [latest] = await knex('hub.deductions')
      .where({ channel: 'airmiles' })
      .orderBy('id', 'desc')
      .select<{ attempts: number }[]>('attempts');
    if (latest?.attempts === 0) return number;
    await ops.hub.ended(`o-${number}`);
  }
}

test('every channel and the portal is listed, also where nothing ever happened', async () => {
  const { body } = await ops.ask('GET', '/channels');
  const { channels, isWaitingPartial } = body as { channels: readonly Channel[]; isWaitingPartial: boolean };
  expect(channels.map(({ id }) => id)).toEqual([
    'airmiles',
    'bankplus',
    'coffeeclub',
    'fuelcard',
    'groceryone',
    'telcostars',
    'portal',
  ]);
  expect(isWaitingPartial).toBe(false);
  expect(await channel('airmiles')).toEqual({
    id: 'airmiles',
    breaker: { state: 'closed', since: null, until: null, cause: null },
    paused: null,
    limited: null,
    limits: { ratePerSecond: null, concurrencyMax: 64 },
    fileLimits: { ratePerSecond: null, concurrencyMax: 64 },
    waiting: 0,
  });
});

test('a paused channel is called by nobody, its deductions are counted, and resumed it makes all good', async () => {
  expect((await root.ask('POST', '/channels/airmiles/pause', { reason: 'they announced it' })).status).toBe(
    200,
  );
  const called = await placeUntilOneWaits();
  expect(await channel('airmiles')).toMatchObject({
    waiting: 1,
    paused: { by: 'root', note: 'they announced it' },
  });
  expect(ops.inEffect('airmiles')[0]).toBe(`${2 * called}`);
  const resumed = await root.ask('POST', '/channels/airmiles/resume', {});
  expect(resumed.body['paused']).toBeNull();
  expect(await ops.hub.ended(`o-${called}`)).toBe('settled');
  const all = `${2 * (called + 1)}`;
  expect(ops.inEffect('airmiles')).toEqual([all, all]);
  const deeds = (await ops.audit()).filter(({ action }) => action.startsWith('channel.'));
  expect(deeds).toMatchObject([
    { actor: 'root', action: 'channel.pause', subject: 'channel:airmiles', reason: 'they announced it' },
    { actor: 'root', action: 'channel.resume', subject: 'channel:airmiles', outcome: 'done' },
  ]);
});

test('a rate set at run time puts the calls of a channel without one in line, until it is taken back', async () => {
  const limit = (body: object) =>
    root.ask('POST', '/channels/airmiles/limit', { ...body, reason: 'they are slow today' });
  const limited = await limit({ ratePerSecond: 50, concurrencyMax: 3 });
  expect(limited.body).toMatchObject({
    limits: { ratePerSecond: 50, concurrencyMax: 3 },
    fileLimits: { ratePerSecond: null, concurrencyMax: 64 },
    limited: { by: 'root', note: 'they are slow today' },
  });
  const { knex } = ops.hub.database;
  await eventually('the places are fewer', async () => {
    const row: unknown = await knex('hub.call_shares').where({ channel: 'airmiles', granted: 3 }).first();
    return row !== undefined;
  });
  let orders = 0;
  const lineEnd = async (): Promise<string> => {
    const [row] = await knex('hub.call_lines')
      .where({ remote: 'channel:airmiles' })
      .select<{ end: string }[]>(knex.raw('next_at::text as "end"'));
    return row?.end ?? '';
  };
  const isInLine = async (): Promise<boolean> => {
    const before = await lineEnd();
    orders += 1;
    await place(`o-${orders}`);
    expect(await ops.hub.ended(`o-${orders}`)).toBe('settled');
    return (await lineEnd()) !== before;
  };
  await eventually('its calls stand in line', isInLine);
  expect((await limit({ ratePerSecond: null })).body['limits']).toEqual({
    ratePerSecond: null,
    concurrencyMax: 3,
  });
  await eventually('they no longer do', async () => !(await isInLine()));
  expect(await limit({ concurrencyMax: null })).toMatchObject({ status: 200, body: { limited: null } });
  await eventually('it has all its places', async () => {
    const row: unknown = await knex('hub.call_shares').where({ channel: 'airmiles', granted: 64 }).first();
    return row !== undefined;
  });
});

test('nothing is switched by whoever may not, above the file, or where there is no channel', async () => {
  const reason = 'because';
  const asked = [
    [ops.ada, 'airmiles/pause', { reason }, 403, 'HUB_FORBIDDEN'],
    [ops.ada, 'airmiles/limit', { reason, ratePerSecond: 1 }, 403, 'HUB_FORBIDDEN'],
    [root, 'airmiles/pause', {}, 422, 'HUB_REQUEST_INVALID'],
    [root, 'nowhere/pause', { reason }, 422, 'HUB_CHANNEL_UNKNOWN'],
    [root, 'nowhere/resume', {}, 422, 'HUB_CHANNEL_UNKNOWN'],
    [root, 'airmiles/limit', { reason }, 422, 'HUB_REQUEST_INVALID'],
    [root, 'airmiles/limit', { reason, concurrencyMax: 65 }, 422, 'HUB_REQUEST_INVALID'],
    [root, 'airmiles/limit', { reason, ratePerSecond: 0 }, 422, 'HUB_REQUEST_INVALID'],
    [root, 'airmiles/limit', { reason, ratePerSecond: 1.5 }, 422, 'HUB_REQUEST_INVALID'],
    [root, 'portal/limit', { reason, concurrencyMax: 1 }, 422, 'HUB_REQUEST_INVALID'],
  ] as const;
  for (const [person, path, body, status, code] of asked) {
    const answer = await person.ask('POST', `/channels/${path}`, body);
    expect([path, answer.status, answer.body['code']]).toEqual([path, status, code]);
  }
  expect(await ops.hub.database.knex('hub.channel_states').whereNotNull('paused_at')).toEqual([]);
  expect(await ops.hub.database.knex('hub.channel_states').whereNotNull('limited_at')).toEqual([]);
  const refused = (await ops.audit()).filter(({ outcome }) => outcome === 'refused');
  expect(refused).toHaveLength(asked.length);
  expect((await root.ask('POST', '/channels/portal/pause', { reason })).body['id']).toBe('portal');
});
