/** What people do about cases and the audit of it: both or neither. */
import { afterEach, expect, test } from '@jest/globals';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

let ops: ConsoleUnderTest;
afterEach(() => ops.close());

const broken = { status: 503, body: () => ({ code: 'DOWN' }) };
const down = { on: /POST \/channels\/airmiles/, takesEffect: false, ...broken };
const mute = { on: /GET \/channels\/airmiles/, takesEffect: false, ...broken };

async function oneCase(): Promise<string> {
  ops = await consoleUnderTest();
  ops.twist(down, mute);
  await ops.hub.place({
    orderId: 'o-1',
    userId: 'ada',
    deductions: [{ channel: 'airmiles', points: '12.5' }],
  });
  const [opened] = await ops.opened(1);
  return opened?.id ?? '';
}

test('each operation has its row, with its reason, and a look-up has two: that it began, and what it came to', async () => {
  const id = await oneCase();
  await ops.act(id, 'claim', { reason: 'mine' });
  await ops.ask('POST', `/cases/${id}/notes`, { text: 'a note' });
  await ops.act(id, 'query');
  await ops.act(id, 'ignore', { reason: 'known' });
  await ops.act(id, 'restore');
  const truth = { tookEffect: false };
  ops.twist();
  await ops.act(id, 'resolve', { reason: 'REF-1', evidence: 'statement, line 7', truth });
  const rows = await ops.hub.database
    .knex('hub.audit')
    .where({ subject: `case:${id}` })
    .orderBy('id');
  expect(rows).toMatchObject([
    { action: 'case.claim', outcome: 'done', actor: 'ada', via: 'web', reason: 'mine', address: '127.0.0.1' },
    { action: 'case.note', outcome: 'done' },
    { action: 'case.query', outcome: 'begun' },
    { action: 'case.query', outcome: 'done', details: { outcome: 'unknown: server_error' } },
    { action: 'case.ignore', outcome: 'done', reason: 'known' },
    { action: 'case.restore', outcome: 'done' },
    { action: 'case.resolve', outcome: 'refused', code: 'HUB_SECOND_PERSON_NEEDED' },
  ]);
});

test('an operation whose row cannot be written has no effect', async () => {
  const id = await oneCase();
  const before = await ops.read(id);
  const { knex } = ops.hub.database;
  await knex.raw(
    `alter table hub.audit add constraint full_disk check (action !~ '^(case|compensation|replay)') not valid`,
  );
  ops.twist();
  for (const [name, body] of [
    ['claim', {}],
    ['retry', {}],
    ['ignore', { reason: 'r' }],
  ] as const) {
    expect(await ops.act(id, name, body)).toMatchObject({ status: 500 });
  }
  expect(await ops.ask('POST', `/cases/${id}/notes`, { text: 'x' })).toMatchObject({ status: 500 });
  const marked = { kind: 'mark_undone' } as const;
  expect(await ops.compensate(id, marked)).toMatchObject({ status: 500 });
  expect(await ops.ask('POST', '/replays', { filter: {} })).toMatchObject({ status: 500 });
  expect([await knex('hub.compensations'), await knex('hub.replays')]).toEqual([[], []]);
  expect(await ops.read(id)).toEqual(before);
  expect(ops.inEffect('airmiles')[0] ?? '0').toBe('0');
  await knex.raw('alter table hub.audit drop constraint full_disk');
  expect((await ops.compensate(id, marked)).status).toBe(200);
  expect(await ops.hub.ended('o-1')).toBe('settled');
});

test('a viewer sees a case and changes nothing about it', async () => {
  const id = await oneCase();
  const viewer = await ops.person('vera', ['viewer']);
  const before = await ops.read(id);
  expect((await viewer.ask('GET', `/cases/${id}`)).status).toBe(200);
  const ifMatch = { 'if-match': `"${before.version}"` };
  for (const name of ['claim', 'query', 'retry', 'resolve', 'ignore', 'restore']) {
    const answer = await viewer.ask('POST', `/cases/${id}/${name}`, {}, ifMatch);
    expect(answer).toMatchObject({ status: 403, body: { code: 'HUB_FORBIDDEN' } });
    const [row] = (await ops.audit()).slice(-1);
    expect(row).toMatchObject({
      actor: 'vera',
      action: `case.${name}`,
      subject: `case:${id}`,
      outcome: 'refused',
    });
  }
  expect(await ops.read(id)).toEqual(before);
});
