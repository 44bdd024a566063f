/** The API beside a real relay, worker and sandbox, as one hub process runs them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase } from '../store/database.ts';
import { createApiKey } from '../store/malls.ts';
import { hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';

let hub: HubUnderTest;
let url: string;
let apiKey: string;
beforeAll(async () => {
  hub = await hubUnderTest('in-process');
  const database = openDatabase({ url: hub.database.url, applicationName: 'test', poolMax: 1 });
  ({ apiKey } = await createApiKey(database, { mallId: 'shop' }));
  await database.close();
  const started = await hub.start({ roles: new Set(['api', 'relay', 'worker', 'sweeper']) });
  url = started.url ?? '';
});
afterAll(() => hub.close());

async function ask(path: string, headers: Record<string, string> = {}, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return answer.json();
}

const deductions = [
  { channel: 'airmiles', points: '12.50' },
  { channel: 'bankplus', points: '3' },
];

test('an order is placed, waited for, and shown settled with its calls', async () => {
  await ask('/v1/orders', {}, { orderId: 'whole', userId: 'ada', deductions });
  const calls = ['points', 'quota'].map((leg) =>
    expect.objectContaining({ leg, action: 'deduct', outcome: 'done' }),
  );
  expect(await ask('/v1/orders/whole', { prefer: 'wait=10' })).toMatchObject({
    status: 'settled',
    deductions: [
      { points: '12.5', state: 'settled', history: calls },
      { points: '3', state: 'settled', history: calls },
    ],
  });
});

test('a quote tells what the sandbox has', async () => {
  const known = { state: 'known', points: expect.any(String), asOf: expect.any(String) };
  expect(await ask('/v1/quotes', {}, { userId: 'ada', deductions })).toMatchObject({
    suffices: 'yes',
    deductions: [
      { balance: known, quota: known },
      { balance: known, quota: known },
    ],
  });
  const tooMuch = [{ channel: 'airmiles', points: '40000' }];
  expect(await ask('/v1/quotes', {}, { userId: 'ada', deductions: tooMuch })).toMatchObject({
    suffices: 'no',
  });
});
