/** From a one-time link to a case that recovered, in a real browser. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStage, testMs, type Stage } from '../testing/stage.ts';
import type { Twist } from '../testing/twisting-line.ts';

const hostile = '<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>\u202e=1+1';
const answer = { status: 200, body: () => ({ code: hostile, id: 9_007_199_254_740_993n.toString() }) };
const lost: Twist = { on: /POST \/channels\/airmiles/, takesEffect: true, ...answer };
const mute: Twist = { on: /GET \/channels\/airmiles/, takesEffect: false, ...answer };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, testMs);
afterAll(() => stage.close(), testMs);

test(
  'a case in doubt is looked up first, then retried, and recovers; what remotes wrote is text',
  async () => {
    const { ops } = stage;
    ops.twist(lost, mute);
    await ops.hub.place({
      orderId: 'o-1',
      userId: 'eve',
      deductions: [{ channel: 'airmiles', points: '10' }],
    });
    const [opened] = await ops.opened(1);
    const { page } = await stage.welcomed('grace', ['operator']);
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('heading', { name: 'Groups' }).waitFor();
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByRole('link', { name: new RegExp(`^${opened?.id} `) }).click();
    await page.getByRole('heading', { name: `Case ${opened?.id}` }).waitFor();

    const retry = page.getByRole('button', { name: 'Retry' });
    expect(await retry.isDisabled()).toBe(true);
    await page.getByText('Query the channel first').first().waitFor();
    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.getByRole('dialog').getByLabel('Note').fill(hostile);
    await page.getByRole('dialog').getByRole('button', { name: 'Add a note' }).click();
    await page.getByText('<img src=x onerror=').first().waitFor();
    expect(await page.evaluate('globalThis.ran')).toBeUndefined();

    ops.twist();
    await page.getByRole('button', { name: 'Query channel' }).click();
    await page.getByText('Recovered').first().waitFor();
    expect(await ops.hub.ended('o-1')).toBe('settled');
  },
  testMs,
);

test(
  'no screen breaks the policy, throws, or fails WCAG 2.2 AA, light and dark, in both languages',
  async () => {
    const visitor = await stage.welcomed('hedy', ['operator', 'admin']);
    const { page } = visitor;
    const screens = [
      'overview',
      'groups',
      'cases?state=recovered',
      'cases/1',
      'replays',
      'compensations',
      'audit',
      'people',
      'settings',
    ];
    const faults: string[] = [];
    for (const press of ['', '中文', '深色']) {
      if (press === '中文') await page.getByText(press).first().click();
      else if (press !== '') await page.getByRole('button', { name: press }).click();
      for (const screen of screens) {
        await page.goto(`/#/${screen}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
        faults.push(...(await visitor.faults()).map((fault) => `${press} ${screen} ${fault}`));
      }
    }
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(faults).toEqual([]);
    for (const { violations, failures } of stage.visitors) {
      expect(failures).toEqual([]);
      expect(violations.filter((one) => one.startsWith('script'))).toEqual([]);
    }
  },
  testMs,
);
