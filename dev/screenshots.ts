/**
 * `npm run screenshots`: walks the five minutes of docs/console.md in a demo that `npm start` has just begun, and takes
 * its pictures on the way. Whatever the walk promises and does not find ends it.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import axios from 'axios';
import { ensureChromiumInstalled } from './chromium.ts';
import { inviteDemoPeople, type DemoPerson } from './demo-people.ts';
import { mendingCall } from './demo-trouble.ts';
import { findRunningStack } from './stack.ts';

const dataFolder = resolve(import.meta.dirname, '../.points-hub');
const folder = resolve(import.meta.dirname, '../docs/console');
const password = 'a pass phrase for pictures';
const pictureBytesMax = 200_000;

const stack = findRunningStack(dataFolder);
const url = stack?.urls.console;
if (stack === undefined || url === undefined) throw new Error('no demo runs here: begin with npm start');
const { urls } = stack;

mkdirSync(folder, { recursive: true });
const people = await inviteDemoPeople(urls, url);
const startedAt = performance.now();
const browser = await chromium.launch({ executablePath: ensureChromiumInstalled(), args: ['--no-sandbox'] });
try {
  const mei = await enter(browser, people, 'mei');
  await lookAround(mei);
  await queryOne(mei);
  await replayGroup(mei);
  const address = await askForCompensation(mei);
  const li = await enter(browser, people, 'li');
  await approve(li, address);
  await mend(mei);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stdout.write(`The walk took ${seconds} s; its pictures are in docs/console.\n`);
} finally {
  await browser.close();
}

async function enter(where: Browser, known: readonly DemoPerson[], name: string): Promise<Page> {
  const person = known.find((one) => one.name === name);
  if (person === undefined) throw new Error(`the demo has no ${name}`);
  const page = await where.newPage({
    locale: 'en',
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  });
  await page.goto(person.link);
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same again').fill(password);
  await page.getByRole('button', { name: 'Set the password and sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > pictureBytesMax) throw new Error(`${name}.png has ${size} bytes, more than ${pictureBytesMax}`);
}

async function lookAround(page: Page): Promise<void> {
  await page.locator('canvas').first().waitFor();
  await take(page, 'overview');
  await page.getByRole('link', { name: 'Groups' }).click();
  // The overview names the channel, too, and stays until the screen has come.
  await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor();
  await rowOf(page, 'hotelnights').waitFor();
  await take(page, 'groups');
}

function rowOf(page: Page, channel: string): Locator {
  return page.getByRole('row', { name: new RegExp(channel) });
}

/** The first case of the group of a channel. */
async function openCaseAt(page: Page, channel: string): Promise<void> {
  await page.getByRole('link', { name: 'Groups' }).click();
  await rowOf(page, channel).getByRole('link').first().click();
  await page
    .getByRole('link', { name: /^\d+ · / })
    .first()
    .click();
  await page.getByRole('heading', { name: /^Case \d+$/ }).waitFor();
}

async function queryOne(page: Page): Promise<void> {
  await openCaseAt(page, 'fuelcard');
  const query = page.getByRole('button', { name: 'Query channel' });
  await query.waitFor();
  await take(page, 'case');
  await page.getByText('中文').click();
  await page.locator('html[lang=zh-CN]').waitFor();
  await take(page, 'case-zh');
  await page.getByText('English').click();
  await query.click();
  await page.getByText('Recovered', { exact: true }).first().waitFor();
}

async function replayGroup(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Groups' }).click();
  await rowOf(page, 'groceryone').getByRole('button', { name: 'Preview replay' }).click();
  await page.getByRole('button', { name: 'Start replay' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('groceryone answers again, says its status page');
  await dialog.getByLabel('Cases per second').fill('1');
  await dialog.getByLabel('Canary').fill('2');
  await dialog.getByRole('button', { name: 'Start replay' }).click();
  await page.getByText('Succeeded', { exact: true }).nth(2).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused because:').waitFor();
  await take(page, 'replay');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Done', { exact: true }).waitFor();
}

/** @returns where another person finds it */
async function askForCompensation(page: Page): Promise<string> {
  await openCaseAt(page, 'gymclub');
  await page.getByRole('button', { name: 'Query channel' }).click();
  await page.getByText('Looked up at the channel on').waitFor();
  await page.getByRole('button', { name: 'Request compensation' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason', { exact: true }).fill('the statement of gymclub has it');
  await dialog.getByLabel('Evidence').fill('statement of today, line 7');
  await dialog.getByRole('button', { name: 'Request compensation' }).click();
  await page.getByText('You asked for this yourself').waitFor();
  return page.url();
}

async function approve(page: Page, address: string): Promise<void> {
  await page.getByRole('link', { name: 'Compensations' }).click();
  await page.getByRole('table').getByRole('link').first().click();
  await page.getByRole('button', { name: 'Approve' }).click();
  if (page.url() !== address) throw new Error(`the first compensation is not the one at ${address}`);
  await page.getByRole('dialog').getByText('statement of today, line 7').waitFor();
  await take(page, 'approve');
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Approved', { exact: true }).waitFor();
  await page.getByRole('link', { name: /^Case \d+$/ }).click();
  await page.getByText('Resolved', { exact: true }).first().waitFor();
}

async function mend(page: Page): Promise<void> {
  await openCaseAt(page, 'hotelnights');
  const token = readFileSync(join(dataFolder, 'sandbox-token'), 'utf8').trim();
  const { address, headers } = mendingCall(urls, token);
  await axios.delete(address, { headers, proxy: false });
  await page.getByText('Recovered', { exact: true }).first().waitFor();
}
