/** Messages to people about groups of cases, over real sockets to services that check them as the real ones do. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@points-hub/dev/testing';
import { readTargets } from '../hub/operations/notification/targets.ts';
import { openConsole } from './api.ts';
import { chatServices, environmentOf, secrets, tokens, type ChatServices } from './testing/chat-services.ts';
import { consoleUnderTest, type ConsoleUnderTest } from './testing/console-under-test.ts';
import type { Person } from './testing/person.ts';

const lost = { status: 200, body: () => ({ code: '[hostile](https://evil.example)@all' }) };
const never = { on: /POST \/channels\/airmiles/, takesEffect: false, ...lost };
const mute = { on: /GET \/channels\/airmiles/, takesEffect: false, ...lost };
const patienceMs = 30_000;

let services: ChatServices;
let ops: ConsoleUnderTest;
let root: Person;
beforeEach(async () => {
  services = await chatServices();
  const targets = readTargets(environmentOf(services));
  ops = await consoleUnderTest('in-process', undefined, 'inside', targets);
  root = await ops.person('root', ['admin']);
});
afterEach(async () => {
  await ops.close();
  await services.close();
});

const rule = { target: 'wecom', language: 'en', channels: ['airmiles'] };

async function addRule(more: object = {}): Promise<string> {
  const { status, body } = await root.ask('POST', '/notification-rules', { ...rule, ...more });
  expect(status).toBe(200);
  return (body as { rules: readonly { id: string }[] }).rules.at(-1)?.id ?? '';
}

let placed = 0;
async function openCases(count: number): Promise<void> {
  ops.twist(never, mute);
  const { knex } = ops.hub.database;
  const openCount = async (): Promise<number> => (await knex('hub.cases').where({ state: 'open' })).length;
  const before = await openCount();
  for (let number = 1; number <= count; number += 1) {
    placed += 1;
    const deductions = [{ channel: 'airmiles', points: '2.5' }];
    await ops.hub.place({ orderId: `secret-order-${placed}`, userId: `secret-user-${placed}`, deductions });
  }
  await eventually('they are open', async () => (await openCount()) === before + count, patienceMs);
}

async function taken(count: number): Promise<readonly ChatServices['taken'][number][]> {
  return eventually(
    `${count} messages are taken`,
    () => Promise.resolve(services.taken.length >= count && services.taken),
    patienceMs,
  );
}

async function messages(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { body } = await root.ask('GET', '/notifications');
  return body['messages'] as readonly Readonly<Record<string, unknown>>[];
}

/** What waits for its next try waits no longer. */
const hurry = () =>
  ops.hub.database
    .knex('hub.notifications')
    .whereNotNull('due_at')
    .update({ due_at: new Date(0) });

test.each(['feishu', 'ding', 'wecom', 'slack', 'mail'])(
  'the test button tells %s in its own form',
  async (name) => {
    for (const language of ['en', 'zh']) {
      const { status, body } = await root.ask('POST', `/notification-targets/${name}/test`, { language });
      expect([status, body]).toEqual([200, { type: 'sent' }]);
    }
    const [english, chinese] = services.taken;
    expect(english?.text).toContain('Points hub: This is a test');
    expect(english?.text).toContain('root pressed the test button');
    expect(english?.text).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#\/settings/);
    expect(chinese?.text).toContain('这是一条测试消息');
    const tested = (await ops.audit()).filter(({ action }) => action === 'notification.test');
    expect(tested).toMatchObject([
      { actor: 'root', subject: `target:${name}`, outcome: 'done' },
      { actor: 'root', subject: `target:${name}` },
    ]);
  },
);

test('a mail goes to everybody named, from the hub, and says that a program wrote it', async () => {
  await root.ask('POST', '/notification-targets/mail/test', { language: 'zh' });
  const [{ raw, to } = { raw: '', to: [] }] = services.taken.map(
    ({ body }) => body as { raw: string; to: string[] },
  );
  expect(to).toEqual(['oncall@example.com', 'lead@example.com']);
  expect(raw).toMatch(/^From: hub@example\.com$/m);
  expect(raw).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(raw).toMatch(/^Message-ID:\s+<points-hub-test-[^>]+@example\.com>$/m);
});

test('no answer, no row and no log of the audit holds an address or a secret, however wrong things go', async () => {
  const wrong = {
    ...environmentOf(services),
    HUB_NOTIFY_DING_SECRET: 'SECanother',
    HUB_NOTIFY_FEISHU_SECRET: '',
  };
  const second = await ops.hub.start(
    {
      roles: new Set(['console'] as const),
      console: { host: '127.0.0.1', port: 0, url: undefined, oidc: undefined, targets: readTargets(wrong) },
    },
    { openConsole },
  );
  const at = `${second.consoleUrl ?? ''}/ops/v1`;
  const cookie = [...root.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
  const headers = {
    cookie,
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    'x-csrf-token': root.csrfToken,
  };
  const troubles: string[] = [];
  for (const name of ['ding', 'feishu']) {
    const answer = await fetch(`${at}/notification-targets/${name}/test`, {
      method: 'POST',
      headers,
      body: '{"language":"en"}',
    });
    troubles.push(((await answer.json()) as { trouble: string }).trouble);
  }
  expect(troubles[0]).toContain('errcode 310000: sign not match');
  expect(troubles[1]).toContain('code 19021: sign match fail');
  services.instead((response) => void response.writeHead(500).end(`${tokens.wecom} ${services.url}`));
  const { body } = await root.ask('POST', '/notification-targets/wecom/test', { language: 'en' });
  expect(body).toEqual({ type: 'failed', trouble: 'HTTP 500' });
  services.instead(
    (response) => void response.end(JSON.stringify({ errcode: 1, errmsg: `bad ${tokens.wecom}` })),
  );
  const echoed = await root.ask('POST', '/notification-targets/wecom/test', { language: 'en' });
  expect(echoed.body).toEqual({ type: 'failed', trouble: 'errcode 1: bad •••' });
  const shown = await root.ask('GET', '/notifications');
  const audit = await ops.hub.database.knex('hub.audit');
  const all = JSON.stringify([troubles, shown.body, audit]);
  for (const secret of [...Object.values(secrets), ...Object.values(tokens)])
    expect(all).not.toContain(secret);
  expect(shown.body['targets']).toContainEqual({
    name: 'wecom',
    kind: 'wecom',
    host: new URL(services.url).host,
  });
});

test('a group is told once when it opens, with a way to its cases and nothing of users and orders, and no words of a remote but in that; more of it only later', async () => {
  await addRule();
  await openCases(2);
  const [first] = await taken(1);
  expect(first?.text).toContain('Points hub: Attempts used up · airmiles');
  expect(first?.text).toMatch(/[12] open cases/);
  const [{ fingerprint } = { fingerprint: '' }] = await ops.hub.database
    .knex<{ fingerprint: string }>('hub.cases')
    .select('fingerprint');
  const link = /\((http[^)]+)\)/.exec(first?.text ?? '')?.[1] ?? '';
  expect(new URLSearchParams(link.slice(link.indexOf('?'))).get('fingerprint')).toBe(fingerprint);
  expect(JSON.stringify(services.taken)).not.toMatch(/secret-user|secret-order|\[hostile|@all/);
  expect(first?.text.match(/\]\(/g)).toHaveLength(1);

  await openCases(1);
  const { knex } = ops.hub.database;
  const marked = await knex<{ told_at: Date }>('hub.notification_marks').first('told_at');
  await knex('hub.notification_marks').update({ told_at: new Date(Date.now() - 61 * 60_000) });
  const [, second] = await taken(2);
  expect(second?.text).toMatch(/3 open cases, [12] more than at the last message/);
  const remarked = await knex<{ told_at: Date }>('hub.notification_marks').first('told_at');
  expect(remarked?.told_at.getTime()).toBeGreaterThan(marked?.told_at.getTime() ?? Infinity);
  expect(await messages()).toHaveLength(2);
}, 60_000);

test('a rule for other causes, channels, more cases or more points tells nothing; one that is switched off neither', async () => {
  await addRule({ channels: ['bankplus'] });
  await addRule({ causes: ['crash_loop'] });
  await addRule({ casesMin: 3 });
  await addRule({ pointsMin: '5.0001' });
  await addRule({ isEnabled: false });
  const id = await addRule({ target: 'slack', pointsMin: '5', casesMin: 2 });
  await openCases(2);
  await taken(1);
  expect((await messages()).map(({ ruleId }) => ruleId)).toEqual([id]);
}, 60_000);

test('groups that are open when a rule is made are told in one message, the first five by name', async () => {
  await ops.hub.database.knex.raw(`
    insert into hub.cases (message_key, cause, suggestion, error, fingerprint, evidence)
    select 'm-' || n, 'unreadable_message', 'resolve', 'e', 'group ' || n, '{}' from generate_series(1, 8) as n`);
  await addRule({ channels: [], language: 'zh', target: 'feishu' });
  const [only] = await taken(1);
  expect(only?.text).toContain('积分中台: 8 组案件');
  expect(only?.text.match(/消息无法解析/g)).toHaveLength(5);
  expect(only?.text).toContain('另有 3 组');
  expect(await messages()).toHaveLength(1);
}, 60_000);

test('what is not taken is sent again until it is, and shows why it was not', async () => {
  services.instead((response) => void response.writeHead(503).end());
  services.instead((response) => void response.destroy());
  services.instead(
    (response) => void response.writeHead(302, { location: `${services.url}/elsewhere` }).end(),
  );
  await addRule();
  await openCases(1);
  for (const trouble of ['HTTP 503', 'UND_ERR_SOCKET', 'HTTP 302']) {
    await eventually(trouble, async () => (await messages())[0]?.['trouble'] === trouble, patienceMs);
    expect((await messages())[0]).toMatchObject({ sentAt: null });
    await hurry();
  }
  await taken(1);
  const [message] = await eventually('it is sent', async () => {
    const now = await messages();
    return now[0]?.['sentAt'] !== null && now;
  });
  expect(message).toMatchObject({ tries: 4, trouble: null, dueAt: null });
  expect(services.asked.filter((path) => path === '/elsewhere')).toEqual([]);
}, 90_000);

test('a message is given up after a day, and stands in the list as not sent', async () => {
  services.instead((response) => void response.writeHead(503).end());
  await addRule();
  await openCases(1);
  await eventually('it failed', async () => (await messages())[0]?.['tries'] === 1, patienceMs);
  services.instead((response) => void response.writeHead(503).end());
  const { knex } = ops.hub.database;
  await knex('hub.notifications').update({
    created_at: new Date(Date.now() - 86_400_000),
    due_at: new Date(0),
  });
  await eventually('it is given up', async () => (await messages())[0]?.['dueAt'] === null, patienceMs);
  expect((await messages())[0]).toMatchObject({ sentAt: null, tries: 2, trouble: 'HTTP 503' });
}, 60_000);

test('a process that dies between the sending and its record sends once more: none is lost', async () => {
  const { knex } = ops.hub.database;
  services.instead(async (response) => {
    await knex.raw(`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction' and query like '%hub.notifications%'`);
    response.end('{"errcode":0,"errmsg":"ok"}');
  });
  await addRule();
  await openCases(1);
  await taken(1);
  expect(services.asked).toHaveLength(2);
  await eventually('it is sent', async () => (await messages())[0]?.['sentAt'] !== null);
  expect(await messages()).toHaveLength(1);
}, 60_000);

test('of several consoles one sends each message', async () => {
  const targets = readTargets(environmentOf(services));
  for (let number = 1; number <= 2; number += 1) {
    await ops.hub.start(
      {
        roles: new Set(['console'] as const),
        console: { host: '127.0.0.1', port: 0, url: undefined, oidc: undefined, targets },
      },
      { openConsole },
    );
  }
  for (const target of ['wecom', 'slack', 'feishu', 'ding', 'mail']) await addRule({ target });
  await openCases(1);
  await taken(5);
  await eventually('all are sent', async () => (await messages()).every(({ sentAt }) => sentAt !== null));
  expect(services.taken.map(({ service }) => service).toSorted()).toEqual([
    'dingtalk',
    'email',
    'feishu',
    'slack',
    'wecom',
  ]);
  expect(await messages()).toHaveLength(5);
}, 60_000);

test('a message for a target that no console has waits and says so; with its rule it goes', async () => {
  const id = await addRule();
  const { knex } = ops.hub.database;
  await knex('hub.notification_rules').update({ target: 'gone' });
  await openCases(1);
  await eventually(
    'it says so',
    async () => (await messages())[0]?.['trouble'] === 'this console has no target gone',
    patienceMs,
  );
  const removed = await root.ask('POST', `/notification-rules/${id}/remove`);
  expect(removed.body).toMatchObject({ rules: [], messages: [] });
}, 60_000);

test('rules are changed whole and removed, each time in the audit', async () => {
  const id = await addRule({ pointsMin: '10.50' });
  const changed = await root.ask('POST', `/notification-rules/${id}`, {
    ...rule,
    target: 'slack',
    againMinutes: 0,
  });
  expect(changed.body['rules']).toMatchObject([
    {
      id,
      target: 'slack',
      pointsMin: null,
      againMinutes: 0,
      casesMin: 1,
      isEnabled: true,
      changedBy: 'root',
    },
  ]);
  await root.ask('POST', `/notification-rules/${id}/remove`);
  const deeds = (await ops.audit()).filter(({ action }) => action.startsWith('notification.'));
  expect(deeds.map(({ action, subject }) => `${action} ${subject}`)).toEqual(
    ['add', 'change', 'remove'].map((verb) => `notification.${verb} rule:${id}`),
  );
});

test('only an admin sees or changes them, and only what can be meant is taken', async () => {
  const id = await addRule();
  const asked = [
    [ops.ada, 'GET', '/notifications', undefined, 403, 'HUB_FORBIDDEN'],
    [ops.ada, 'POST', '/notification-rules', rule, 403, 'HUB_FORBIDDEN'],
    [ops.ada, 'POST', `/notification-rules/${id}/remove`, {}, 403, 'HUB_FORBIDDEN'],
    [ops.ada, 'POST', '/notification-targets/wecom/test', { language: 'en' }, 403, 'HUB_FORBIDDEN'],
    [root, 'POST', '/notification-rules', { ...rule, target: 'nobody' }, 422, 'HUB_TARGET_UNKNOWN'],
    [root, 'POST', '/notification-rules', { ...rule, channels: ['x'] }, 422, 'HUB_CHANNEL_UNKNOWN'],
    [root, 'POST', '/notification-rules', { ...rule, pointsMin: '-1' }, 422, 'HUB_POINTS_INVALID'],
    [root, 'POST', '/notification-rules', { ...rule, casesMin: 0 }, 422, 'HUB_REQUEST_INVALID'],
    [
      root,
      'POST',
      '/notification-rules',
      { ...rule, url: 'https://evil.example' },
      422,
      'HUB_REQUEST_INVALID',
    ],
    [root, 'POST', '/notification-rules/999', rule, 404, 'HUB_RULE_UNKNOWN'],
    [root, 'POST', '/notification-rules/x/remove', {}, 404, 'HUB_RULE_UNKNOWN'],
    [root, 'POST', '/notification-targets/nobody/test', { language: 'en' }, 422, 'HUB_TARGET_UNKNOWN'],
  ] as const;
  for (const [person, method, path, body, status, code] of asked) {
    const answer = await person.ask(method, path, body);
    expect([path, answer.status, answer.body['code']]).toEqual([path, status, code]);
  }
  expect(services.asked).toEqual([]);
});
