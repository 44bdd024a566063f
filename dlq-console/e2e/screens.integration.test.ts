/** Channels, saved views, keys, proofs elsewhere and long answers, as people meet them. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { en } from '../page/src/words/en.ts';
import { zh } from '../page/src/words/zh.ts';
import type { Visitor } from '../testing/browser.ts';
import { confirm, openStage, testMs, type Stage } from '../testing/stage.ts';

let stage: Stage;
let ada: Visitor;
let mei: Visitor;
beforeAll(async () => {
  stage = await openStage();
  await stage.openCases('s', 3);
  stage.ops.twist();
  ada = await stage.welcomed('ines', ['admin']);
  mei = await stage.welcomed('mei', ['operator']);
}, testMs);
afterAll(() => stage.close(), testMs);

const rowOf = (page: Page, id: string): Locator => page.getByRole('row').filter({ hasText: id });

async function channel(id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { channels } = (await stage.ops.ask('GET', '/channels')).body as { channels: { id: string }[] };
  return channels.find((one) => one.id === id);
}

test(
  'an admin pauses, limits and resumes a channel, each with a reason; nobody else can',
  async () => {
    const { page } = ada;
    await page.getByRole('link', { name: en.place.channels, exact: true }).click();
    const row = rowOf(page, 'bankplus');
    await row.getByRole('button', { name: en.channel.pause }).click();
    await page.getByRole('dialog').getByRole('button', { name: en.channel.pause }).click();
    // Without a reason nothing is sent.
    await page.locator('.ant-form-item-explain-error').waitFor();
    expect(await channel('bankplus')).toMatchObject({ paused: null });
    await confirm(page, en.channel.pause, { [en.reason]: 'they announced it' });
    await row.getByText(en.channel.paused, { exact: true }).waitFor();
    await row.getByText('they announced it').waitFor();
    expect(await channel('bankplus')).toMatchObject({ paused: { by: 'ines', note: 'they announced it' } });

    await row.getByRole('button', { name: en.channel.limit }).click();
    await confirm(page, en.channel.limit, {
      [en.channel.rate]: '7',
      [en.channel.concurrency]: '3',
      [en.reason]: 'slow today',
    });
    await row.getByText('slow today').waitFor();
    expect(await channel('bankplus')).toMatchObject({ limits: { ratePerSecond: 7, concurrencyMax: 3 } });

    await row.getByRole('button', { name: en.channel.resume }).click();
    await confirm(page, en.channel.resume, {});
    await row.getByRole('button', { name: en.channel.pause }).waitFor();
    expect(await channel('bankplus')).toMatchObject({ paused: null });

    await mei.page.goto('/#/channels');
    await mei.page.getByText(en.channel.adminsOnly).waitFor();
    expect(await mei.page.getByRole('button', { name: en.channel.pause }).first().isDisabled()).toBe(true);
  },
  testMs,
);

test(
  'a threshold is set by who proved lately that he is the person, with a reason, and taken back',
  async () => {
    const { page } = ada;
    await page.goto('/#/channels');
    const row = rowOf(page, 'coffeeclub');
    const thresholds = async () =>
      (await stage.ops.ask('GET', '/compensation-thresholds')).body['thresholds'];
    await stage.ops.hub.database.knex('hub.sessions').update({ proven_at: new Date(0) });
    await row.getByRole('button', { name: en.channel.setThreshold }).click();
    await confirm(page, en.channel.setThreshold, {
      [en.channel.threshold]: '12.50',
      [en.reason]: 'small sums',
    });
    // Asked for the proof, and then what was asked for is done.
    await confirm(page, en.proof.do, { [en.proof.password]: stage.passwordOf('ines') });
    await row.getByText('12.5', { exact: true }).waitFor();
    expect(await thresholds()).toMatchObject([{ channel: 'coffeeclub', pointsMax: '12.5', setBy: 'ines' }]);
    await row.getByRole('button', { name: en.channel.setThreshold }).click();
    await confirm(page, en.channel.setThreshold, { [en.channel.threshold]: '', [en.reason]: 'too much' });
    await row.getByText(en.channel.alwaysTwo).waitFor();
    expect(await thresholds()).toEqual([]);
  },
  testMs,
);

test(
  'a view keeps filters and columns, and is there again where this browser has forgotten everything',
  async () => {
    const { page } = mei;
    await page.goto('/#/cases?channel=airmiles&pointsMin=1');
    await page
      .getByRole('link', { name: /^\d+ · / })
      .first()
      .waitFor();
    await page.getByRole('button', { name: en.columns }).click();
    await page.getByRole('checkbox', { name: en.column.fingerprint }).check();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: en.view.save }).click();
    await confirm(page, en.view.save, { [en.view.name]: 'Airmiles above one' });
    await page.getByRole('button', { name: en.view.remove }).waitFor();
    await page.evaluate('localStorage.clear()');
    await page.goto('/#/cases');
    await page.reload();
    await page.getByRole('columnheader', { name: en.column.fingerprint }).waitFor({ state: 'detached' });
    await page.getByRole('combobox', { name: en.view.saved }).click();
    await page.getByTitle('Airmiles above one').click();
    await page.getByRole('columnheader', { name: en.column.fingerprint }).waitFor();
    expect(page.url()).toContain('channel=airmiles&pointsMin=1');
    await page.getByRole('button', { name: en.view.remove }).click();
    await page.getByRole('button', { name: en.view.save }).waitFor();
  },
  testMs,
);

test(
  'keys go to places and move in lists; while text or a Chinese word is written they write, and none acts on a case',
  async () => {
    const { page } = mei;
    await page.goto('/#/overview');
    await page.getByRole('heading', { name: en.place.overview }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: en.keys.title }).waitFor();
    expect(await mei.faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    const rows = page.locator('a[data-row]');
    await rows.nth(2).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('k');
    const marked = `[...document.querySelectorAll('a[data-row]')].indexOf(document.activeElement)`;
    expect(await page.evaluate(marked)).toBe(1);

    await page.keyboard.press('/');
    const order = page.getByRole('textbox', { name: en.column.orderId });
    await page.keyboard.type('j?g/k');
    expect(await order.inputValue()).toBe('j?g/k');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await order.fill('');
    await order.blur();
    await page.evaluate(`document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key: '?', isComposing: true, bubbles: true }))`);
    expect(await page.getByRole('dialog').count()).toBe(0);

    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Case \d+$/ }).waitFor();
    const id = page.url().split('/').at(-1) ?? '';
    for (const key of 'abcdefhijklmnopqrstuvwxyz1234567890'.split('')) await page.keyboard.press(key);
    await page.keyboard.press('Delete');
    expect(await page.getByRole('heading', { name: `Case ${id}` }).count()).toBe(1);
    expect((await stage.ops.read(id)).operations).toEqual([]);
  },
  testMs,
);

test(
  'whom a look-up is refused may retry with a reason, and the case recovers',
  async () => {
    const { page } = mei;
    const id = await stage.caseOf('s-1');
    await page.goto(`/#/cases/${id}`);
    const retry = page.getByRole('button', { name: en.act.retry, exact: true });
    await retry.waitFor();
    expect(await retry.isDisabled()).toBe(true);
    const problem = { code: 'HUB_OPERATION_REFUSED', detail: 'there is nothing to look up with' };
    await page.route(/\/query$/, (route) =>
      route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
    await page.getByRole('button', { name: en.act.query }).click();
    await page.getByText(problem.detail).waitFor();
    await page.unroute(/\/query$/);
    await retry.click();
    await confirm(page, en.act.retry, { [en.reason]: 'they cannot be asked today' });
    await page.getByText(en.state.recovered).first().waitFor();
    const [operation] = (await stage.ops.read(id)).operations;
    expect(operation).toMatchObject({ kind: 'retry', reason: 'they cannot be asked today' });
  },
  testMs,
);

test(
  'who signs in at the identity provider is led there to prove it and back, and is never asked for a password',
  async () => {
    const asked = await stage.ops.act(await stage.caseOf('s-2'), 'compensations', {
      kind: 'mark_undone',
      reasonCode: 'BY_HAND',
      reason: 'statement of today',
      evidence: 'line 7',
    });
    const id = String(asked.body['id']);
    const rosa = await stage.welcomed('rosa', ['approver']);
    const { page } = rosa;
    let freshUntil = new Date(0);
    await page.route(/\/ops\/v1\/me$/, async (route) => {
      const answer = await route.fetch();
      const me = (await answer.json()) as { proof: object };
      const proof = { ...me.proof, freshUntil };
      await route.fulfill({ response: answer, json: { ...me, provesBy: 'identity_provider', proof } });
    });
    await page.goto(`/#/compensations/${id}`);
    await page.reload();
    await page.getByRole('button', { name: en.approve }).click();
    const dialog = page.getByRole('dialog');
    const there = dialog.getByRole('link', { name: en.proof.oidc });
    expect(await there.getAttribute('href')).toBe(
      `/ops/v1/oidc/begin?renew=true&back=${encodeURIComponent(`/compensations/${id}`)}`,
    );
    expect(await dialog.getByRole('button', { name: en.approve }).isDisabled()).toBe(true);
    expect(await dialog.locator('input[type=password]').count()).toBe(0);
    expect(await rosa.faults()).toEqual([]);
    // As after coming back.
    freshUntil = new Date(Date.now() + 600_000);
    await page.reload();
    await page.getByRole('button', { name: en.approve }).click();
    await dialog.getByText(/identity provider; that holds until/).waitFor();
    await dialog.getByRole('button', { name: en.approve }).click();
    await page.getByText(en.compensationState.approved, { exact: true }).waitFor();
  },
  testMs,
);

test(
  'a very long answer is cut, more of it is shown when asked for, and all of it comes as a file of plain text',
  async () => {
    const { page } = mei;
    const id = await stage.caseOf('s-3');
    const long = `<b>begin</b>\u202E${'x'.repeat(5_000_000)}end`;
    await page.route(/\/timeline$/, (route) =>
      route.fulfill({
        json: {
          timeline: [
            {
              at: '2026-05-01T00:00:00Z',
              type: 'attempt',
              event: 'unknown',
              by: null,
              details: { number: 9, leg: 'points', action: 'deduct', evidence: { answer: long } },
            },
          ],
        },
      }),
    );
    await page.goto(`/#/cases/${id}`);
    await page.getByText('#9').click();
    const body = page.getByRole('region', { name: en.attempt.body });
    await body.getByText('<b>begin</b>').waitFor();
    await body.getByText('U+202E').waitFor();
    expect(((await body.textContent()) ?? '').length).toBeLessThan(30_000);
    await page.getByRole('button', { name: en.raw.more }).click();
    await page.getByText('220000 of').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: en.raw.save }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('points-hub.txt');
    expect(readFileSync(await download.path(), 'utf8')).toBe(long);
    await page.unroute(/\/timeline$/);
  },
  testMs,
);

test.each([
  ['en', en, false],
  ['zh-CN', zh, true],
] as const)(
  'these screens and their dialogs have no fault against WCAG 2.2 AA, in %s',
  async (tag, words, isDark) => {
    const { page } = ada;
    await page.evaluate(`localStorage.setItem('points-hub-language', '${tag.slice(0, 2)}');
      localStorage.setItem('points-hub-dark', '${isDark}')`);
    const faults: string[] = [];
    async function look(screen: string, button?: string): Promise<void> {
      await page.goto(`/#/${screen}`);
      await page.reload();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
      if (button !== undefined) {
        await page.getByRole('button', { name: button }).first().click();
        await page.locator('.ant-modal, .ant-popover').first().waitFor();
      }
      faults.push(...(await ada.faults()).map((fault) => `${screen} ${button ?? ''} ${fault}`));
    }
    await look('overview');
    for (const button of [words.channel.pause, words.channel.limit, words.channel.setThreshold]) {
      await look('channels', button);
    }
    await look('people', words.people.roles);
    await look('people', words.people.reset);
    await look('settings', words.own.makeToken);
    await look('cases?pointsMin=1', words.view.save);
    await look('audit');
    expect(faults).toEqual([]);
  },
  testMs,
);

test('no page threw, and no script was kept from running', () => {
  for (const { failures, violations } of stage.visitors) {
    expect(failures).toEqual([]);
    expect(violations.filter((one) => one.startsWith('script'))).toEqual([]);
  }
});
