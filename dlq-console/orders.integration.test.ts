/** Looking up orders that ended well, that did not, and that several malls know by one id. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

const lost = { status: 200, body: () => ({}) };
const never = { on: /POST \/channels\/airmiles/, takesEffect: false, ...lost };
const mute = { on: /GET \/channels\/airmiles/, takesEffect: false, ...lost };

interface Found {
  readonly id: string;
  readonly mallId: string;
  readonly status: string;
}

let ops: ConsoleUnderTest;
let caseId: string;
beforeAll(async () => {
  ops = await consoleUnderTest();
  const both = [
    { channel: 'bankplus', points: '3' },
    { channel: 'fuelcard', points: '4.50' },
  ];
  await ops.hub.place({ orderId: 'well', userId: 'eve-the-shopper', deductions: both });
  expect(await ops.hub.ended('well')).toBe('settled');
  ops.twist(never, mute);
  const deductions = [{ channel: 'airmiles', points: '7' }];
  await ops.hub.place({ orderId: 'stuck', userId: 'eve-the-shopper', deductions });
  caseId = (await ops.opened(1))[0]?.id ?? '';
}, 60_000);
afterAll(() => ops.close());

async function find(query: string): Promise<readonly Found[]> {
  const { body } = await ops.ask('GET', `/orders?${query}`);
  return (body as { orders: readonly Found[] }).orders;
}

async function idOf(orderId: string): Promise<string> {
  const [found] = await find(`orderId=${orderId}`);
  if (found === undefined) throw new Error(`${orderId} is not found`);
  return found.id;
}

async function timelineOf(id: string): Promise<readonly string[]> {
  const { body } = await ops.ask('GET', `/orders/${id}/timeline`);
  const { timeline } = body as { timeline: readonly { type: string; event: string; at: string }[] };
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
  return timeline.map(({ type, event }) => `${type} ${event}`);
}

test('an order that settled shows both legs of each deduction, its calls, and nothing of the user', async () => {
  const id = await idOf('well');
  const { body } = await ops.ask('GET', `/orders/${id}`);
  const applied = (moved: string) => ({ state: 'applied', moved, refusal: null });
  expect(body).toMatchObject({
    id,
    orderId: 'well',
    status: 'settled',
    reason: null,
    user: '•••',
    refunds: [],
    cases: [],
    deductions: [
      {
        channel: 'bankplus',
        points: '3',
        state: 'settled',
        legs: { points: applied('3'), quota: applied('3') },
      },
      { channel: 'fuelcard', points: '4.5', legs: { points: applied('4.5'), quota: applied('4.5') } },
    ],
  });
  const entries = await timelineOf(id);
  expect(entries[0]).toBe('order placed');
  expect(entries.filter((entry) => entry === 'attempt done')).toHaveLength(4);
  expect(entries.at(-1)).toBe('order settled');
  const { body: timeline } = await ops.ask('GET', `/orders/${id}/timeline`);
  expect(JSON.stringify([body, timeline])).not.toContain('eve-the-shopper');
});

test('an order that is stuck leads to its case, and what people did about that is in its timeline', async () => {
  const id = await idOf('stuck');
  await ops.ask('POST', `/cases/${caseId}/notes`, { text: 'asked the channel' });
  await ops.act(caseId, 'claim');
  const { body } = await ops.ask('GET', `/orders/${id}`);
  expect(body).toMatchObject({
    status: 'settling',
    cases: [{ id: caseId, cause: 'attempts_used_up', claimedBy: 'ada' }],
    deductions: [{ state: 'in_doubt', legs: { points: { state: 'in_doubt' }, quota: { state: 'idle' } } }],
  });
  expect(await timelineOf(id)).toEqual(
    expect.arrayContaining(['attempt unknown', 'case opened', 'note note', 'operation claim']),
  );
});

test('a refund is shown with its lines, and in the timeline of the order', async () => {
  const id = await idOf('well');
  const { knex } = ops.hub.database;
  await knex('hub.refunds').insert({ order_id: id, refund_id: 'r-1', fingerprint: 'f' });
  const { body } = await ops.ask('GET', `/orders/${id}`);
  expect(body['refunds']).toMatchObject([{ refundId: 'r-1', lines: [] }]);
  expect(await timelineOf(id)).toContain('refund requested');
});

test('callbacks about an order are in its timeline and in that of its case', async () => {
  const id = await idOf('stuck');
  const { knex } = ops.hub.database;
  const [deduction] = await knex('hub.deductions').where({ order_id: id }).select<{ id: string }[]>('id');
  await knex('hub.callbacks').insert({
    order_id: id,
    deduction_id: deduction?.id,
    received_at: new Date(),
    is_signed: false,
    direction: 'deduct',
    channel: 'airmiles',
    event_id: 'e-1',
    digest: 'a'.repeat(64),
    kind: 'key',
    reference: 'k',
    said: 'hint',
    evidence: '{}',
  });
  expect(await timelineOf(id)).toContain('callback kept');
  const { body } = await ops.ask('GET', `/cases/${caseId}/timeline`);
  expect(body['timeline']).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'callback' })]));
});

test('an id that several malls used gives each of their orders, and one where the mall is named', async () => {
  const { knex } = ops.hub.database;
  await knex('hub.malls').insert({ id: 'other-mall', name: 'Other' });
  await knex('hub.orders').insert({
    mall_id: 'other-mall',
    order_id: 'well',
    user_id: 'somebody',
    fingerprint: 'f',
    deadline_at: new Date(Date.now() + 900_000),
  });
  const found = await find('orderId=well');
  expect(found).toHaveLength(2);
  expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  expect(await find('orderId=well&mallId=other-mall')).toMatchObject([
    { mallId: 'other-mall', status: 'settling' },
  ]);
  expect(await find('orderId=well&mallId=nobody')).toEqual([]);
  expect(await find('orderId=unknown')).toEqual([]);
});

test.each([
  ['an unknown order', '/orders/987654', 404, 'HUB_ORDER_UNKNOWN'],
  ['an id that no row has', '/orders/1%27', 404, 'HUB_ORDER_UNKNOWN'],
  ['the timeline of an unknown order', '/orders/987654/timeline', 404, 'HUB_ORDER_UNKNOWN'],
  ['a search for nothing', '/orders', 422, 'HUB_REQUEST_INVALID'],
  ['a search by a word that there is not', '/orders?orderId=a&user=b', 422, 'HUB_REQUEST_INVALID'],
  ['an id with a NUL', '/orders?orderId=a%00', 422, 'HUB_REQUEST_INVALID'],
])('refused: %s', async (_, path, status, code) => {
  const { status: answered, body } = await ops.ask('GET', path);
  expect([answered, body['code']]).toEqual([status, code]);
});

test('nobody is shown an order who has not signed in', async () => {
  const { status } = await ops.line.send('GET', '/orders?orderId=well', undefined, {});
  expect(status).toBe(401);
});
