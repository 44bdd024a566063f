/** Rules for notifications made in a real browser, and the way from a message to its cases. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import type { Browser, Page } from 'playwright-core';
import { readTargets } from '../../hub/operations/notification/targets.ts';
import type { Role } from '../../hub/operations/rights.ts';
import { openBrowser, openVisitor, type Visitor } from '../testing/browser.ts';
import { chatServices, environmentOf, secrets, tokens, type ChatServices } from '../testing/chat-services.ts';
import { consoleUnderTest, type ConsoleUnderTest } from '../testing/console-under-test.ts';
import { invited } from '../testing/person.ts';

const unreadable = { status: 200, body: () => ({}) };
const never = { on: /POST \/channels\/airmiles/, takesEffect: false, ...unreadable };
const mute = { on: /GET \/channels\/airmiles/, takesEffect: false, ...unreadable };

let services: ChatServices;
let ops: ConsoleUnderTest;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
  services = await chatServices();
  ops = await consoleUnderTest('in-process', undefined, 'inside', readTargets(environmentOf(services)));
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ops.close();
  await services.close();
}, 60_000);

async function welcomed(name: string, roles: readonly Role[]): Promise<Visitor> {
  const { token } = await invited(ops.hub.database.url, name, roles);
  const visitor = await openVisitor(browser, new URL(ops.line.url).origin);
  const { page } = visitor;
  await page.goto(`/#/welcome/${token}`);
  await page.getByLabel('New password').fill(`a long pass phrase for tests of ${name}`);
  await page.getByLabel('The same again').fill(`a long pass phrase for tests of ${name}`);
  await page.getByLabel('The same again').press('Enter');
  await page.getByRole('navigation').waitFor();
  return visitor;
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(label, { exact: true }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item').filter({ hasText: option }).click();
  await page.keyboard.press('Escape');
}

test('an admin tries a target, makes a rule, and a message leads an operator to the cases', async () => {
  const { page } = await welcomed('root', ['admin']);
  await page.goto('/#/settings');
  await page.getByRole('button', { name: 'Send a test to feishu' }).click();
  await page.getByText('feishu has taken a test message').waitFor();
  expect(services.taken).toHaveLength(1);
  services.instead((response) => void response.writeHead(500).end());
  await page.getByRole('button', { name: 'Send a test to wecom' }).click();
  await page.getByText('wecom has not taken it').waitFor();
  await page.getByText('HTTP 500').waitFor();

  await page.getByRole('button', { name: 'Add a rule' }).click();
  const dialog = page.getByRole('dialog');
  await choose(page, 'Cause', 'Attempts used up');
  await choose(page, 'Channel', 'airmiles');
  await dialog.getByLabel('Points at stake from').fill('a lot');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Digits, and after a point four more at most').waitFor();
  await dialog.getByLabel('Points at stake from').fill('2.5');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  const rules = page.getByRole('region', { name: 'Rules' });
  await rules.getByRole('cell', { name: 'airmiles' }).waitFor();
  expect(await ops.hub.database.knex('hub.notification_rules')).toMatchObject([
    {
      target: 'feishu',
      language: 'en',
      causes: ['attempts_used_up'],
      channels: ['airmiles'],
      points_min: '2.5000',
    },
  ]);

  ops.twist(never, mute);
  await ops.hub.place({
    orderId: 'n-1',
    userId: 'eve',
    deductions: [{ channel: 'airmiles', points: '2.5' }],
  });
  const message = await eventually('a message comes', () => Promise.resolve(services.taken[1]), 30_000);
  await page.getByRole('region', { name: 'Latest messages' }).getByText('Sent ').waitFor({ timeout: 60_000 });
  const link = /http\S+#(\S+)$/.exec(message.text)?.[1] ?? '';
  const operator = await welcomed('grace', ['operator']);
  await operator.page.goto(`/#${link}`);
  await operator.page.getByRole('cell', { name: 'n-1' }).waitFor();
  await operator.page.goto('/#/settings');
  await operator.page.getByRole('heading', { name: 'My sessions' }).waitFor();
  expect(await operator.page.getByText('Notifications').count()).toBe(0);
  const html = await page.content();
  for (const secret of [...Object.values(secrets), ...Object.values(tokens)])
    expect(html).not.toContain(secret);
}, 120_000);

test('a rule is changed, and removed only when that is confirmed', async () => {
  const { page } = await welcomed('root2', ['admin']);
  await page.goto('/#/settings');
  const rules = page.getByRole('region', { name: 'Rules' });
  await rules.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('dialog').getByLabel('In force').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await rules.getByText('Switched off').waitFor();
  await rules.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Remove this rule?').waitFor();
  await page.getByRole('tooltip').getByRole('button', { name: 'Close' }).click();
  expect(await ops.hub.database.knex('hub.notification_rules')).toHaveLength(1);
  await rules.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: 'Remove' }).click();
  await rules.getByText('Nothing here').waitFor();
  expect(await ops.hub.database.knex('hub.notification_rules')).toEqual([]);
}, 60_000);

test('the settings fail no rule of WCAG 2.2 AA, light and dark, in both languages, at 200 %, with their form open', async () => {
  await ops.hub.database
    .knex('hub.notification_rules')
    .insert({ target: 'slack', language: 'zh', changed_by: 'root' });
  const visitor = await welcomed('hedy', ['admin']);
  const { page } = visitor;
  await page.goto('/#/settings');
  const faults: string[] = [];
  for (const press of ['', '中文', '深色', '200 %']) {
    if (press === '中文') await page.getByText(press).first().click();
    else if (press === '深色') await page.getByRole('button', { name: press }).click();
    else if (press === '200 %') await page.setViewportSize({ width: 683, height: 384 });
    const add = page.getByRole('button', { name: /^(Add a rule|添加规则)$/ });
    await add.waitFor();
    for (const isOpen of [false, true]) {
      if (isOpen) {
        await add.click();
        await page.getByRole('dialog').waitFor();
      }
      faults.push(...(await visitor.faults()).map((fault) => `${press} ${isOpen} ${fault}`));
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      if (isTooWide === true) faults.push(`${press} ${isOpen}: wider than the window`);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  expect(faults).toEqual([]);
  expect(visitor.failures).toEqual([]);
  expect(visitor.violations.filter((one) => one.startsWith('script'))).toEqual([]);
}, 120_000);
