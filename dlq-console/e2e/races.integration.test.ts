/** Two people, two browsers, one case: whoever comes second hears of it and sees what the first one did. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { confirm, holdRequests, openStage, testMs, type Stage } from '../testing/stage.ts';
import type { Visitor } from '../testing/browser.ts';

let stage: Stage;
let mei: Visitor;
let tess: Visitor;
beforeAll(async () => {
  stage = await openStage();
  mei = await stage.welcomed('mei', ['operator', 'approver']);
  tess = await stage.welcomed('tess', ['operator', 'approver']);
}, testMs);
afterAll(() => stage.close(), testMs);

/** Who presses first, and whose request arrives first. */
const orders = [
  ['the first to press', 'arrives first'],
  ['the first to press', 'arrives second'],
] as const;

/** Both before the same address, neither looking again by itself. */
async function bothAt(address: string): Promise<void> {
  for (const { page } of [mei, tess]) {
    await page.goto('/#/settings');
    await page.goto(`/#/${address}`);
    const live = page.getByRole('switch', { name: 'Refresh by itself' });
    if (await live.isChecked()) await live.click();
  }
}

test.each(orders)(
  'of two who ignore and claim one version, %s %s, and one of them is told',
  async (_, arrival) => {
    const isFirst = arrival === 'arrives first';
    const orderId = isFirst ? 'a' : 'b';
    await stage.openCases(orderId, 1);
    const id = await stage.caseOf(`${orderId}-1`);
    await bothAt(`cases/${id}`);
    await tess.page.getByRole('button', { name: 'Claim' }).waitFor();

    await mei.page.getByRole('button', { name: 'Ignore' }).click();
    const held = await holdRequests(mei.page, /\/ignore$/);
    await confirm(mei.page, 'Ignore', { Reason: 'known trouble' });
    await held.sent;
    if (isFirst) {
      held.letGo();
      await mei.page.getByRole('button', { name: 'Restore' }).waitFor();
    }
    await tess.page.getByRole('button', { name: 'Claim' }).click();
    if (isFirst) {
      await told(tess.page, 'HUB_CASE_CHANGED');
      await tess.page.getByRole('button', { name: 'Restore' }).waitFor();
    } else {
      await tess.page.getByRole('cell', { name: 'tess' }).waitFor();
      held.letGo();
      await told(mei.page, 'HUB_CASE_CHANGED');
      await mei.page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
      await mei.page.getByRole('cell', { name: 'tess' }).waitFor();
    }
    const { state } = await stage.ops.read(id);
    expect(state).toBe(isFirst ? 'ignored' : 'open');
    await mei.page.unroute(/\/ignore$/);
  },
  testMs,
);

test.each(orders)(
  'of two who retry one case, %s %s, and the channel is asked for one deduction',
  async (_, arrival) => {
    const isFirst = arrival === 'arrives first';
    const orderId = isFirst ? 'c' : 'd';
    await stage.openCases(orderId, 1);
    const id = await stage.caseOf(`${orderId}-1`);
    const before = Number(stage.ops.inEffect('airmiles')[0] ?? 0);
    await stage.ops.act(id, 'query');
    await stage.ops.until(id, 'open');
    await bothAt(`cases/${id}`);
    const [first, second] = [mei.page, tess.page].map((page) => page.getByRole('button', { name: 'Retry' }));
    await second?.waitFor();
    stage.ops.twist();

    const held = await holdRequests(mei.page, /\/retry$/);
    await first?.click();
    await held.sent;
    const [ahead, behind] = isFirst ? [mei.page, tess.page] : [tess.page, mei.page];
    if (isFirst) held.letGo();
    else await second?.click();
    await ahead.getByText('Accepted.').waitFor();
    await stage.ops.until(id, 'recovered');
    if (isFirst) await second?.click();
    else held.letGo();
    await told(behind, 'HUB_CASE_');
    await behind.getByText('Recovered').first().waitFor();
    expect(await stage.ops.hub.ended(`${orderId}-1`)).toBe('settled');
    expect(Number(stage.ops.inEffect('airmiles')[0])).toBe(before + 1.5);
    await mei.page.unroute(/\/retry$/);
  },
  testMs,
);

test(
  'of two who approve one compensation at the same moment one approves, and the other is told that it is decided',
  async () => {
    await stage.openCases('e', 1);
    const id = await stage.caseOf('e-1');
    const asked = await stage.ops.act(id, 'compensations', {
      kind: 'mark_done',
      reasonCode: 'BY_HAND',
      reason: 'statement of today',
      evidence: 'line 7 of the statement',
    });
    expect(asked.status).toBe(200);
    await bothAt(`compensations/${String(asked.body['id'])}`);
    const waiting = [];
    for (const [{ page }, name] of [
      [mei, 'mei'],
      [tess, 'tess'],
    ] as const) {
      await page.getByRole('button', { name: 'Approve' }).click();
      const held = await holdRequests(page, /\/approve$/);
      await confirm(page, 'Approve', {
        'Your password, to prove that it is you': stage.passwordOf(name),
      });
      await held.sent;
      waiting.push(held);
    }
    for (const held of waiting) held.letGo();
    for (const { page } of [mei, tess]) await page.getByText('Approved', { exact: true }).first().waitFor();
    // Whoever comes second is told where he signed; the other one's dialog is gone.
    const dialogs = await Promise.all([mei, tess].map(({ page }) => dialogAfterAnswer(page)));
    expect(dialogs.toSorted()).toEqual(['gone', 'told']);
    const approvals = await stage.ops.hub.database
      .knex('hub.audit')
      .where({ action: 'compensation.approve', outcome: 'done' });
    expect(approvals).toHaveLength(1);
  },
  testMs,
);

test('no page threw', () => {
  for (const { failures } of [mei, tess]) expect(failures).toEqual([]);
});

async function dialogAfterAnswer(page: Page): Promise<'gone' | 'told'> {
  const dialog = page.getByRole('dialog');
  return Promise.race([
    dialog.waitFor({ state: 'detached' }).then(() => 'gone' as const),
    dialog
      .getByText('HUB_COMPENSATION_DECIDED')
      .waitFor()
      .then(() => 'told' as const),
  ]);
}

async function told(page: Page, code: string): Promise<void> {
  await page.getByRole('alert').getByText(code).waitFor();
}
