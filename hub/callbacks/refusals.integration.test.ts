/** Callbacks that are not let in, and those that come again: nothing moves. */
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { callbackSecret, hubUnderTest, type HubUnderTest } from '../testing/hub-under-test.ts';
import { allHeard, entryOf, keptCallbacks, pointsState, setFaults, tell } from './testing/telling.ts';

let hub: HubUnderTest;
let url: string;
let orders = 0;
let orderId: string;
/** What the channel would truly tell of the order that is pending now. */
let truth: string;

beforeAll(async () => {
  hub = await hubUnderTest('in-process');
  const { url: at } = await hub.start({ roles: new Set(['api', 'relay', 'worker', 'sweeper'] as const) });
  url = at ?? '';
  const on = ['deductions'];
  await setFaults(hub, [
    { kind: 'async', on, probability: 1, afterMs: 0, pollAfterMs: 3_600_000 },
    { kind: 'callback-lost', on, probability: 1 },
  ]);
});
afterAll(() => hub.close());
beforeEach(async () => {
  orders += 1;
  orderId = `order-${orders}`;
  await hub.place({ orderId, userId: orderId, deductions: [{ channel: 'telcostars', points: '2.50' }] });
  await eventually('it is pending', async () => (await pointsState(hub, orderId)) === 'pending');
  truth = await eventually('the effect', () => entryOf(hub, orderId));
});

/** What a callback could have changed. */
async function standing(): Promise<unknown> {
  return [await keptCallbacks(hub), await pointsState(hub, orderId)];
}

const stranger = `whsec_${Buffer.alloc(32, 'x').toString('base64')}`;

test.each([
  ['forged', '403 HUB_CALLBACK_SIGNATURE_WRONG', () => tell(url, truth, { secret: stranger })],
  [
    'altered',
    '403 HUB_CALLBACK_SIGNATURE_WRONG',
    () => tell(url, truth, { sends: truth.replace('2.5', '9.5') }),
  ],
  ['truncated', '403 HUB_CALLBACK_SIGNATURE_WRONG', () => tell(url, truth, { sends: truth.slice(0, -3) })],
  ['signed when it was truncated', '400 HUB_BODY_MALFORMED', () => tell(url, truth.slice(0, -3))],
  ['stale', '400 HUB_CALLBACK_STALE', () => tell(url, truth, { sentAfter: -400 })],
  ['from the future', '400 HUB_CALLBACK_STALE', () => tell(url, truth, { sentAfter: 400 })],
  [
    'of a malformed time',
    '400 HUB_CALLBACK_HEADERS_INVALID',
    () => tell(url, truth, { headers: { 'webhook-timestamp': 'now' } }),
  ],
  [
    'of a malformed signature',
    '400 HUB_CALLBACK_HEADERS_INVALID',
    () => tell(url, truth, { headers: { 'webhook-signature': 'none' } }),
  ],
  [
    'to a channel that sends none',
    '404 HUB_CALLBACK_CHANNEL_UNKNOWN',
    () => tell(url, truth, { channel: 'airmiles' }),
  ],
  ['to no channel', '404 HUB_CALLBACK_CHANNEL_UNKNOWN', () => tell(url, truth, { channel: 'nobody' })],
  ['too large', '413 HUB_BODY_TOO_LARGE', () => tell(url, truth + ' '.repeat(70_000))],
  [
    'of another type',
    '415 HUB_CONTENT_TYPE_UNSUPPORTED',
    () => tell(url, truth, { headers: { 'content-type': 'text/plain' } }),
  ],
  ['about nothing', '422 HUB_CALLBACK_REFERENCE_MISSING', () => tell(url, '{"status":"completed"}')],
])('a callback that is %s is answered %s, and nothing moves', async (_what, answer, send) => {
  const before = await standing();
  expect(await send()).toBe(answer);
  expect(await standing()).toEqual(before);
});

test('a callback whose connection ends before its body does is not kept', async () => {
  const before = await standing();
  await new Promise<void>((resolve) => {
    const cut = request(`${url}/v1/callbacks/telcostars`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': truth.length + 10 },
    });
    cut.on('error', () => resolve()).on('close', () => resolve());
    cut.write(truth, () => cut.destroy());
  });
  expect(await standing()).toEqual(before);
});

test('a callback that is replayed is answered as it was, and counts once', async () => {
  const before = (await keptCallbacks(hub)).length;
  const id = `msg_replayed_${orderId}`;
  expect(await Promise.all([tell(url, truth, { id }), tell(url, truth, { id })])).toEqual(['204', '204']);
  expect(await hub.ended(orderId)).toBe('settled');
  expect(await tell(url, truth, { id })).toBe('204');
  expect(await tell(url, truth.replace('2.5', '9.5'), { id })).toBe('409 HUB_CALLBACK_CONFLICT');
  expect(await allHeard(hub, before + 1)).toHaveLength(before + 1);
  const { net, members } = hub.sandbox.books().channels['telcostars'] ?? {};
  expect([net, members?.[orderId]?.deducted]).toEqual([String(orders * 2.5), '2.5']);
});

test('what is kept holds nothing of the user', async () => {
  const body = JSON.stringify({
    ...(JSON.parse(truth) as object),
    member: 'ann@example.org',
    token: 'hunter2',
  });
  expect(await tell(url, body)).toBe('204');
  expect(await hub.ended(orderId)).toBe('settled');
  const kept = JSON.stringify(await keptCallbacks(hub));
  expect(kept).not.toMatch(/ann@example|hunter2/);
  expect(kept).not.toContain(callbackSecret);
});

test('other methods are refused', async () => {
  const answer = await fetch(`${url}/v1/callbacks/telcostars`);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
});
