/** `npm run screenshots`: pictures of the console for docs/console.md, from a demo that `npm start` runs. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromiumInstalled } from './chromium.ts';
import { inviteDemoPeople } from './demo-people.ts';
import { findRunningStack } from './stack.ts';

const folder = resolve(import.meta.dirname, '../docs/console');
const password = 'a pass phrase for pictures';

const stack = findRunningStack(resolve(import.meta.dirname, '../.points-hub'));
const url = stack?.urls.console;
if (stack === undefined || url === undefined) throw new Error('no demo runs here: begin with npm start');

mkdirSync(folder, { recursive: true });
const [mei] = await inviteDemoPeople(stack.urls, url);
if (mei === undefined) throw new Error('the demo has no people');
const browser = await chromium.launch({ executablePath: ensureChromiumInstalled(), args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({
    locale: 'en',
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  });
  await page.goto(mei.link);
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same again').fill(password);
  await page.getByRole('button', { name: 'Set the password and sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const take = async (name: string): Promise<void> => {
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(folder, `${name}.png`) });
  };
  await page.locator('canvas').waitFor();
  await take('overview');
  await page.getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('table').getByRole('link').first().waitFor();
  await take('groups');
  await page.getByRole('table').getByRole('link').first().click();
  await page
    .getByRole('link', { name: /^\d+ · / })
    .first()
    .click();
  await page.getByRole('button', { name: 'Query channel' }).waitFor();
  await take('case');
  await page.getByText('中文').click();
  await take('case-zh');
  await page.getByText('English').click();
  await page.getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'Preview replay' }).first().click();
  await page.getByRole('button', { name: 'Start replay' }).waitFor();
  await take('replay');
} finally {
  await browser.close();
}
