/** What the operators' API refuses, with which code; nothing changes then. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

let ops: ConsoleUnderTest;
let id: string;
beforeAll(async () => {
  ops = await consoleUnderTest();
  const broken = { takesEffect: false, status: 503, body: () => ({}) };
  ops.twist({ on: /\/channels\/airmiles/, ...broken });
  await ops.hub.place({ orderId: 'o-1', userId: 'ada', deductions: [{ channel: 'airmiles', points: '5' }] });
  const [opened] = await ops.opened(1);
  id = opened?.id ?? '';
});
afterAll(() => ops.close());

const resolution = { reason: 'r', evidence: 'e', truth: { tookEffect: true, points: '5' } };

describe('a request is refused', () => {
  test.each([
    ['for a wrong state', 'GET', '/cases?state=gone', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    ['for an unknown filter', 'GET', '/cases?chanel=x', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    [
      'for a filter given twice',
      'GET',
      '/cases?state=open&state=open',
      undefined,
      {},
      422,
      'HUB_REQUEST_INVALID',
    ],
    ['for a wrong cursor', 'GET', '/cases?cursor=LTEuMQ', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    [
      'for a filter that no text can be',
      'GET',
      '/cases?channel=%00',
      undefined,
      {},
      422,
      'HUB_REQUEST_INVALID',
    ],
    ['for all states at once', 'GET', '/cases?state=any', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    ['for a user in the path', 'GET', '/cases?user=ada', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    ['for a time that is none', 'GET', '/cases?since=today', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    ['for points that are none', 'GET', '/cases?pointsMin=1e3', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    ['for an unknown timeline', 'GET', '/cases/987654/timeline', undefined, {}, 404, 'HUB_CASE_UNKNOWN'],
    ['for too long a page', 'GET', '/cases?limit=201', undefined, {}, 422, 'HUB_REQUEST_INVALID'],
    ['for an unknown case', 'GET', '/cases/987654', undefined, {}, 404, 'HUB_CASE_UNKNOWN'],
    ['for no id', 'GET', '/cases/1e3', undefined, {}, 404, 'HUB_CASE_UNKNOWN'],
    ['for an unknown path', 'GET', '/case', undefined, {}, 404, 'HUB_ROUTE_UNKNOWN'],
    ['without a version', 'POST', 'claim', {}, {}, 428, 'HUB_VERSION_MISSING'],
    ['with a weak version', 'POST', 'claim', {}, { 'if-match': 'W/"1"' }, 428, 'HUB_VERSION_MISSING'],
    ['with a stale version', 'POST', 'claim', {}, { 'if-match': '"999"' }, 409, 'HUB_CASE_CHANGED'],
    [
      'with an unknown field',
      'POST',
      'retry',
      { force: true },
      { 'if-match': '"1"' },
      422,
      'HUB_REQUEST_INVALID',
    ],
    ['without a reason', 'POST', 'ignore', {}, { 'if-match': '"1"' }, 422, 'HUB_REQUEST_INVALID'],
    ['for restoring what is open', 'POST', 'restore', {}, { 'if-match': '"1"' }, 409, 'HUB_CASE_CLOSED'],
    [
      'without a truth',
      'POST',
      'resolve',
      { reason: 'r', evidence: 'e' },
      { 'if-match': '"1"' },
      422,
      'HUB_OPERATION_REFUSED',
    ],
    [
      'for points as a number',
      'POST',
      'resolve',
      { ...resolution, truth: { tookEffect: true, points: 5 } },
      { 'if-match': '"1"' },
      422,
      'HUB_REQUEST_INVALID',
    ],
    [
      'for no points',
      'POST',
      'resolve',
      { ...resolution, truth: { tookEffect: true, points: '0' } },
      { 'if-match': '"1"' },
      422,
      'HUB_POINTS_INVALID',
    ],
    ['for too long a note', 'POST', 'notes', { text: 'x'.repeat(4_001) }, {}, 422, 'HUB_REQUEST_INVALID'],
  ] as const)('%s', async (_, method, path, body, headers, status, code) => {
    const before = await ops.read(id);
    const target = path.startsWith('/') ? path : `/cases/${id}/${path}`;
    const asked = method === 'GET' ? undefined : body;
    expect(await ops.ask(method, target, asked, headers)).toMatchObject({ status, body: { code, status } });
    expect(await ops.read(id)).toEqual(before);
    const denial = { actor: 'ada', outcome: 'refused', code, via: 'web' };
    // What is nowhere was asked of nobody.
    const expected = code === 'HUB_ROUTE_UNKNOWN' ? {} : denial;
    expect((await ops.audit()).at(-1)).toMatchObject(expected);
  });
});

test('lists go on from page to page, and groups add up', async () => {
  for (const orderId of ['o-2', 'o-3']) {
    const deductions = [{ channel: 'airmiles', points: '2.5' }];
    await ops.hub.place({ orderId, userId: 'ada', deductions });
  }
  await ops.opened(3);
  const seen: string[] = [];
  let path = '/cases?limit=2';
  for (;;) {
    const { cases, next } = (await ops.ask('GET', path)).body as { cases: { id: string }[]; next?: string };
    seen.push(...cases.map((one) => one.id));
    if (next === undefined) break;
    path = `/cases?limit=2&cursor=${next}`;
  }
  expect(new Set(seen).size).toBe(3);
  expect(seen).toHaveLength(3);
  const { groups } = (await ops.ask('GET', '/case-groups')).body as { groups: unknown[] };
  expect(groups).toMatchObject([
    { cases: 3, users: 1, points: '10', channels: ['airmiles'], cause: 'attempts_used_up', claimedBy: [] },
  ]);
  const filtered = await ops.ask('GET', '/cases?channel=bankplus');
  expect(filtered.body).toEqual({ cases: [] });
  const searched = await ops.ask('POST', '/cases/search', { user: 'ada', state: 'any', orderId: 'o-2' });
  expect(searched.body).toMatchObject({ cases: [{ orderId: 'o-2' }] });
  expect(JSON.stringify(searched.body)).not.toContain('"ada"');
});

test('the timeline of a case has order, attempts, operations and notes in the order of time', async () => {
  await ops.ask('POST', `/cases/${id}/notes`, { text: 'looked at it' });
  await ops.act(id, 'claim');
  const { timeline } = (await ops.ask('GET', `/cases/${id}/timeline`)).body as {
    timeline: { type: string; event: string; at: string; by: string | null }[];
  };
  const events = timeline.map(({ type, event }) => `${type} ${event}`);
  expect(events[0]).toBe('order placed');
  expect(events).toEqual(
    expect.arrayContaining(['attempt unknown', 'case opened', 'note note', 'operation claim']),
  );
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
});
