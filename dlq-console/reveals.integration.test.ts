/** Whose case it is: told to whoever may know it, for a reason, and written down first. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../hub/store/database.ts';
import { openMessageCase } from '../hub/store/message-cases.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';

const userId = 'user-known-to-nobody';

let ops: ConsoleUnderTest;
let id: string;
beforeAll(async () => {
  ops = await consoleUnderTest();
  ops.twist({ on: /\/channels\/airmiles/, takesEffect: false, status: 503, body: () => ({}) });
  const deductions = [{ channel: 'airmiles', points: '5', memberRef: 'AM-4711-0042' }];
  await ops.hub.place({ orderId: 'o-1', userId, deductions });
  const [opened] = await ops.opened(1);
  id = opened?.id ?? '';
});
afterAll(() => ops.close());

const reveal = (body: object = { reason: 'he called, TICKET-4' }, of = id) =>
  ops.ask('POST', `/cases/${of}/reveal`, body);

async function deadMessage(): Promise<string> {
  const database = openDatabase({ url: ops.hub.database.url, applicationName: 'test', poolMax: 1 });
  try {
    await openMessageCase(database, {
      key: 'message-1',
      cause: 'unreadable_message',
      error: 'no JSON',
      fingerprint: 'v1 unreadable_message no JSON',
      evidence: {},
    });
  } finally {
    await database.close();
  }
  const { cases } = (await ops.ask('GET', '/cases?cause=unreadable_message')).body as {
    cases: readonly { id: string }[];
  };
  return cases[0]?.id ?? '';
}

test('an operator is told whose case it is, and the audit has who, which case and why, but not the user', async () => {
  const answer = await reveal();
  expect(answer).toMatchObject({
    status: 200,
    body: { mallId: 'shop', userId, memberRef: 'AM-4711-0042', hideAfterSeconds: 60 },
  });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const rows: unknown[] = await ops.hub.database
    .knex('hub.audit')
    .where({ action: 'case.reveal' })
    .orderBy('id');
  expect(rows.at(-1)).toMatchObject({
    actor: 'ada',
    subject: `case:${id}`,
    outcome: 'done',
    reason: 'he called, TICKET-4',
  });
  expect(JSON.stringify(rows)).not.toMatch(/user-known|4711-0042/);
});

test('nothing else that is answered about a case names its user', async () => {
  const replay = await ops.ask('POST', '/replays', { filter: { user: userId } });
  expect(replay.body).toMatchObject({ items: 1, chosen: { filter: { user: '•••' } } });
  const replayId = String(replay.body['id']);
  const compensation = await ops.act(id, 'compensations', {
    kind: 'mark_undone',
    reasonCode: 'X1',
    reason: 'r',
    evidence: 'e',
  });
  const answers = [
    replay,
    compensation,
    await ops.ask('GET', '/cases'),
    await ops.ask('POST', '/cases/search', { user: userId }),
    await ops.ask('GET', `/cases/${id}`),
    await ops.ask('GET', `/cases/${id}/timeline`),
    await ops.ask('GET', '/case-groups'),
    await ops.ask('GET', '/replays'),
    await ops.ask('GET', `/replays/${replayId}/items`),
    await ops.ask('POST', '/cases/export', { user: userId, format: 'jsonl' }),
    await ops.ask('POST', '/cases/export', { user: userId, format: 'csv' }),
    await ops.askAs('grace', ['admin'], 'GET', '/audit'),
    await ops.askAs('grace', ['admin'], 'GET', '/audit/export?format=jsonl'),
  ];
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(/user-known|4711-0042/);
  }
  expect((await ops.ask('GET', `/cases/${id}`)).body).toMatchObject({ user: '•••' });
});

describe('nobody is revealed', () => {
  test.each([
    ['without a reason', {}, 422, 'HUB_REQUEST_INVALID'],
    ['for an empty one', { reason: ' ' }, 422, 'HUB_REQUEST_INVALID'],
    ['for too long a one', { reason: 'x'.repeat(4_001) }, 422, 'HUB_REQUEST_INVALID'],
  ])('%s', async (_, body, status, code) => {
    expect(await reveal(body)).toMatchObject({ status, body: { code } });
    expect((await ops.audit()).at(-1)).toMatchObject({ action: 'case.reveal', outcome: 'refused', code });
  });

  test('of a case that there is not, or that is about nobody', async () => {
    expect(await reveal(undefined, '987654')).toMatchObject({
      status: 404,
      body: { code: 'HUB_CASE_UNKNOWN' },
    });
    const dead = await deadMessage();
    expect((await ops.ask('GET', `/cases/${dead}`)).body).toMatchObject({ user: null });
    expect(await reveal(undefined, dead)).toMatchObject({
      status: 422,
      body: { code: 'HUB_OPERATION_REFUSED' },
    });
  });

  test('to a viewer, to an admin, or to a token without that scope', async () => {
    for (const [name, role] of [
      ['vera', 'viewer'],
      ['grace', 'admin'],
    ] as const) {
      const answer = await ops.askAs(name, [role], 'POST', `/cases/${id}/reveal`, { reason: 'r' });
      expect(answer).toMatchObject({ status: 403, body: { code: 'HUB_FORBIDDEN' } });
      expect((await ops.audit()).at(-1)).toMatchObject({
        actor: name,
        action: 'case.reveal',
        outcome: 'refused',
      });
    }
    const made = await ops.ask('POST', '/tokens', { name: 't', scopes: ['cases.read'], days: 1 });
    const authorization = `Bearer ${String(made.body['token'])}`;
    const answer = await ops.line.send('POST', `/cases/${id}/reveal`, { reason: 'r' }, { authorization });
    expect(answer).toMatchObject({ status: 403, body: { code: 'HUB_SCOPE_TOO_SMALL' } });
  });
});

test('sixty an hour are revealed to one person, however many he asks for at once', async () => {
  const cleo = await ops.person('cleo', ['operator']);
  const ask = () => cleo.ask('POST', `/cases/${id}/reveal`, { reason: 'all of them' });
  const answers = [];
  for (let round = 0; round < 8; round += 1) {
    answers.push(...(await Promise.all(Array.from({ length: 8 }, ask))));
  }
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
  expect(refused).toHaveLength(4);
  for (const { body, headers } of refused) {
    expect(body['code']).toBe('HUB_REVEALS_TOO_MANY');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_000);
  }
  const rows = (await ops.audit()).filter(
    ({ actor, action }) => actor === 'cleo' && action === 'case.reveal',
  );
  expect(rows.filter(({ outcome }) => outcome === 'done')).toHaveLength(60);
  expect(rows.filter(({ outcome }) => outcome === 'refused')).toHaveLength(4);
  expect((await reveal()).status).toBe(200);
}, 60_000);
