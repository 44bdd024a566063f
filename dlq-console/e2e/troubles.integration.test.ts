/** What can stand in a person's way is said in his language, and nothing is shown as done before it is. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { en } from '../page/src/words/en.ts';
import { zh } from '../page/src/words/zh.ts';
import type { Visitor } from '../testing/browser.ts';
import { confirm, openStage, testMs, type Stage } from '../testing/stage.ts';

let stage: Stage;
let caseId: string;
beforeAll(async () => {
  stage = await openStage();
  await stage.openCases('t', 1);
  caseId = await stage.caseOf('t-1');
}, testMs);
afterAll(() => stage.close(), testMs);

describe.each([
  ['English', 'en', en],
  ['Chinese', 'zh-CN', zh],
] as const)('in %s', (language, locale, words) => {
  let visitor: Visitor;
  let page: Page;
  beforeAll(async () => {
    visitor = await stage.welcomed(`person-${language}`, ['operator'], { locale });
    ({ page } = visitor);
  }, testMs);

  /** From the beginning, whatever the test before left open or held. */
  async function open(): Promise<void> {
    await page.goto(`/#/cases/${caseId}`);
    await page.reload();
    await button(words.act.claim).waitFor();
  }

  const claims = async (): Promise<number> =>
    (await stage.ops.read(caseId)).operations.filter(({ kind }) => kind === 'claim').length;

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  /** @returns how many signs of a success stand beside the message once it is there */
  async function successesBeside(message: string): Promise<number> {
    await page.getByRole('alert').getByText(message).first().waitFor();
    return page.getByText(words.accepted).count();
  }

  test(
    'a server that is away is told apart, what was seen stays, and the page is well again by itself',
    async () => {
      // A server that is away streams nothing; a stream that has begun is not cut by what is done to new requests.
      await page.route('**/ops/v1/events', (route) => route.abort('connectionrefused'));
      await open();
      const before = await claims();
      await page.route('**/ops/v1/**', (route) => route.abort('connectionrefused'));
      expect(await successesBeside(words.trouble.away)).toBe(0);
      expect(await button(words.act.claim).count()).toBe(1);
      await button(words.act.claim).click();
      const decide = page.getByRole('region', { name: words.decide });
      await decide.getByRole('alert').getByText(words.trouble.away).waitFor();
      await page.unrouteAll();
      await button(words.again).first().waitFor({ state: 'detached' });
      expect(await claims()).toBe(before);
    },
    testMs,
  );

  test(
    'a server that takes too long may still do it, and the page says so instead of calling it refused',
    async () => {
      await open();
      const held = Promise.withResolvers<void>();
      await page.route(/\/notes$/, async (route) => {
        await held.promise;
        // By then the page has given up; the server gets the request all the same.
        await route.fetch();
        await route.abort();
      });
      await button(words.act.note).click();
      await confirm(page, words.act.note, { [words.noteText]: `slow in ${language}` });
      expect(await successesBeside(words.trouble.slow)).toBe(0);
      held.resolve();
      await page.locator('.timeline', { hasText: `slow in ${language}` }).waitFor();
      await page.unroute(/\/notes$/);
      await page.getByRole('dialog').getByRole('button', { name: words.cancel }).first().click();
    },
    testMs,
  );

  test(
    'rights that were taken away meanwhile (403)',
    async () => {
      await open();
      const person = stage.ops.hub.database.knex('hub.operators').where({ name: `person-${language}` });
      await person.clone().update({ roles: ['viewer'] });
      await button(words.act.claim).click();
      expect(await successesBeside(words.trouble.HUB_FORBIDDEN)).toBe(0);
      await page.getByText('HUB_FORBIDDEN').first().waitFor();
      await person.update({ roles: ['operator'] });
    },
    testMs,
  );

  test(
    'a case that somebody else changed meanwhile (409)',
    async () => {
      await open();
      await page.getByRole('switch', { name: words.live.label }).click();
      await stage.ops.act(caseId, 'claim');
      await button(words.act.claim).click();
      expect(await successesBeside(words.trouble.HUB_CASE_CHANGED)).toBe(0);
      await page.getByRole('cell', { name: 'ada' }).waitFor();
      await page.getByRole('switch', { name: words.live.label }).click();
    },
    testMs,
  );

  test(
    'what cannot be accepted (422): not as it is written, and not by one person',
    async () => {
      await open();
      await button(words.act.resolve).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(words.resolve.tookEffect).click();
      const told = { [words.reason]: 'the statement', [words.evidence]: 'line 7' };
      await confirm(page, words.act.resolve, { ...told, [words.column.points]: 'a lot' });
      expect(await successesBeside(words.trouble.HUB_POINTS_INVALID)).toBe(0);
      await confirm(page, words.act.resolve, { ...told, [words.column.points]: '1.5' });
      expect(await successesBeside(words.trouble.HUB_SECOND_PERSON_NEEDED)).toBe(0);
      expect((await stage.ops.read(caseId)).state).toBe('open');
    },
    testMs,
  );

  test('the page itself threw nothing', () => {
    expect(visitor.failures).toEqual([]);
  });
});

test(
  'the other language is one press away, in every word, date and heading, and is kept over a reload',
  async () => {
    const { page } = await stage.welcomed('lin', ['operator']);
    await page.goto('/#/cases?channel=airmiles');
    await page.getByRole('table').getByText(en.cause.attempts_used_up).waitFor();
    await page.getByText('中文').click();
    await page.getByRole('heading', { name: zh.place.cases, exact: true }).waitFor();
    await page.getByRole('link', { name: zh.place.compensations }).waitFor();
    await page.getByRole('table').getByText(zh.cause.attempts_used_up).waitFor();
    await page
      .getByRole('table')
      .getByText(/\d{4}年\d{1,2}月\d{1,2}日/)
      .first()
      .waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await page.title()).toBe(zh.place.cases);
    expect(page.url()).toContain('channel=airmiles');
    expect(await englishIn(page)).toEqual([]);
    await page.reload();
    await page.getByRole('heading', { name: zh.place.cases, exact: true }).waitFor();
    await page.getByText('English').click();
    await page.getByRole('heading', { name: en.place.cases, exact: true }).waitFor();
  },
  testMs,
);

/** Words of the English page that the Chinese one shows, names of the field aside. */
async function englishIn(page: Page): Promise<readonly string[]> {
  const shown = (await page.locator('body').innerText()).split('\n').map((line) => line.trim());
  const words = new Set(leaves(en));
  const alike = new Set(leaves(zh));
  return shown.filter((line) => words.has(line) && !alike.has(line));
}

function leaves(words: object): readonly string[] {
  return Object.values(words).flatMap((one: unknown) =>
    typeof one === 'string' ? [one] : typeof one === 'object' && one !== null ? leaves(one) : [],
  );
}
