/**
 * `npm run console:speed`: how long it takes from an address in a browser to a list of cases that answers to a press,
 * with a million cases in Postgres. Not a test: a figure belongs to the machine that it was taken on.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import knexModule from 'knex';
import { chromium, type BrowserContext } from 'playwright-core';
import { consoleProcess } from '../dlq-console/testing/console-process.ts';
import { invited } from '../dlq-console/testing/person.ts';
import { ensurePageBuilt } from '../dlq-console/testing/browser.ts';
import { migrateHub } from '../hub/store/migrate.ts';
import { loadCases } from '../hub/testing/many-cases.ts';
import { ensureChromiumInstalled } from './chromium.ts';
import { ensureDatabase, startPostgres } from './postgres.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    samples: { type: 'string', default: '11' },
  },
});
const [cases, samples] = [Number(values.cases), Number(values.samples)];

/** The list as it opens, and as filters narrow it: the whole first page, a rare cause, a range of points. */
const addresses = ['cases', 'cases?channel=coffeeclub', 'cases?cause=crash_loop', 'cases?pointsMin=490'];

/** Notes when the first case can be pressed and the page has nothing more urgent to do. */
const watcher = `new MutationObserver((_, observer) => {
  if (document.querySelector('main table a[href^="#/cases/"]') === null) return;
  observer.disconnect();
  requestIdleCallback(() => { globalThis.interactiveMs = performance.now(); });
}).observe(document, { childList: true, subtree: true })`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const password = 'a pass phrase for measuring';

ensurePageBuilt();
const folder = mkdtempSync(join(tmpdir(), 'points-hub-speed-'));
const postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: true });
try {
  const database = await ensureDatabase(postgres.url, 'points_hub');
  say(`Loading ${cases} cases ...`);
  await fill(database);
  const served = await consoleProcess({
    environment: { DATABASE_URL: database, SANDBOX_URL: 'http://127.0.0.1:9', SANDBOX_TOKEN: 'unused' },
    configFolder: join(import.meta.dirname, 'config'),
    prefix: 'points',
  });
  await served.start();
  try {
    await measure(served.url, database);
  } finally {
    await served.close();
  }
} finally {
  await postgres.dispose();
  rmSync(postgres.folder, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

async function fill(database: string): Promise<void> {
  const knex = knexModule({ client: 'pg', connection: database, pool: { min: 0, max: 2 } });
  try {
    await migrateHub(knex);
    await knex.raw(`insert into hub.malls (id, name) values ('shop', 'A shop')`);
    const channels = ['airmiles', 'bankplus', 'coffeeclub'];
    await knex('hub.channels').insert(channels.map((id) => ({ id, scale: 2, points_max: '100000' })));
    await loadCases(knex, cases);
  } finally {
    await knex.destroy();
  }
}

async function measure(url: string, database: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: ensureChromiumInstalled(),
    args: ['--no-sandbox'],
  });
  try {
    const { token } = await invited(database, 'mei', ['operator']);
    const first = await browser.newContext({ baseURL: url, locale: 'en' });
    const page = await first.newPage();
    await page.goto(`/#/welcome/${token}`);
    await page.getByLabel('New password').fill(password);
    await page.getByLabel('The same again').fill(password);
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const signedIn = await first.storageState();
    await first.close();

    say(`${availableParallelism()} processors, ${cpus()[0]?.model.trim() ?? 'unknown'}; ${cases} cases`);
    say('address                      cache   least    median  most     ms until a case can be pressed');
    const open = (): Promise<BrowserContext> =>
      browser.newContext({ baseURL: url, locale: 'en', storageState: signedIn });
    for (const address of addresses) {
      say(rowOf(address, 'cold', await cold(open, address)));
      say(rowOf(address, 'warm', await warm(open, address)));
    }
  } finally {
    await browser.close();
  }
}

/** Each time in a browser that has seen nothing of the page. */
async function cold(open: () => Promise<BrowserContext>, address: string): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < samples) {
    const context = await open();
    times.push(await timeTo(context, address));
    await context.close();
  }
  return times;
}

/** In one browser, which keeps the page's files. */
async function warm(open: () => Promise<BrowserContext>, address: string): Promise<readonly number[]> {
  const context = await open();
  await timeTo(context, address);
  const times: number[] = [];
  while (times.length < samples) times.push(await timeTo(context, address));
  await context.close();
  return times;
}

function rowOf(address: string, cache: string, times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const figures = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map((ms = 0) =>
    String(Math.round(ms)).padEnd(8),
  );
  return `${address.padEnd(28)} ${cache.padEnd(7)} ${figures.join(' ')}`;
}

/** From the start of the navigation, by the page's own clock. */
async function timeTo(context: BrowserContext, address: string): Promise<number> {
  const page = await context.newPage();
  await page.addInitScript(watcher);
  await page.goto(`/#/${address}`);
  await page.waitForFunction(() => 'interactiveMs' in globalThis);
  const ms = await page.evaluate<number>('globalThis.interactiveMs');
  await page.close();
  return ms;
}
