/** Cases as a file: whole, page by page, and nothing in it that a spreadsheet runs. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCaseExports } from '../hub/operations/case-export.ts';
import { callerNamed } from '../hub/operations/testing/caller.ts';
import { messageNames } from '../hub/settlement/topology.ts';
import { caseStore } from '../hub/store/case-store.ts';
import type { CaseFilter } from '../hub/store/case-lists.ts';
import { openDatabase } from '../hub/store/database.ts';
import { loadCases } from '../hub/testing/many-cases.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

const count = 2_500;
const open = 'open' as const;

let ops: ConsoleUnderTest;
beforeAll(async () => {
  ops = await consoleUnderTest();
  await loadCases(ops.hub.database.knex, count);
}, 60_000);
afterAll(() => ops.close());

async function openCount(): Promise<number> {
  const [row] = await ops.hub.database.knex('hub.cases').where({ state: open }).count();
  return Number(row?.['count']);
}

function linesOf(text: unknown): readonly string[] {
  return String(text).trimEnd().split(/\r?\n/);
}

test('every case of the list is in it once, the newest first, and that it was taken is written down', async () => {
  const { body, headers } = await ops.ask('GET', '/cases/export?format=jsonl');
  expect(headers.get('content-type')).toBe('application/jsonl');
  const cases = linesOf(body['text']).map((line) => JSON.parse(line) as { id: string; firstSeenAt: string });
  expect(cases).toHaveLength(await openCount());
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  const times = cases.map(({ firstSeenAt }) => firstSeenAt);
  expect(times).toEqual(times.toSorted().toReversed());
  expect((await ops.audit()).at(-1)).toMatchObject({ actor: 'ada', action: 'case.export', outcome: 'done' });
});

test('a spreadsheet takes it for UTF-8 with one record per case, and runs nothing in it', async () => {
  const { knex } = ops.hub.database;
  const hostile = {
    error: '=HYPERLINK("http://evil.example","click")',
    channel: '@SUM(1+1)*cmd|calc',
    fingerprint: 'plain;=1+1;\r\n-2',
    claimed_by: '+1\'"点',
    claimed_at: new Date(),
  };
  await knex('hub.cases').where({ id: 1 }).update(hostile);
  await knex('hub.cases').where({ id: 2 }).update({ error: '\t=1', fingerprint: '\u{ff1d}1' });
  const { body, headers } = await ops.ask('GET', '/cases/export?format=csv&orderId=order-10000001');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('content-disposition')).toBe('attachment; filename="points-hub-cases.csv"');
  const text = String(body['text']);
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"",""click"")"`);
  expect(text).toContain(`"'@SUM(1+1)*cmd|calc"`);
  expect(text).toContain(`"plain;'=1+1;\r\n'-2"`);
  expect(text).toContain(`"'+1'""点"`);
  const other = await ops.ask('GET', '/cases/export?format=csv&orderId=order-10000002');
  expect(other.body['text']).toContain(`"'\t'=1"`);
  expect(other.body['text']).toContain(`"'\u{ff1d}1"`);

  const raw = await fetch(`${ops.line.url}/cases/export?format=csv`, {
    headers: { cookie: [...ops.ada.cookies].map((pair) => pair.join('=')).join('; ') },
  });
  const octets = Buffer.from(await raw.arrayBuffer());
  expect(octets.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const [head, ...records] = octets.subarray(3).toString('utf8').split('"\r\n"');
  expect(head).toMatch(/^"id","state","cause",/);
  expect(records).toHaveLength(await openCount());
});

describe('is refused', () => {
  test.each([
    ['without a format', '/cases/export'],
    ['for a format that there is not', '/cases/export?format=xlsx'],
    ['for a user, whom no URL names', '/cases/export?format=csv&user=user-7'],
    ['for all states at once', '/cases/export?format=csv&state=any'],
    ['for a page', '/cases/export?format=csv&limit=5'],
  ])('%s', async (_, path) => {
    expect(await ops.ask('GET', path)).toMatchObject({ status: 422, body: { code: 'HUB_REQUEST_INVALID' } });
    expect((await ops.audit()).at(-1)).toMatchObject({ action: 'case.export', outcome: 'refused' });
  });

  test('for more cases than a spreadsheet has lines, with nothing taken', async () => {
    const database = openDatabase({ url: ops.hub.database.url, applicationName: 'test', poolMax: 2 });
    try {
      const cases = caseStore(database, messageNames());
      const exports = openCaseExports({ database, cases }, (await openCount()) - 1);
      const before = (await ops.audit()).length;
      const caller = callerNamed('ada', ops.ada.operatorId);
      await expect(exports.export(caller, 'csv', { state: open } as CaseFilter)).rejects.toThrow(/cases fit/);
      expect(await ops.audit()).toHaveLength(before);
    } finally {
      await database.close();
    }
  });
});

test('by user it has his cases, and the audit does not say who he is', async () => {
  const asked = { user: 'user-7', state: 'any', format: 'jsonl' };
  const { body } = await ops.ask('POST', '/cases/export', asked);
  expect(linesOf(body['text'])).toHaveLength(10);
  const rows: unknown[] = await ops.hub.database.knex('hub.audit').where({ action: 'case.export' });
  expect(rows.at(-1)).toMatchObject({ details: { format: 'jsonl', filter: { user: '•••' } } });
});
