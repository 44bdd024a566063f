/** Orders looked up, and pages that follow what changes, in a real browser. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openStage, type Stage } from '../testing/stage.ts';
import type { Twist } from '../testing/twisting-line.ts';

const unreadable = { status: 200, body: () => ({}) };
const never: Twist = { on: /POST \/channels\/airmiles/, takesEffect: false, ...unreadable };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...unreadable };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 240_000);
afterAll(() => stage.close(), 60_000);

async function place(orderId: string, channel: string): Promise<void> {
  await stage.ops.hub.place({ orderId, userId: 'eve', deductions: [{ channel, points: '2.5' }] });
}

const lost: Twist = { on: /POST \/channels\/airmiles/, takesEffect: true, ...unreadable };

const streams = 'Shows changes as they happen';

/** How often the page has asked for a list of cases by now. */
function listsAsked(page: Page): { readonly count: number } {
  const asked = { count: 0 };
  page.on('request', (request) => {
    if (/\/ops\/v1\/cases\?/.test(request.url())) asked.count += 1;
  });
  return asked;
}

test('a list shows a case that opens because it is told, not while it is paused, and goes on without a stream', async () => {
  const { page } = await stage.welcomed('grace', ['operator']);
  await page.goto('/#/cases');
  await page.getByText(streams).waitFor();
  stage.ops.twist(never, mute);
  await place('l-1', 'airmiles');
  await page.getByRole('cell', { name: 'l-1' }).waitFor();
  expect(await page.getByText(streams).count()).toBe(1);

  // Paused, it stays behind; live again it has caught up.
  const live = page.getByRole('switch', { name: 'Refresh by itself' });
  await live.click();
  await page.getByText('Nothing is refreshed').waitFor();
  const asked = listsAsked(page);
  await place('l-2', 'airmiles');
  await stage.ops.opened(2);
  expect([asked.count, await page.getByRole('cell', { name: 'l-2' }).count()]).toEqual([0, 0]);
  await live.click();
  await page.getByRole('cell', { name: 'l-2' }).waitFor();

  // Refused its stream, it asks by itself, and says so.
  await page.route('**/ops/v1/events', (route) => route.fulfill({ status: 502 }));
  await page.reload();
  await page.getByText('No live connection').waitFor();
  await page.getByRole('cell', { name: 'l-2' }).waitFor();
  await place('l-3', 'airmiles');
  await page.getByRole('cell', { name: 'l-3' }).waitFor({ timeout: 30_000 });
}, 90_000);

test('an order is found by its id with the keyboard alone, shows both legs and where it stands, and leads to its case', async () => {
  stage.ops.twist();
  await place('o-well', 'bankplus');
  await stage.ops.hub.ended('o-well');
  const { page } = await stage.welcomed('joan', ['viewer']);
  await page.getByRole('link', { name: 'Orders' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Orders' }).waitFor();
  await page.getByLabel('Order id').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('o-well');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Order o-well' }).waitFor();
  await page.getByText('Now: Settled. Nothing follows by itself.').waitFor();
  await page.getByRole('img', { name: 'How a leg moves: Quota, at the portal' }).waitFor();
  expect(await page.getByText('In effect: 2.5').count()).toBe(2);
  await page.getByText('No case was ever opened about it.').waitFor();
  expect(await page.getByText('eve', { exact: true }).count()).toBe(0);

  await page.goto('/#/orders?orderId=l-1');
  await page.getByText('Now: Settling. From here: Settled or Being undone.').waitFor();
  await page.getByRole('link', { name: /^Case \d+$/ }).click();
  await page.getByRole('heading', { name: /^Case \d+$/ }).waitFor();
  await page.getByRole('link', { name: 'l-1' }).click();
  await page.getByRole('heading', { name: 'Order l-1' }).waitFor();
  await page.goto('/#/orders?orderId=nobody-knows-it');
  await page.getByText('No mall has an order with this id').waitFor();
}, 60_000);

test('an id of two malls is a choice', async () => {
  const { knex } = stage.ops.hub.database;
  await knex('hub.malls').insert({ id: 'other-mall', name: 'Other' });
  const order = { mall_id: 'other-mall', order_id: 'o-well', user_id: 'u', fingerprint: 'f' };
  await knex('hub.orders').insert({ ...order, deadline_at: new Date(Date.now() + 900_000) });
  const { page } = await stage.welcomed('ida', ['viewer']);
  await page.goto('/#/orders?orderId=o-well');
  await page.getByText('Several malls have used this id').waitFor();
  await page.getByRole('link', { name: 'other-mall' }).click();
  await page.getByText('Now: Settling.').waitFor();
  expect(await page.getByRole('cell', { name: 'other-mall' }).count()).toBe(1);
}, 60_000);

test('an order that moves is shown as it moves', async () => {
  stage.ops.twist(lost, mute);
  await place('o-moves', 'airmiles');
  const { page } = await stage.welcomed('lise', ['operator']);
  await page.goto('/#/orders?orderId=o-moves');
  await page.getByText('Now: Settling.').waitFor();
  await page.getByRole('link', { name: /^Case \d+$/ }).waitFor();
  stage.ops.twist();
  const id =
    /\d+/.exec((await page.getByRole('link', { name: /^Case \d+$/ }).textContent()) ?? '')?.[0] ?? '';
  await stage.ops.act(id, 'query');
  await page.getByText('Now: Settled.').waitFor({ timeout: 30_000 });
  expect(await stage.ops.hub.ended('o-moves')).toBe('settled');
}, 90_000);

test('a page whose session is over asks for the password at once, without being touched', async () => {
  const { page } = await stage.welcomed('una', ['operator']);
  await page.goto('/#/orders?orderId=o-well');
  await page.getByText(streams).waitFor();
  await stage.ops.hub.database.knex('hub.sessions').update({ expires_at: new Date(0) });
  await page.getByText('Your session is over').waitFor();
  expect(await page.getByText('o-well').count()).toBe(0);
}, 60_000);

test('the screens fail no rule of WCAG 2.2 AA, light and dark, in both languages, at 200 %', async () => {
  const visitor = await stage.welcomed('hedy', ['operator', 'admin']);
  const { page } = visitor;
  const faults: string[] = [];
  for (const press of ['', '中文', '深色', '200 %']) {
    if (press === '中文') await page.getByText(press).first().click();
    else if (press === '深色') await page.getByRole('button', { name: press }).click();
    else if (press === '200 %') await page.setViewportSize({ width: 683, height: 384 });
    for (const screen of ['orders', 'orders?orderId=o-well', 'orders?orderId=l-1']) {
      await page.goto('/#/overview');
      await page.goto(`/#/${screen}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
      faults.push(...(await visitor.faults()).map((fault) => `${press} ${screen} ${fault}`));
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      if (isTooWide === true) faults.push(`${press} ${screen} is wider than the window`);
    }
  }
  expect(faults).toEqual([]);
  for (const { violations, failures } of stage.visitors) {
    expect(failures).toEqual([]);
    expect(violations.filter((one) => one.startsWith('script'))).toEqual([]);
  }
}, 120_000);
