/** Replays, compensations and what happens when two people work on one case, in real browsers. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { confirm, openStage, testMs, type Stage } from '../testing/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, testMs);
afterAll(() => stage.close(), testMs);

test(
  'a replay goes from its preview over a pause to its end, and each item tells what became of it',
  async () => {
    await stage.openCases('r', 4);
    stage.ops.twist();
    const { page } = await stage.welcomed('grace', ['operator']);
    await page.getByRole('link', { name: 'Groups' }).click();
    await page.getByRole('button', { name: 'Preview replay' }).first().click();
    await page.getByRole('heading', { name: /^Bulk replay \d+$/ }).waitFor();
    await page.getByText('Previewed', { exact: true }).waitFor();
    expect(await stage.openCount()).toBe(4);

    await page.getByRole('button', { name: 'Start replay' }).click();
    await confirm(page, 'Start replay', {
      Reason: 'the channel is back',
      'Cases per second': '1',
      Canary: '1',
    });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused because:').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Done', { exact: true }).waitFor();
    expect(await page.getByText('Succeeded', { exact: true }).count()).toBeGreaterThanOrEqual(4);
    expect(await stage.openCount()).toBe(0);
  },
  testMs,
);

test(
  'one asks for a compensation and may not approve it; another one signs what he reads',
  async () => {
    await stage.openCases('c', 1);
    const id = await stage.caseOf('c-1');
    const { page } = await stage.welcomed('joan', ['operator', 'approver']);
    await page.goto(`/#/cases/${id}`);
    await page.getByRole('button', { name: 'Request compensation' }).click();
    await confirm(page, 'Request compensation', {
      Reason: 'the statement shows it',
      Evidence: 'statement of 1 May, line 7',
    });
    await page.getByRole('heading', { name: /^Compensation \d+$/ }).waitFor();
    await page.getByText('You asked for this yourself').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);

    const other = await stage.welcomed('rosa', ['approver']);
    await other.page.goto(page.url());
    await other.page.getByRole('button', { name: 'Approve' }).click();
    await other.page.getByRole('dialog').getByText('statement of 1 May, line 7').waitFor();
    expect(await other.faults()).toEqual([]);
    await confirm(other.page, 'Approve', { 'Your password, to prove that it is you': 'not this one' });
    await other.page.getByText('Name or password is wrong').waitFor();
    await confirm(other.page, 'Approve', {
      'Your password, to prove that it is you': stage.passwordOf('rosa'),
    });
    await other.page.getByText('Approved', { exact: true }).waitFor();
    await page.getByText('Approved', { exact: true }).waitFor();
    const { state } = await stage.ops.read(id);
    expect(state).toBe('resolved');
  },
  testMs,
);

test(
  'a case is ignored with a reason and restored; of two people who act on one version one is told to look again',
  async () => {
    await stage.openCases('i', 1);
    const id = await stage.caseOf('i-1');
    const { page } = await stage.welcomed('ivy', ['operator']);
    await page.goto(`/#/cases/${id}`);
    // Looks no more by itself: it stays behind what the other one does.
    await page.getByRole('switch', { name: 'Refresh by itself' }).click();
    await page.getByRole('button', { name: 'Ignore' }).waitFor();

    const other = await stage.welcomed('tess', ['operator']);
    await other.page.goto(`/#/cases/${id}`);
    await other.page.getByRole('button', { name: 'Ignore' }).click();
    await confirm(other.page, 'Ignore', { Reason: 'known trouble' });
    await other.page.getByRole('button', { name: 'Restore' }).waitFor();

    await page.getByRole('button', { name: 'Claim' }).click();
    await page.getByRole('alert').getByText('HUB_CASE_CHANGED').waitFor();
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('button', { name: 'Restore' }).waitFor({ state: 'detached' });
    expect((await stage.ops.read(id)).state).toBe('open');
  },
  testMs,
);

test(
  'a session that is over asks for the password where the person was, and shows no more of what was seen',
  async () => {
    const { page } = await stage.welcomed('una', ['operator']);
    await page.goto('/#/cases?channel=airmiles');
    await page.getByRole('heading', { name: 'Cases' }).waitFor();
    await stage.ops.hub.database.knex('hub.sessions').update({ expires_at: new Date(0) });
    await page.getByText('Your session is over').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    await page.getByLabel('Name').fill('una');
    await page.getByLabel('Password', { exact: true }).fill(stage.passwordOf('una'));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Cases' }).waitFor();
    expect(page.url()).toContain('channel=airmiles');
  },
  testMs,
);

test('no page threw and nothing broke its policy', () => {
  for (const { failures, violations } of stage.visitors) {
    expect(failures).toEqual([]);
    expect(violations).toEqual([]);
  }
});
