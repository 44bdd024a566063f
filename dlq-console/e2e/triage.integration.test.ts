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
  'where the look-up tells nothing either, a retry under the same key is free to go, and settles it',
  async () => {
    const { ops } = stage;
    await stage.openCases('n', 1);
    const id = await stage.caseOf('n-1');
    const { page } = await stage.welcomed('hedy', ['operator']);
    await page.goto(`/#/cases/${id}`);
    const retry = page.getByRole('button', { name: 'Retry' });
    await retry.waitFor();
    expect(await retry.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Query channel' }).click();
    await page.getByText('Looked up at the channel on').waitFor();
    expect((await ops.read(id)).state).toBe('open');
    ops.twist();
    await retry.click();
    await page.getByText('Recovered').first().waitFor();
    expect(await ops.hub.ended('n-1')).toBe('settled');
  },
  testMs,
);

test(
  'the first screen came with less than 400 kB of scripts, compressed on the way, and without the other screens',
  async () => {
    const { page } = await stage.visit();
    await page.goto('/');
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    const scripts = await page.evaluate<
      readonly { name: string; encodedBodySize: number; decodedBodySize: number }[]
    >(
      `performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).map((one) => one.toJSON())`,
    );
    expect(scripts.length).toBeGreaterThan(0);
    const sum = (sizes: readonly number[]): number => sizes.reduce((all, one) => all + one, 0);
    expect(sum(scripts.map(({ encodedBodySize }) => encodedBodySize))).toBeLessThan(400_000);
    for (const { encodedBodySize, decodedBodySize } of scripts)
      expect(encodedBodySize).toBeLessThan(decodedBodySize);
    expect(scripts.filter(({ name }) => /people|audit|replay/.test(name))).toEqual([]);
  },
  testMs,
);

test('no page threw and nothing broke its policy', () => {
  for (const { failures, violations } of stage.visitors) {
    expect(failures).toEqual([]);
    expect(violations).toEqual([]);
  }
});
