/** WCAG 2.2 AA on every screen and in every dialog, in both languages and colours; and at 200 % zoom. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { en } from '../page/src/words/en.ts';
import { zh } from '../page/src/words/zh.ts';
import type { Visitor } from '../testing/browser.ts';
import { openStage, testMs, type Stage } from '../testing/stage.ts';

const looks = [
  { locale: 'en', words: en, isDark: false },
  { locale: 'en', words: en, isDark: true },
  { locale: 'zh-CN', words: zh, isDark: false },
  { locale: 'zh-CN', words: zh, isDark: true },
] as const;

let stage: Stage;
/** Of an open case, a replay that waits for its start, and a compensation that waits for its approval. */
let ids: { readonly open: string; readonly preview: string; readonly asked: string };
/** Everything but approving; and approving. */
let hedy: Visitor;
let rosa: Visitor;
beforeAll(async () => {
  stage = await openStage();
  const { ops } = stage;
  await stage.openCases('a', 3);
  const [open, second] = [await stage.caseOf('a-1'), await stage.caseOf('a-2')];
  const why = { reasonCode: 'BY_HAND', reason: 'statement of today', evidence: 'line 7 of the statement' };
  const asked = await ops.act(second, 'compensations', { kind: 'mark_done', ...why });
  hedy = await stage.welcomed('hedy', ['operator', 'admin']);
  rosa = await stage.welcomed('rosa', ['approver']);
  await hedy.page.goto('/#/groups');
  await hedy.page.getByRole('button', { name: en.replay.preview }).first().click();
  await hedy.page.getByRole('button', { name: en.replay.start }).waitFor();
  ids = { open, preview: hedy.page.url().split('/').at(-1) ?? '', asked: String(asked.body['id']) };
  await ops.act(open, 'notes', { text: 'a note' });
}, testMs);
afterAll(() => stage.close(), testMs);

const screens = (): readonly string[] => [
  'overview',
  'groups',
  'cases',
  'cases?state=recovered',
  `cases/${ids.open}`,
  'replays',
  `replays/${ids.preview}`,
  'compensations?state=requested',
  `compensations/${ids.asked}`,
  'orders',
  'orders?orderId=a-1',
  'channels',
  'audit',
  'people',
  'settings',
];

async function show(page: Page, screen: string): Promise<void> {
  await page.goto(`/#/${screen}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
}

/** As the person would choose it, and then from the beginning. */
async function wear({ page }: Visitor, { locale, isDark }: (typeof looks)[number]): Promise<void> {
  await page.evaluate(`localStorage.setItem('points-hub-language', '${locale.slice(0, 2)}');
    localStorage.setItem('points-hub-dark', '${isDark}')`);
  await page.reload();
  await page.locator(`html[lang=${locale}][data-theme=${isDark ? 'dark' : 'light'}]`).waitFor();
}

test.each(looks)(
  'every screen, in $locale, dark: $isDark',
  async (look) => {
    await wear(hedy, look);
    const faults: string[] = [];
    for (const screen of screens()) {
      await show(hedy.page, screen);
      faults.push(...(await hedy.faults()).map((fault) => `${screen} ${fault}`));
    }
    expect(faults).toEqual([]);
  },
  testMs,
);

test.each([looks[0], looks[3]])(
  'every dialog and whatever else opens, in $locale, dark: $isDark',
  async (look) => {
    const { words } = look;
    const faults: string[] = [];
    async function opened({ page, faults: find }: Visitor, screen: string, button: string): Promise<void> {
      await show(page, screen);
      await page.getByRole('button', { name: button, exact: true }).first().click();
      await page.locator('.ant-modal, .ant-popover, .ant-dropdown, .ant-drawer').first().waitFor();
      faults.push(...(await find()).map((fault) => `${screen}, ${button}: ${fault}`));
      // The next screen begins without it.
      await page.reload();
    }
    await wear(hedy, look);
    const { act } = words;
    for (const button of [act.note, act.ignore, act.resolve, act.compensate])
      await opened(hedy, `cases/${ids.open}`, button);
    await opened(hedy, `replays/${ids.preview}`, words.replay.start);
    await opened(hedy, `replays/${ids.preview}`, words.replay.cancel);
    await opened(hedy, 'people', words.people.disable);
    await opened(hedy, 'cases', words.columns);
    await wear(rosa, look);
    await opened(rosa, `compensations/${ids.asked}`, words.approve);
    await opened(rosa, `compensations/${ids.asked}`, words.reject);
    expect(faults).toEqual([]);
  },
  testMs,
);

test(
  'the door, with what it says of a wrong password, and a link that is over',
  async () => {
    const stranger = await stage.visit();
    const { page } = stranger;
    await page.goto('/');
    await page.getByLabel(en.signIn.name).fill('nobody');
    await page.getByLabel(en.signIn.password, { exact: true }).fill('not this one');
    await page.getByRole('button', { name: en.signIn.do, exact: true }).click();
    await page.getByText(en.trouble.HUB_SIGN_IN_FAILED).waitFor();
    expect(await stranger.faults()).toEqual([]);
    await page.goto('/#/welcome/nonsense');
    await page.getByLabel(en.welcome.password).fill('a long pass phrase');
    await page.getByLabel(en.welcome.repeated).fill('another pass phrase');
    await page.getByText(en.welcome.different).waitFor();
    expect(await stranger.faults()).toEqual([]);
  },
  testMs,
);

test.each([looks[0], looks[2]])(
  'at 200 % of a small laptop nothing is cut off and the page does not scroll sideways, in $locale',
  async (look) => {
    await wear(hedy, look);
    const { page } = hedy;
    const before = page.viewportSize();
    await page.setViewportSize({ width: 640, height: 400 });
    const faults: string[] = [];
    for (const screen of screens()) {
      await show(page, screen);
      faults.push(...(await hedy.cutOff()).map((fault) => `${screen}: ${fault}`));
    }
    await show(page, `cases/${ids.open}`);
    await page.getByRole('button', { name: look.words.act.compensate }).click();
    await page.getByRole('dialog').waitFor();
    faults.push(...(await hedy.cutOff()).map((fault) => `dialog: ${fault}`));
    if (before !== null) await page.setViewportSize(before);
    await page.reload();
    expect(faults).toEqual([]);
  },
  testMs,
);
