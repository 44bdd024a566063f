/** What the overview and the list of cases ask for besides cases: how they come and go, and each person's own views. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

let ops: ConsoleUnderTest;
beforeAll(async () => {
  ops = await consoleUnderTest();
});
afterAll(() => ops.close());

interface View {
  readonly name: string;
  readonly query: string;
  readonly columns: readonly string[];
}
const view = { name: 'Airmiles, mine', query: 'channel=airmiles&claimedBy=ada', columns: ['points'] };

async function views(): Promise<readonly View[]> {
  return (await ops.ask('GET', '/saved-views')).body['views'] as readonly View[];
}

test('a view is kept under its name, replaced under the same, and forgotten; each is in the audit', async () => {
  expect((await ops.ask('POST', '/saved-views', view)).body).toEqual({ views: [view] });
  const wider = { ...view, query: 'channel=airmiles', columns: [] };
  expect((await ops.ask('POST', '/saved-views', wider)).body).toEqual({ views: [wider] });
  await ops.ask('POST', '/saved-views', { ...view, name: 'All' });
  expect((await views()).map(({ name }) => name)).toEqual(['Airmiles, mine', 'All']);
  expect((await ops.ask('POST', '/saved-views/remove', { name: 'All' })).body).toEqual({ views: [wider] });
  // Once more, as after an answer that was lost.
  expect((await ops.ask('POST', '/saved-views/remove', { name: 'All' })).status).toBe(200);
  const deeds = (await ops.audit()).filter(({ action }) => action.startsWith('view.'));
  expect(deeds.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
    'view.save view:Airmiles, mine',
    'view.save view:Airmiles, mine',
    'view.save view:All',
    'view.remove view:All',
    'view.remove view:All',
  ]);
});

test("nobody sees, replaces or forgets another person's view", async () => {
  await ops.ask('POST', '/saved-views', view);
  const asBo = (method: 'GET' | 'POST', path: string, body?: unknown) =>
    ops.askAs('bo', ['viewer'], method, path, body);
  expect((await asBo('GET', '/saved-views')).body).toEqual({ views: [] });
  const own = { ...view, query: 'state=ignored' };
  expect((await asBo('POST', '/saved-views', own)).body).toEqual({ views: [own] });
  await asBo('POST', '/saved-views/remove', { name: view.name });
  expect(await views()).toContainEqual(view);
});

test('what is no view is refused, and so is one too many', async () => {
  for (const wrong of [
    { ...view, name: '  ' },
    { ...view, name: 'x'.repeat(61) },
    { ...view, query: 'x'.repeat(2_001) },
    { ...view, columns: Array.from({ length: 31 }, () => 'points') },
    { name: 'no query' },
  ]) {
    const { status, body } = await ops.ask('POST', '/saved-views', wrong);
    expect([status, body['code']]).toEqual([422, 'HUB_REQUEST_INVALID']);
  }
  const before = (await views()).length;
  for (let number = before; number < 50; number += 1) {
    expect((await ops.ask('POST', '/saved-views', { ...view, name: `n ${number}` })).status).toBe(200);
  }
  const { status, body } = await ops.ask('POST', '/saved-views', { ...view, name: 'one too many' });
  expect([status, body['code']]).toEqual([422, 'HUB_REQUEST_INVALID']);
  expect(await views()).toHaveLength(50);
});

test('a case that was opened and one that ended count in the hour that is now', async () => {
  interface Hour {
    readonly at: string;
    readonly opened: number;
    readonly ended: number;
  }
  const hours = async () => (await ops.ask('GET', '/case-flow')).body['hours'] as readonly Hour[];
  const sum = (of: 'opened' | 'ended', found: readonly Hour[]) =>
    found.reduce((count, hour) => count + hour[of], 0);
  const before = await hours();
  expect(before).toHaveLength(168);
  expect([sum('opened', before), sum('ended', before)]).toEqual([0, 0]);
  const unreadable = { status: 200, body: () => ({}) };
  ops.twist({ on: /\/channels\/airmiles/, takesEffect: false, ...unreadable });
  for (const orderId of ['o-1', 'o-2']) {
    await ops.hub.place({ orderId, userId: 'eve', deductions: [{ channel: 'airmiles', points: '5' }] });
  }
  const [first] = await ops.opened(2);
  ops.twist();
  await ops.act(first?.id ?? '', 'retry');
  await ops.until(first?.id ?? '', 'recovered');
  const after = await hours();
  expect([sum('opened', after), sum('ended', after)]).toEqual([2, 1]);
  // The hour may have turned meanwhile; nothing is counted in any other.
  expect(after.slice(0, -2).filter(({ opened, ended }) => opened + ended > 0)).toEqual([]);
  expect(after.map(({ at }) => at)).toEqual(after.map(({ at }) => at).toSorted());
});
