/** The console dies in the middle of a replay, and is started again: the open page recovers by itself. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { confirm, openStage, testMs, type Stage } from '../testing/stage.ts';

const cases = 15;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('apart');
}, testMs);
afterAll(() => stage.close(), testMs);

test(
  'after a SIGKILL in the middle of a replay the page says so, keeps what it showed, and sees the replay to its end',
  async () => {
    const { ops } = stage;
    await stage.openCases('r', cases);
    ops.twist();
    const { page, failures } = await stage.welcomed('grace', ['operator']);
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'Preview replay' }).first().click();
    await page.getByRole('button', { name: 'Start replay' }).click();
    await confirm(page, 'Start replay', {
      Reason: 'the channel is back',
      'Cases per second': '1',
      Canary: '1',
    });
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const address = page.url();

    await ops.apart?.kill();
    expect(await standing()).toMatchObject({ state: 'running' });
    await page.getByText('The server cannot be reached').first().waitFor();
    expect(await page.getByRole('heading', { name: /^Bulk replay \d+$/ }).count()).toBe(1);
    expect(await page.getByText('Done', { exact: true }).count()).toBe(0);
    // What is pressed now is answered with the truth: that nobody knows.
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Nothing is known to have been done').first().waitFor();
    expect(await standing()).toMatchObject({ state: 'running' });

    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
    await ops.apart?.start();
    await page.getByText('Done', { exact: true }).waitFor({ timeout: testMs });
    await page.getByText('The server cannot be reached').first().waitFor({ state: 'detached' });
    expect(page.url()).toBe(address);
    expect(await page.getByText('Succeeded', { exact: true }).count()).toBeGreaterThanOrEqual(cases);
    expect(await standing()).toMatchObject({ state: 'done', succeeded: cases, failed: 0 });
    expect(await retriesPerCase()).toEqual(Array.from({ length: cases }, () => 1));
    expect(ops.inEffect('airmiles')).toEqual([`${cases * 1.5}`, `${cases * 1.5}`]);
    expect(failures).toEqual([]);
  },
  testMs,
);

async function standing(): Promise<unknown> {
  return stage.ops.hub.database.knex('hub.replays').first('state', 'succeeded', 'failed');
}

async function retriesPerCase(): Promise<readonly number[]> {
  const { rows } = await stage.ops.hub.database.knex.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from hub.case_operations where kind = 'retry' group by case_id`,
  );
  return rows.map(({ count }) => count);
}
