/** What channels, shoppers and colleagues write to do harm: it is text on every screen, and nothing of it runs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import type { Page } from 'playwright-core';
import { patienceMs, type Visitor } from '../testing/browser.ts';
import { watchPolicy, type WatchedConsole } from '../testing/policy-reports.ts';
import { openStage, testMs, type Stage } from '../testing/stage.ts';

const script = '<script>globalThis.ran=1</script>';
const handler = '<img src=x onerror="globalThis.ran=1">';
const turned = '\u202Egnp.exe\u2066';
const formula = '=HYPERLINK("http://127.0.0.1","pay")';
const beyondDouble = '9007199254740993';
const all = `${script}${handler}${turned}${formula}${beyondDouble}`;
const megabytes = 5;

/** As the page shows it: a mark that turns text around does not turn it, but stands there by its name. */
const asShown = (text: string): string => text.replaceAll('\u202E', 'U+202E').replaceAll('\u2066', 'U+2066');

/** What a mall may send as an id: anything that can be seen. */
const orderIds = [
  '=1+1<script>globalThis.ran=1</script>',
  '"><img src=x onerror=globalThis.ran=1>',
  beyondDouble,
];
/** What the channel answers to the deduction of each. */
const answers = [
  // Not by JSON.stringify: no number of ours can be this one.
  `{"code":${JSON.stringify(all)},"transactionId":${beyondDouble},"note":${JSON.stringify(all)}}`,
  `<html>${all}</html>`,
  script.repeat((megabytes * 1_000_000) / script.length),
];

let stage: Stage;
let watched: WatchedConsole;
let grace: Visitor;
let rosa: Visitor;
let replayId: string;
let compensationId: string;
beforeAll(async () => {
  stage = await openStage();
  const { ops } = stage;
  watched = await watchPolicy(new URL(ops.line.url).origin);
  for (const [index, orderId] of orderIds.entries()) {
    const answer = { takesEffect: false, status: 200, body: () => answers[index] ?? '' };
    ops.twist({ on: /(POST|GET) \/channels\/airmiles/, ...answer });
    const deductions = [{ channel: 'airmiles', points: '1.5' }];
    await ops.hub.place({ orderId, userId: `${handler}${index}`, deductions });
    await eventually('its case is open', async () => (await stage.openCount()) === index + 1, patienceMs);
  }
  const [first, second] = [await stage.caseOf(orderIds[0] ?? ''), await stage.caseOf(orderIds[1] ?? '')];
  await ops.act(first, 'notes', { text: all });
  const why = { reasonCode: 'BY_HAND', reason: all, evidence: all };
  const asked = await ops.act(second, 'compensations', { kind: 'mark_done', ...why });
  compensationId = String(asked.body['id']);
  const preview = await ops.ask('POST', '/replays', { filter: {} });
  replayId = String(preview.body['id']);
  const start = { expectCount: preview.body['eligible'], reason: all, ratePerSecond: 1, canary: 1 };
  await ops.ask('POST', `/replays/${replayId}/start`, start);

  grace = await stage.welcomed('grace', ['operator'], { consoleUrl: watched.url });
  rosa = await stage.welcomed('rosa', ['approver'], { consoleUrl: watched.url });
}, testMs);
afterAll(async () => {
  await stage.close();
  await watched.close();
}, testMs);

/** Opens a screen and all that is folded on it. */
async function unfolded(page: Page, screen: string): Promise<string> {
  await page.goto(`/#/${screen}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
  await page.locator('main table, main ol').first().waitFor();
  for (const summary of await page.locator('main summary').all()) await summary.click();
  // Each has another name once it is open.
  const folded = page.getByRole('button', { name: 'Expand row' });
  for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
  return page.locator('body').innerText();
}

/** What of it became more than text, each in a line. */
async function comeAlive(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(`(() => {
    const found = globalThis.ran === undefined ? [] : ['a script of theirs ran'];
    for (const one of document.querySelectorAll('img[src="x"], main script, main iframe, [onerror]'))
      found.push('an element: ' + one.outerHTML);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      if (!node.data.includes('\\u202e')) continue;
      const { unicodeBidi } = getComputedStyle(node.parentElement);
      if (!unicodeBidi.startsWith('isolate')) found.push('turns what follows: ' + node.parentElement.outerHTML);
    }
    return found;
  })()`);
}

test(
  'each screen shows what they wrote, character by character',
  async () => {
    const cases = await Promise.all(orderIds.map((orderId) => stage.caseOf(orderId)));
    const faults: string[] = [];
    const seen = async ({ page }: Visitor, screen: string, ...texts: readonly string[]): Promise<void> => {
      const shown = await unfolded(page, screen);
      for (const text of texts) {
        if (!shown.includes(asShown(text))) faults.push(`${screen} does not show ${text}`);
      }
      faults.push(...(await comeAlive(page)).map((fault) => `${screen}: ${fault}`));
    };
    await seen(grace, 'groups');
    await seen(grace, 'cases', ...orderIds);
    await seen(grace, `cases?orderId=${encodeURIComponent(orderIds[0] ?? '')}`, orderIds[0] ?? '');
    // The evidence is JSON, in which a quotation mark has a stroke before it.
    const inJson = JSON.stringify(all).slice(1, -1);
    await seen(grace, `cases/${cases[0]}`, orderIds[0] ?? '', script, inJson, beyondDouble, turned);
    await seen(grace, `cases/${cases[1]}`, orderIds[1] ?? '', `<html>${script}`);
    await seen(grace, `cases/${cases[2]}`, beyondDouble);
    for (const orderId of orderIds)
      await seen(grace, `orders?orderId=${encodeURIComponent(orderId)}`, orderId);
    await seen(grace, 'replays', all);
    await seen(grace, `replays/${replayId}`, ...orderIds);
    await seen(grace, 'compensations', orderIds[1] ?? '');
    await seen(rosa, 'audit', all);
    expect(faults).toEqual([]);
  },
  testMs,
);

test(
  'what an approver signs is shown to the last character, in the dialog too',
  async () => {
    const { page } = rosa;
    await page.goto(`/#/compensations/${compensationId}`);
    await page.getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(script).first().waitFor();
    expect((await dialog.innerText()).split(asShown(all))).toHaveLength(3);
    expect(await comeAlive(page)).toEqual([]);
  },
  testMs,
);

test(
  `an answer of ${megabytes} MB is told and not kept, so its case opens like any other`,
  async () => {
    const id = await stage.caseOf(orderIds[2] ?? '');
    const answer = await stage.ops.ask('GET', `/cases/${id}/timeline`);
    expect(JSON.stringify(answer.body).length).toBeLessThan(100_000);
    const { evidence } = await stage.ops.read(id);
    expect(JSON.stringify(evidence)).toContain('the answer is too large');
  },
  testMs,
);

test(
  'the policy had nothing to keep from running; what it would have kept is noticed in both ways',
  async () => {
    for (const { failures, violations } of [grace, rosa]) expect({ failures, violations }).toEqual(nothing);
    expect(watched.reports).toEqual([]);

    // Had one of those texts become an element, this is what would have been seen.
    await grace.page.evaluate(`(() => {
      const injected = document.createElement('script');
      injected.textContent = 'globalThis.ran = 1';
      document.body.append(injected);
    })()`);
    const isScript = (told: string): boolean => told.includes('script-src');
    for (const told of [watched.reports, grace.violations])
      await eventually('it is told', () => Promise.resolve(told.some(isScript)), patienceMs);
    expect(await grace.page.evaluate('globalThis.ran')).toBeUndefined();
  },
  testMs,
);

const nothing = { failures: [], violations: [] };
