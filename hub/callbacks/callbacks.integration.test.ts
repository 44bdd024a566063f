/** Orders that end by callback: real sockets, Postgres, RabbitMQ; the sandbox sends what it signs. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { orderSchema } from '../mall-api/answer-schemas.ts';
import { readTimeline } from '../store/case-timeline.ts';
import { openDatabase } from '../store/database.ts';
import { createApiKey } from '../store/malls.ts';
import { configFolder } from '../testing/config-folder.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';
import { allHeard, entryOf, keptCallbacks, pointsState, setFaults, tell } from './testing/telling.ts';

let hub: HubUnderTest;
beforeEach(async () => {
  hub = await hubUnderTest('rabbitmq');
});
afterEach(() => hub.close());

const everyRole = new Set(['api', 'relay', 'worker', 'sweeper'] as const);
const on = ['deductions', 'refunds'];
/** Nobody polls within a test: what is pending ends by callback or not at all. */
const pollAfterMs = 3_600_000;
const async = (afterMs: number, more: object = {}) => ({
  kind: 'async',
  on,
  probability: 1,
  afterMs,
  pollAfterMs,
  ...more,
});
const befalls = (kind: string, probability: number, more: object = {}) => ({
  kind,
  on,
  probability,
  ...more,
});

async function start(settings: Parameters<HubUnderTest['start']>[0] = {}): Promise<string> {
  return (await hub.start({ roles: everyRole, ...settings })).url ?? '';
}

function order(orderId: string, points = '2.50'): Parameters<HubUnderTest['place']>[0] {
  const deductions = ['telcostars', 'airmiles'].map((channel) => ({ channel, points }));
  return { orderId, userId: `user of ${orderId}`, deductions };
}

/** Points and quota in effect, by the sandbox's books. */
function books(): string[] {
  const { channels, portal } = hub.sandbox.books();
  return ['telcostars', 'airmiles'].flatMap((id) => [channels[id]?.net ?? '', portal.quotas[id]?.used ?? '']);
}

async function pending(orderId: string): Promise<void> {
  await eventually(`${orderId} is pending`, async () => (await pointsState(hub, orderId)) === 'pending');
}

test('orders settle by callbacks that are early, duplicated, held back and out of order', async () => {
  const url = await start();
  await setFaults(
    hub,
    [
      async(5),
      befalls('callback-early', 0.3),
      befalls('callback-duplicated', 0.3, { copies: 3, ids: 'new' }),
      befalls('callback-duplicated', 0.5, { copies: 3 }),
      befalls('callback-out-of-order', 0.5, { holdMs: 300 }),
    ],
    url,
  );
  const orderIds = Array.from({ length: 60 }, (_, index) => `order-${index}`);
  for (const orderId of orderIds) await hub.place(order(orderId));
  const statuses = await Promise.all(orderIds.map((orderId) => hub.ended(orderId)));
  expect(new Set(statuses)).toEqual(new Set(['settled']));
  expect(books()).toEqual(['150', '150', '150', '150']);
  const rows = await allHeard(hub, orderIds.length);
  expect(rows.length).toBeGreaterThan(orderIds.length);
  expect(rows.filter(({ effect }) => effect === 'moved')).toHaveLength(orderIds.length);
  expect(new Set(rows.map(({ effect }) => effect))).toEqual(new Set(['moved', 'nothing_new']));
  expect(await hub.database.knex('hub.cases').select()).toEqual([]);
}, 60_000);

test('a callback that comes before the answer to the call is kept, and taken in with that answer', async () => {
  const url = await start();
  await setFaults(hub, [async(0), befalls('callback-early', 1)], url);
  await hub.place(order('early'));
  expect(await hub.ended('early')).toBe('settled');
  expect(await allHeard(hub, 1)).toMatchObject([{ effect: 'moved', direction: 'deduct', said: 'done' }]);
  expect(books()).toEqual(['2.5', '2.5', '2.5', '2.5']);
});

test('a call that times out is proven by the callback', async () => {
  const config = await configFolder({ telcostars: [['callTimeoutMs: 5000', 'callTimeoutMs: 300']] });
  try {
    const url = await start({ configFolder: config.path });
    const lost = [
      befalls('timeout-after-effect', 1),
      { kind: 'query-lag', on: ['lookups'], probability: 1, lagMs: 3_600_000 },
    ];
    await setFaults(hub, lost);
    await hub.place(order('doubtful'));
    await eventually('it is in doubt', async () => (await pointsState(hub, 'doubtful')) === 'in_doubt');
    expect(await tell(url, await entryOf(hub, 'user of doubtful'))).toBe('204');
    expect(await hub.ended('doubtful')).toBe('settled');
    expect(books()).toEqual(['2.5', '2.5', '2.5', '2.5']);
  } finally {
    await config.remove();
  }
});

test('a refusal by callback turns the order back', async () => {
  const url = await start();
  await setFaults(hub, [async(20, { ends: 'refused' })], url);
  await hub.place(order('refused'));
  expect(await hub.ended('refused')).toBe('cancelled');
  expect(books()).toEqual(['0', '0', '0', '0']);
  const row: unknown = await hub.database.knex('hub.orders').where({ order_id: 'refused' }).first();
  expect(row).toMatchObject({ reason_code: 'limit_exceeded', reason_channel: 'telcostars' });
});

test('what a cancelled order had taken comes back by callback', async () => {
  const url = await start();
  await setFaults(hub, [async(5)], url);
  const deductions = [
    { channel: 'telcostars', points: '4' },
    { channel: 'coffeeclub', points: '20000' },
  ];
  await hub.place({ orderId: 'back', userId: 'ann', deductions });
  expect(await hub.ended('back')).toBe('cancelled');
  expect(books()).toEqual(['0', '0', '0', '0']);
});

test('a line of a refund ends by callback', async () => {
  const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1 });
  const { apiKey } = await createApiKey(database, { mallId: 'shop' });
  await database.close();
  const url = await start();
  await setFaults(hub, [async(5)], url);
  await hub.place(order('refunded', '4'));
  expect(await hub.ended('refunded')).toBe('settled');
  const answer = await fetch(`${url}/v1/orders/refunded/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ refundId: 'r1', deductions: [{ channel: 'telcostars', points: '1.5' }] }),
  });
  expect(answer.status).toBe(202);
  const rows = await allHeard(hub, 2);
  expect(rows.map(({ direction, effect }) => [direction, effect])).toEqual([
    ['deduct', 'moved'],
    ['give_back', 'moved'],
  ]);
  expect(books()).toEqual(['2.5', '2.5', '4', '4']);
});

describe('a hub that dies', () => {
  test('between keeping a callback and taking it in, with the message lost, takes it in when another one runs', async () => {
    const first = await hub.start({ roles: everyRole });
    await setFaults(hub, [async(0), befalls('callback-lost', 1)]);
    await hub.place(order('orphan'));
    await pending('orphan');
    await first.stop();
    const door = await hub.start({ roles: new Set(['api'] as const), wakeAfterMs: 100 });
    const body = await eventually('the effect', () => entryOf(hub, 'user of orphan'));
    expect(await tell(door.url ?? '', body)).toBe('204');
    await door.stop();
    expect(await hub.database.knex('outbox.messages').del()).toBeGreaterThan(0);
    expect(await keptCallbacks(hub)).toMatchObject([{ effect: null, direction: 'deduct' }]);
    await hub.start({ roles: everyRole });
    expect(await hub.ended('orphan')).toBe('settled');
    expect(books()).toEqual(['2.5', '2.5', '2.5', '2.5']);
  });
});

describe('a callback about nothing we know', () => {
  test('becomes a case when its time is up, and is taken in when its operation is known after all', async () => {
    const url = await start({ unmatchedAfterMs: 1_000, sweepIntervalMs: 100, wakeAfterMs: 200 });
    await setFaults(hub, [async(0), befalls('callback-lost', 1)]);
    // Under the channel's own id, before the answer that names it: it is the next one's.
    const early = JSON.stringify({ remoteId: 'p-1', status: 'completed', points: '2.50' });
    expect(await tell(url, early, { id: 'msg_unknown' })).toBe('204');
    const cases = () => hub.database.knex('hub.cases').select();
    await eventually('it is a case', async () => (await cases()).length === 1);
    expect(await cases()).toMatchObject([
      {
        state: 'open',
        cause: 'unmatched_callback',
        channel: 'telcostars',
        points: '2.5000',
        fingerprint: 'v1 telcostars callback unmatched_callback remote_id done',
        evidence: { eventId: 'msg_unknown', remote_id: 'p-1', said: 'done' },
      },
    ]);
    await hub.place(order('known'));
    expect(await hub.ended('known')).toBe('settled');
    expect(await allHeard(hub, 1)).toMatchObject([{ effect: 'moved' }]);
    expect(await cases()).toMatchObject([{ state: 'recovered' }]);
    expect(books()).toEqual(['2.5', '2.5', '2.5', '2.5']);
  });
});

test('what is told after the end, and contradicts it, is a case and moves nothing', async () => {
  const url = await start();
  await hub.place(order('ended'));
  expect(await hub.ended('ended')).toBe('settled');
  const told = JSON.parse(await entryOf(hub, 'user of ended')) as Record<string, string>;
  expect(await tell(url, JSON.stringify(told))).toBe('204');
  expect(await tell(url, JSON.stringify({ ...told, status: 'accepted', points: '0' }))).toBe('204');
  expect(await tell(url, JSON.stringify({ ...told, points: '9' }))).toBe('204');
  const rows = await allHeard(hub, 3);
  expect(rows.map(({ effect }) => effect)).toEqual(['nothing_new', 'nothing_new', 'late_truth']);
  expect(await hub.database.knex('hub.cases').select()).toMatchObject([
    { state: 'open', cause: 'late_truth', leg: 'points', points: '9.0000' },
  ]);
  expect(await hub.ended('ended')).toBe('settled');
  expect(books()).toEqual(['2.5', '2.5', '2.5', '2.5']);
});

test('an order, and the timeline of its case, show what was told and what became of it', async () => {
  const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1 });
  try {
    const { apiKey } = await createApiKey(database, { mallId: 'shop' });
    const url = await start();
    await setFaults(hub, [async(0), befalls('callback-lost', 1)]);
    await hub.place(order('shown'));
    await pending('shown');
    const truth = await eventually('the effect', () => entryOf(hub, 'user of shown'));
    expect(await tell(url, truth)).toBe('204');
    expect(await hub.ended('shown')).toBe('settled');
    const told = JSON.parse(truth) as Record<string, string>;
    expect(await tell(url, JSON.stringify({ ...told, points: '9' }))).toBe('204');
    await allHeard(hub, 2);
    const answer = await fetch(`${url}/v1/orders/shown`, { headers: { authorization: `Bearer ${apiKey}` } });
    const text = await answer.text();
    const { deductions } = orderSchema.parse(JSON.parse(text));
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    const event = { at: time, about: 'deduct', verified: true, said: 'done', takenInAt: time };
    expect(deductions.map(({ callbacks }) => callbacks)).toEqual([
      [
        { ...event, points: '2.5', effect: 'moved' },
        { ...event, points: '9', effect: 'late_truth' },
      ],
      undefined,
    ]);
    expect(text).not.toContain(told['key']);
    const [row] = await hub.database.knex<{ id: string }>('hub.cases').select('id');
    const timeline = await readTimeline(database, row?.id ?? '');
    expect(timeline.filter(({ type }) => type === 'callback')).toMatchObject([
      { event: 'moved', details: { action: 'deduct', said: 'done', isVerified: true, points: '2.5' } },
      { event: 'late_truth', details: { points: '9' } },
    ]);
  } finally {
    await database.close();
  }
});

test('callbacks are forgotten when they were taken in long ago, and the unknown are kept', async () => {
  const url = await start({ callbackRetentionMs: 1, sweepIntervalMs: 100 });
  await setFaults(hub, [async(0)], url);
  expect(await tell(url, '{"key":"UNKNOWN","status":"completed","points":"1"}')).toBe('204');
  await hub.place(order('old'));
  expect(await hub.ended('old')).toBe('settled');
  const rows = await eventually('one is left', async () => {
    const left = await keptCallbacks(hub);
    return left.length === 1 && left;
  });
  expect(rows).toMatchObject([{ effect: null, applied_at: null }]);
});

describe('the secret', () => {
  const nextSecret = `whsec_${Buffer.alloc(32, 'n').toString('base64')}`;

  test('changes over without a pause: the one before it is believed for as long as it is named', async () => {
    const config = await configFolder({
      telcostars: [
        [
          'secretEnv: SANDBOX_CALLBACK_SECRET',
          'secretEnv: NEXT_SECRET, previousSecretEnv: SANDBOX_CALLBACK_SECRET',
        ],
      ],
    });
    try {
      const settings = { roles: new Set(['api'] as const), configFolder: config.path };
      const { url = '' } = await hub.start(settings, {}, { NEXT_SECRET: nextSecret });
      expect(await tell(url, '{"key":"K"}', { secret: nextSecret })).toBe('204');
      expect(await tell(url, '{"key":"K"}')).toBe('204');
      const { url: strict = '' } = await hub.start(
        { roles: new Set(['api'] as const) },
        {},
        { SANDBOX_CALLBACK_SECRET: nextSecret },
      );
      expect(await tell(strict, '{"key":"K"}', { secret: nextSecret })).toBe('204');
      expect(await tell(strict, '{"key":"K"}')).toBe('403 HUB_CALLBACK_SIGNATURE_WRONG');
    } finally {
      await config.remove();
    }
  });

  test('that is missing or malformed keeps the API from starting, and is not told', async () => {
    const startWith = (secret: string | undefined) =>
      hub.start({ roles: new Set(['api'] as const) }, {}, { SANDBOX_CALLBACK_SECRET: secret });
    await expect(startWith(undefined)).rejects.toThrow(
      'environment variable SANDBOX_CALLBACK_SECRET is not set',
    );
    await expect(startWith('hunter2')).rejects.toThrow(/^(?!.*hunter2).*SANDBOX_CALLBACK_SECRET/);
  });
});

test('an unsigned callback proves nothing: it makes the hub look', async () => {
  const unsigned = '{ trust: unsigned }';
  const config = await configFolder({
    telcostars: [['{ trust: signed, secretEnv: SANDBOX_CALLBACK_SECRET }', unsigned]],
  });
  try {
    const url = await start({ configFolder: config.path });
    await setFaults(hub, [async(0), befalls('callback-lost', 1)]);
    await hub.place(order('hinted'));
    await pending('hinted');
    const told = JSON.parse(await eventually('the effect', () => entryOf(hub, 'user of hinted'))) as object;
    const lie = JSON.stringify({ ...told, points: '1000' });
    expect(await tell(url, JSON.stringify({ key: 'UNKNOWN', status: 'completed' }))).toBe('204');
    expect(await tell(url, lie, { headers: { 'webhook-signature': 'v1,none' } })).toBe('204');
    expect(await hub.ended('hinted')).toBe('settled');
    expect(await keptCallbacks(hub)).toMatchObject([{ said: 'hint', effect: 'asked' }]);
    expect(books()).toEqual(['2.5', '2.5', '2.5', '2.5']);
  } finally {
    await config.remove();
  }
});
